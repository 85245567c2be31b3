"""Whose clock judges a weighing, and how far a clock is off."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.clocks import JudgedBy, Passage, drift_of, drift_told, is_beyond, judged_at
from pricing.policy import Clock, read_rules_policy
from steelyard.resources import policy_directory
from tests.factories import NOW

POLICY = Clock(drift_limit_s=120, measured_over_s=900)
seconds = st.integers(-100_000, 100_000).map(lambda s: timedelta(seconds=s))
delays = st.integers(0, 5_000).map(lambda s: timedelta(seconds=s))


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


@given(drift=seconds, under_way=st.lists(delays, min_size=1))
def test_the_message_that_was_under_way_the_shortest_tells_the_drift(
    drift: timedelta, under_way: list[timedelta]
) -> None:
    """The measured drift is never ahead of the true one, and short of it by the shortest delay."""
    passages = [Passage(NOW + drift, NOW + delay) for delay in under_way]
    assert drift_of(passages) == drift - min(under_way)


@given(ahead=seconds, offset=seconds, is_synced=st.booleans())
def test_what_judges_is_the_devices_time_or_the_servers_and_never_far_in_our_future(
    ahead: timedelta, offset: timedelta, is_synced: bool
) -> None:
    judged = judged_at(weighed_at=NOW + ahead, received_at=NOW, clock_synced=is_synced, drift=offset, policy=POLICY)
    assert judged.at in (NOW, NOW + ahead)
    assert judged.at <= NOW + POLICY.drift_limit


@pytest.mark.parametrize(
    ("offset_ms", "error_ms", "ahead_ms"),
    [(-125_000, 1_000, 124_000), (125_000, 1_000, -124_000), (-500, 2_000, 0), (0, 0, 0)],
)
def test_of_what_an_agent_tells_only_what_is_sure_counts(offset_ms: int, error_ms: int, ahead_ms: int) -> None:
    assert drift_told(offset_ms=offset_ms, error_ms=error_ms) == timedelta(milliseconds=ahead_ms)


def test_without_a_message_nothing_is_measured() -> None:
    assert drift_of([]) is None


@pytest.mark.parametrize(("drift_s", "expected"), [(120, False), (121, True), (-120, False), (-121, True)])
def test_the_limit_is_to_either_side(drift_s: int, expected: bool) -> None:
    assert is_beyond(after(drift_s), POLICY) is expected


def test_the_shipped_limit_is_two_minutes() -> None:
    assert read_rules_policy(policy_directory() / "rules.toml").clock.drift_limit == timedelta(seconds=120)
