"""What follows from an attempt to deliver."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.notice import LetterState
from supervision.notices.policy import Retry
from supervision.notices.retrying import Next, Outcome, after

NOW = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
RETRY = Retry(attempts=5, first_retry_s=10, longest_retry_s=60)
FAILED = Outcome(status=500, error="answered 500")


def test_what_was_taken_is_delivered_at_any_attempt() -> None:
    assert after(Outcome(status=204), 99, RETRY, NOW, 0.5) == Next(LetterState.DELIVERED)


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 10), (2, 20), (3, 40), (4, 60)])
def test_each_pause_is_twice_the_one_before_up_to_the_longest(attempt: int, seconds: int) -> None:
    became = after(FAILED, attempt, RETRY, NOW, 0.5)
    assert became.at is not None
    assert (became.at - NOW).total_seconds() == seconds


def test_after_the_last_attempt_it_is_given_up() -> None:
    assert after(FAILED, 5, RETRY, NOW, 0.5) == Next(LetterState.GIVEN_UP)
    assert after(Outcome(status=550, error="no such user", is_final=True), 1, RETRY, NOW, 0.5).state == "given_up"


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True), st.integers(1, 100_000), st.integers(1, 100_000))
def test_a_pause_is_always_positive_and_bounded(attempt: int, chance: float, first_s: int, more_s: int) -> None:
    retry = Retry(attempts=10_001, first_retry_s=first_s, longest_retry_s=first_s + more_s)
    became = after(FAILED, attempt, retry, NOW, chance)
    assert became.at is not None
    assert 0.79 * first_s <= (became.at - NOW).total_seconds() <= 1.21 * (first_s + more_s)
