"""When what waits is sent: examples at the boundaries, and properties over any course of events."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert import Severity
from domain.notice import QuietHours
from supervision.notices.timing import Decision, LastSent, Manner, Waiting, decide, quiet_until

NOON = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)  # noon in Sanya
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
AT_ONCE = Manner(
    first_after=timedelta(), window=4 * HOUR, urgent_gap=5 * MINUTE, timezone="Asia/Shanghai", breaks_through=True
)
NIGHT = QuietHours(time(21), time(5))


def waiting(number: int, severity: Severity = Severity.MEDIUM, at: datetime = NOON) -> Waiting:
    return Waiting(happening_id=number, at=at, severity=severity)


def test_the_first_is_sent_at_once_and_the_next_waits_for_the_window() -> None:
    assert decide([waiting(1)], AT_ONCE, None, NOON) == Decision(send=(1,))
    later = NOON + MINUTE
    assert decide([waiting(2, at=later)], AT_ONCE, LastSent(NOON), later) == Decision(look_at=NOON + 4 * HOUR)
    end = NOON + 4 * HOUR
    assert decide([waiting(2, at=later)], AT_ONCE, LastSent(NOON), end) == Decision(send=(2,))


def test_the_first_may_wait_for_more() -> None:
    manner = replace(AT_ONCE, first_after=10 * MINUTE)
    both = [waiting(1), waiting(2, at=NOON + 9 * MINUTE)]
    assert decide(both, manner, None, NOON + 9 * MINUTE) == Decision(look_at=NOON + 10 * MINUTE)
    assert set(decide(both, manner, None, NOON + 10 * MINUTE).send) == {1, 2}


def test_what_is_critical_waits_for_the_short_gap_only_and_takes_the_others_along() -> None:
    now = NOON + 2 * MINUTE
    both = [waiting(1, at=now), waiting(2, Severity.CRITICAL, now)]
    assert decide(both, AT_ONCE, LastSent(NOON), now) == Decision(look_at=NOON + 5 * MINUTE)
    assert decide(both, AT_ONCE, LastSent(NOON), NOON + 5 * MINUTE) == Decision(send=(2, 1))
    does_not = replace(AT_ONCE, breaks_through=False)
    assert decide(both, does_not, LastSent(NOON), NOON + 5 * MINUTE).look_at == NOON + 4 * HOUR


@pytest.mark.parametrize(
    ("clock", "is_quiet"),
    [((20, 59, 59), False), ((21, 0, 0), True), ((0, 0, 0), True), ((4, 59, 59), True), ((5, 0, 0), False)],
)
def test_quiet_hours_go_over_midnight_by_the_markets_clock(clock: tuple[int, int, int], is_quiet: bool) -> None:
    now = datetime(2026, 11, 27, *clock, tzinfo=ZoneInfo("Asia/Shanghai"))
    decision = decide([waiting(1, at=now)], replace(AT_ONCE, quiet=NIGHT), None, now)
    assert decision.send == (() if is_quiet else (1,))
    if is_quiet:
        assert decision.look_at is not None
        assert decision.look_at.astimezone(ZoneInfo("Asia/Shanghai")).time() == time(5)
        assert timedelta() < decision.look_at - now <= 8 * HOUR


def test_quiet_hours_within_a_day_end_that_day() -> None:
    manner = replace(AT_ONCE, quiet=QuietHours(time(11), time(14)))
    assert quiet_until(NOON, manner) == NOON + 2 * HOUR
    assert quiet_until(NOON - 2 * HOUR, manner) is None


def test_in_quiet_hours_only_what_is_critical_goes_out_and_the_rest_waits_for_their_end() -> None:
    now = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)  # 23:00
    manner = replace(AT_ONCE, quiet=NIGHT)
    both = [waiting(1, at=now), waiting(2, Severity.CRITICAL, now)]
    assert decide(both, manner, None, now) == Decision(send=(2,), look_at=now + 6 * HOUR)
    assert decide(both, replace(manner, breaks_through=False), None, now) == Decision(look_at=now + 6 * HOUR)


def test_on_a_page_a_letter_grows_until_it_is_read_or_the_window_is_over() -> None:
    manner = replace(AT_ONCE, grows=True)
    later = NOON + HOUR
    assert decide([waiting(2, at=later)], manner, LastSent(NOON, is_unread=True), later) == Decision(
        send=(2,), joins=True
    )
    assert not decide([waiting(2, at=later)], manner, LastSent(NOON, is_unread=False), later).send
    over = NOON + 4 * HOUR
    assert decide([waiting(2, at=later)], manner, LastSent(NOON, is_unread=True), over) == Decision(send=(2,))


def test_what_came_to_nothing_is_dropped() -> None:
    moot = replace(waiting(1), is_moot=True)
    assert decide([moot], AT_ONCE, None, NOON) == Decision(drop=(1,))
    assert decide([moot, waiting(2)], AT_ONCE, None, NOON) == Decision(drop=(1,), send=(2,))


def test_what_a_message_has_no_room_for_is_the_least_and_follows() -> None:
    manner = replace(AT_ONCE, most=2)
    three = [waiting(1), waiting(2, Severity.LOW), waiting(3, Severity.CRITICAL)]
    assert decide(three, manner, None, NOON) == Decision(send=(3, 1), look_at=NOON)


def test_where_an_hour_comes_twice_quiet_hours_still_end() -> None:
    manner = replace(AT_ONCE, timezone="Europe/Berlin", quiet=QuietHours(time(1), time(2, 30)))
    for minute in range(240):
        now = datetime(2026, 10, 24, 22, 0, tzinfo=UTC) + minute * MINUTE
        end = quiet_until(now, manner)
        assert end is None or now < end <= now + 4 * HOUR


EVENTS = st.lists(st.tuples(st.integers(0, 3 * 24 * 60), st.sampled_from(list(Severity))), min_size=1, max_size=60)
MANNERS = st.builds(
    Manner,
    first_after=st.integers(0, 60).map(lambda n: n * MINUTE),
    window=st.integers(0, 600).map(lambda n: n * MINUTE),
    urgent_gap=st.integers(0, 20).map(lambda n: n * MINUTE),
    timezone=st.sampled_from(["Asia/Shanghai", "UTC", "Europe/Berlin"]),
    quiet=st.none() | st.builds(QuietHours, st.times(), st.times()),
    breaks_through=st.booleans(),
    most=st.integers(1, 20),
)


def played(events: Sequence[tuple[int, Severity]], manner: Manner) -> list[tuple[datetime, tuple[Waiting, ...]]]:
    """Everything that is sent, when a clerk looks whenever something comes and whenever it was told to."""
    coming = [
        Waiting(happening_id=n, at=NOON + minute * MINUTE, severity=severity)
        for n, (minute, severity) in enumerate(sorted(events))
    ]
    box: dict[int, Waiting] = {}
    sent: list[tuple[datetime, tuple[Waiting, ...]]] = []
    now, look_at = NOON, None
    for _ in range(5000):
        moments = [one.at for one in coming] + ([] if look_at is None else [look_at])
        if not moments:
            break
        now = max(now, min(moments))
        box.update({one.happening_id: one for one in coming if one.at <= now})
        coming = [one for one in coming if one.at > now]
        last = LastSent(sent[-1][0]) if sent else None
        decision = decide(list(box.values()), manner, last, now)
        if decision.send:
            sent.append((now, tuple(box.pop(number) for number in decision.send)))
        look_at = decision.look_at
        assert (look_at is not None) == bool(box)
        assert decision.send or look_at is None or look_at > now
    else:
        raise AssertionError("it never ends")
    return sent


@given(EVENTS, MANNERS)
def test_everything_is_sent_once(events: list[tuple[int, Severity]], manner: Manner) -> None:
    told = Counter(one.happening_id for _, letter in played(events, manner) for one in letter)
    assert told == Counter(range(len(events)))


@given(EVENTS, MANNERS)
def test_messages_keep_their_distance(events: list[tuple[int, Severity]], manner: Manner) -> None:
    sent = played(events, manner)
    shortest = min(manner.window, manner.urgent_gap)
    for (earlier, _), (later, letter) in pairwise(sent):
        is_urgent = any(one.severity is Severity.CRITICAL for one in letter)
        assert later - earlier >= (shortest if is_urgent else manner.window)


@given(EVENTS, MANNERS)
def test_in_quiet_hours_nothing_is_sent_but_what_may_break_through(
    events: list[tuple[int, Severity]], manner: Manner
) -> None:
    for at, letter in played(events, manner):
        if quiet_until(at, manner) is not None:
            assert manner.breaks_through
            assert all(one.severity is Severity.CRITICAL for one in letter)


@given(EVENTS, MANNERS)
def test_nothing_waits_longer_than_it_must(events: list[tuple[int, Severity]], manner: Manner) -> None:
    """Without quiet hours, and with room for everything, nothing waits longer than for company and for the window."""
    manner = replace(manner, quiet=None, most=1000)
    for at, letter in played(events, manner):
        assert all(at - one.at <= max(manner.window, manner.first_after) for one in letter)
