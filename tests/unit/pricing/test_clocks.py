"""Whose clock judges a weighing, and how far a clock is off."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import ClockReading
from pricing.clocks import JudgedBy, drift_of, is_beyond, judged_at, measured
from pricing.policy import Clock, read_rules_policy
from steelyard.resources import policy_directory
from tests.factories import NOW

POLICY = Clock(drift_limit_s=120, measured_over_s=900)
seconds = st.integers(-100_000, 100_000).map(lambda s: timedelta(seconds=s))


def after(seconds: int) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("ahead_s", "is_synced", "drift_s", "by"),
    [
        (0, True, None, JudgedBy.DEVICE),
        (-86_400, True, 0, JudgedBy.DEVICE),
        (120, True, 120, JudgedBy.DEVICE),
        (121, True, None, JudgedBy.SERVER),
        (0, False, None, JudgedBy.SERVER),
        (0, False, 0, JudgedBy.SERVER),
        (-5, True, 121, JudgedBy.SERVER),
        (-5, True, -121, JudgedBy.SERVER),
    ],
    ids=[
        "kept",
        "a day in the outbox",
        "at the limit",
        "from our future",
        "not kept",
        "not kept, though it fits",
        "measured ahead",
        "measured behind",
    ],
)
def test_a_clock_is_believed_or_the_arrival_counts(
    ahead_s: int, is_synced: bool, drift_s: int | None, by: JudgedBy
) -> None:
    weighed_at = NOW + after(ahead_s)
    judged = judged_at(
        weighed_at=weighed_at,
        received_at=NOW,
        clock_synced=is_synced,
        drift=None if drift_s is None else after(drift_s),
        policy=POLICY,
    )
    assert judged.by is by
    assert judged.at == (weighed_at if by is JudgedBy.DEVICE else NOW)


def messages(*spans: tuple[int, int]) -> ClockReading:
    """What (received after so many seconds, ahead by so many) come to, one by one."""
    reading = None
    for received_s, ahead_s in spans:
        reading = measured(reading, ahead_ms=ahead_s * 1000, at=NOW + after(received_s), policy=POLICY)
    assert reading is not None
    return reading


@pytest.mark.parametrize(
    ("spans", "drift_s"),
    [
        ([(0, 300)], 300),
        ([(0, 0)], 0),
        ([(0, -300)], None),
        ([(0, -300), (600, -320)], None),
        ([(0, -320), (600, -300), (901, -350)], -300),
        ([(0, -320), (600, -300), (901, -5)], -5),
        ([(0, -3600), (1, -3000), (2, -1), (901, -4000)], None),
        ([(0, -300), (600, -300), (2000, -300)], None),
        ([(0, 300), (600, 0), (901, 0)], 0),
        ([(0, -300), (600, -300), (901, -300), (1400, 1)], 1),
    ],
    ids=[
        "received before it was sent: ahead, at once",
        "under way no time at all",
        "one that was slow proves nothing",
        "nor do two, within one span",
        "a span without a quick one, and none since: behind",
        "a quick one since",
        "a backlog that came in two seconds is no span",
        "a span that ended long ago is none to go by",
        "set right: known once the span is over",
        "set right: known at once",
    ],
)
def test_what_messages_say_of_a_clock(spans: list[tuple[int, int]], drift_s: int | None) -> None:
    assert drift_of(messages(*spans)) == (None if drift_s is None else after(drift_s))


@given(
    drift_s=st.integers(-100_000, 100_000),
    under_way_s=st.lists(st.integers(0, 5_000), min_size=1),
    gaps_s=st.lists(st.integers(0, 1_200), min_size=30, max_size=30),
)
def test_a_clock_is_never_said_to_be_further_ahead_than_it_is(
    drift_s: int, under_way_s: list[int], gaps_s: list[int]
) -> None:
    """Nor is one that is right ever said to be ahead, however long its messages waited."""
    received_s = 0
    reading = None
    for gap_s, delay_s in zip(gaps_s, under_way_s, strict=False):
        received_s += gap_s
        at = NOW + after(received_s)
        reading = measured(reading, ahead_ms=(drift_s - delay_s) * 1000, at=at, policy=POLICY)
    drift = drift_of(reading)
    assert drift is None or drift <= after(drift_s)


@given(ahead=seconds, offset=seconds, is_synced=st.booleans())
def test_what_judges_is_the_devices_time_or_the_servers_and_never_far_in_our_future(
    ahead: timedelta, offset: timedelta, is_synced: bool
) -> None:
    judged = judged_at(weighed_at=NOW + ahead, received_at=NOW, clock_synced=is_synced, drift=offset, policy=POLICY)
    assert judged.at in (NOW, NOW + ahead)
    assert judged.at <= NOW + POLICY.drift_limit


def test_without_a_message_nothing_is_measured() -> None:
    assert drift_of(None) is None


@pytest.mark.parametrize(("drift_s", "expected"), [(120, False), (121, True), (-120, False), (-121, True)])
def test_the_limit_is_to_either_side(drift_s: int, expected: bool) -> None:
    assert is_beyond(after(drift_s), POLICY) is expected


def test_the_shipped_limit_is_two_minutes() -> None:
    assert read_rules_policy(policy_directory() / "rules.toml").clock.drift_limit == timedelta(seconds=120)
