"""Who is lost, whose session is whose to take up, and when one is empty."""

import pytest

from ingest.membership import FORGIVEN_AFTER_S, FORGOTTEN, GONE, HERE, Draining, Members, member_of, member_topic


def heard(*words: tuple[str, float]) -> Members:
    members = Members()
    for client_id, at in words:
        members.heard(client_id, HERE, at)
    return members


@pytest.mark.parametrize("client_id", ["ingest-shop-1", "a/b", "a+b", "#", "海秤"])
def test_any_name_has_a_topic_of_one_level(client_id: str) -> None:
    topic = member_topic(client_id)
    assert topic.count("/") == 2
    assert not set("+#") & set(topic)
    assert member_of(topic) == client_id


@pytest.mark.parametrize(("silent_s", "left"), [(2.5, []), (2.6, ["b"])], ids=["not yet", "too long"])
def test_who_is_silent_while_others_speak_is_lost(silent_s: float, left: list[str]) -> None:
    assert heard(("b", 10.0), ("a", 10.0 + silent_s)).left_to(["a"]) == left


def test_who_hears_nobody_holds_nobody_for_lost() -> None:
    assert heard(("a", 10.0), ("b", 10.1)).left_to(["a"]) == []


def test_after_deafness_everybody_has_time_to_speak() -> None:
    members = heard(("a", 10.0), ("b", 10.0))
    members.deaf_until(60.0)
    members.heard("a", HERE, 62.0)
    assert members.left_to(["a"]) == []
    members.heard("a", HERE, 63.0)
    assert members.left_to(["a"]) == ["b"]


def slow_once(members: Members, at: float, silent_s: float) -> bool:
    """Let b be silent while a speaks, then heard again in the same life; return whether it was held for lost."""
    members.heard("b", HERE + b" 1", at)
    members.heard("a", HERE + b" 2", at + silent_s)
    is_lost = members.left_to(["a"]) == ["b"]
    members.heard("b", HERE + b" 1", at + silent_s + 0.1)
    return is_lost


def test_who_was_only_slow_is_waited_for_twice_as_long_each_time_up_to_a_bound() -> None:
    members = Members()
    assert [slow_once(members, at, 2.6) for at in (0.0, 10.0)] == [True, False]
    assert [slow_once(members, at, silent_s) for at, silent_s in ((20.0, 5.1), (40.0, 9.9), (60.0, 10.1))] == [
        True,
        False,
        True,
    ]
    assert [slow_once(members, 80.0, 20.1), slow_once(members, 130.0, 39.9), slow_once(members, 180.0, 40.1)] == [
        True,
        False,
        True,
    ]
    assert slow_once(members, 250.0, 40.1)


def test_who_kept_time_for_a_while_is_waited_for_as_anybody() -> None:
    members = Members()
    assert slow_once(members, 0.0, 2.6)
    assert slow_once(members, FORGIVEN_AFTER_S + 3.0, 2.6)


def test_who_was_started_again_was_lost_and_is_waited_for_no_longer() -> None:
    members = heard(("b", 0.0), ("a", 2.6))
    assert members.left_to(["a"]) == ["b"]
    members.heard("b", HERE + b" another life", 5.0)
    members.heard("a", HERE, 7.6)
    assert members.left_to(["a"]) == ["b"]


def test_who_is_put_out_by_the_owner_says_nothing_about_how_slow_that_is() -> None:
    """The worker that takes a session up speaks under its name, in its own life; the owner was slow all the same."""
    members = Members()
    members.heard("b", HERE + b" 1", 0.0)
    members.heard("a", HERE + b" 2", 2.6)
    assert members.left_to(["a"]) == ["b"]
    members.heard("b", HERE + b" 2", 3.0)
    members.heard("b", HERE + b" 1", 4.0)
    members.heard("a", HERE + b" 2", 8.9)
    assert members.left_to(["a"]) == []


def test_who_says_goodbye_is_not_waited_for_and_may_come_back() -> None:
    members = heard(("a", 10.0), ("b", 10.0))
    members.heard("b", GONE, 10.1)
    assert members.left_to(["a"]) == ["b"]
    members.heard("b", HERE, 10.2)
    assert members.left_to(["a"]) == []


def test_a_session_that_was_ended_is_nobodys_any_more() -> None:
    members = heard(("a", 10.0), ("b", 10.0))
    members.heard("b", GONE, 10.1)
    members.heard("b", FORGOTTEN, 10.2)
    assert members.left_to(["a"]) == []


def test_each_lost_member_is_left_to_one_other_and_only_to_who_is_there() -> None:
    members = heard(("b", 1.0), ("d", 1.0), ("e", 1.0), ("a", 9.0), ("c", 9.0))
    assert members.left_to(["c"]) == ["b"]
    assert members.left_to(["a"]) == ["d", "e"]
    assert members.left_to(["b"]) == []
    assert members.left_to(["a", "c"]) == ["b", "d", "e"]


def test_all_gone_are_left_to_nobody() -> None:
    members = heard(("a", 1.0))
    members.heard("a", GONE, 2.0)
    assert members.left_to(["a"]) == []


def test_a_session_is_empty_when_two_answers_bring_nothing_new() -> None:
    draining = Draining()
    assert draining.asks(0.0)
    draining.came(3)
    draining.answered()
    assert not draining.asks(1.0)  # three are not safe yet
    draining.acknowledged(3)
    assert draining.asks(1.0)
    draining.came(1)
    draining.answered()
    draining.acknowledged(1)
    for at, is_over in ((2.0, False), (3.0, True)):
        assert draining.asks(at)
        assert not draining.asks(at)
        draining.answered()
        assert draining.is_over is is_over
    assert draining.taken == 4


def test_a_session_that_the_broker_does_not_know_is_empty() -> None:
    draining = Draining()
    draining.was_empty()
    assert draining.is_over
