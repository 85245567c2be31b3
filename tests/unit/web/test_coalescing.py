"""A change is told at once when it was quiet, and a storm of them at a bounded rate."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.coalescing import due_at

INTERVAL_S = 0.25


@pytest.mark.parametrize(
    ("last_told", "changed_at", "expected"),
    [(None, 10.0, 10.0), (5.0, 10.0, 10.0), (9.75, 10.0, 10.0), (9.9, 10.0, 10.15), (10.0, 10.0, 10.25)],
    ids=["never told", "long quiet", "just quiet enough", "told a moment ago", "told this instant"],
)
def test_a_change_waits_only_for_the_interval(last_told: float | None, changed_at: float, expected: float) -> None:
    assert due_at(last_told, changed_at, INTERVAL_S) == pytest.approx(expected)


@given(st.lists(st.floats(min_value=0, max_value=10), min_size=1, max_size=60))
def test_no_storm_is_told_faster_than_the_interval_and_no_change_waits_longer(moments: list[float]) -> None:
    told: list[float] = []
    for changed_at in sorted(moments):
        if told and changed_at <= told[-1]:
            continue  # the telling that is under way covers it
        told.append(due_at(told[-1] if told else None, changed_at, INTERVAL_S))
        assert told[-1] - changed_at <= INTERVAL_S + 1e-9
    assert all(later - earlier >= INTERVAL_S - 1e-9 for earlier, later in pairwise(told))
    assert max(moments) <= told[-1]
