"""Which broker is next, and when: decisions."""

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.link import broker_choice
from edge_agent.link.broker_choice import Choice, ChoiceRules

RULES = ChoiceRules()


def after_failures(count: int, brokers: int) -> list[tuple[int, float]]:
    """The broker tried after each failure, and the wait before."""
    choice, now, seen = Choice(), 0.0, []
    for _ in range(count):
        choice = broker_choice.after_failure(RULES, choice, brokers, now, chance=0)
        seen.append((choice.index, choice.next_try_at - now))
        now = choice.next_try_at
    return seen


def test_brokers_are_tried_in_order_and_back_off_grows_with_each_round() -> None:
    assert after_failures(6, brokers=3) == [(1, 0.5), (2, 0.5), (0, 0.5), (1, 1.0), (2, 1.0), (0, 1.0)]
    assert after_failures(9, brokers=1)[-3:] == [(0, 30.0)] * 3


def test_a_broker_that_drops_us_again_and_again_is_not_stormed() -> None:
    choice, now = Choice(), 0.0
    for _ in range(10):
        choice = broker_choice.after_connecting(RULES, choice, now, 0)
        choice = broker_choice.after_failure(RULES, choice, 1, now + 1, 0)
        now = choice.next_try_at
    assert choice.failures == 10
    steady = broker_choice.after_connecting(RULES, choice, now, 0)
    lost = broker_choice.after_failure(RULES, steady, 1, now + RULES.steady_s, 0)
    assert (lost.failures, lost.next_try_at) == (1, now + RULES.steady_s + 0.5)


def test_on_a_stand_in_the_preferred_broker_is_looked_for_less_and_less_often() -> None:
    choice = broker_choice.after_connecting(RULES, Choice(index=1), 0.0, 0)
    waits, now = [], 0.0
    for _ in range(6):
        assert choice.return_at is not None
        waits.append(choice.return_at - now)
        now = choice.return_at
        choice = broker_choice.after_lookout(RULES, choice, is_there=False, now=now, chance=0)
    assert waits == [300, 600, 1200, 2400, 3600, 3600]
    found = broker_choice.after_lookout(RULES, choice, is_there=True, now=now, chance=0)
    assert (found.index, found.next_try_at, found.return_at) == (0, now, None)


def test_a_preferred_broker_that_can_be_reached_but_refuses_us_does_not_keep_us_moving() -> None:
    """It is looked for again after twice the time, until a connection to it succeeds."""
    choice = broker_choice.after_connecting(RULES, Choice(index=1), 0.0, 0)
    choice = broker_choice.after_lookout(RULES, choice, is_there=True, now=300.0, chance=0)
    choice = broker_choice.after_failure(RULES, choice, 2, 300.0, 0)
    choice = broker_choice.after_connecting(RULES, choice, 301.0, 0)
    assert choice.return_at == 301.0 + 600
    assert broker_choice.after_connecting(RULES, Choice(lookouts=9), 0.0, 0).lookouts == 0


@given(
    st.lists(st.sampled_from(["fail", "connect", "found", "not found"])),
    st.integers(1, 4),
    st.floats(0, 1, exclude_max=True),
)
def test_a_broker_is_always_one_of_the_list_and_no_try_is_immediate(
    steps: list[str], brokers: int, chance: float
) -> None:
    choice, now = Choice(), 0.0
    for step in steps:
        now += 1
        if step == "fail":
            choice = broker_choice.after_failure(RULES, choice, brokers, now, chance)
            assert now + RULES.first_s <= choice.next_try_at <= now + RULES.ceiling_s * 1.25
        elif step == "connect":
            choice = broker_choice.after_connecting(RULES, choice, now, chance)
        elif choice.return_at is not None:
            choice = broker_choice.after_lookout(RULES, choice, is_there=step == "found", now=now, chance=chance)
        assert 0 <= choice.index < brokers
        assert choice.return_at is None or choice.index > 0
