"""The table of a visit's life, what becomes one visit, and the policy file."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadFile, IllegalTransition, RuleViolation
from domain.inspection import VisitAction, VisitState
from domain.supervision_item import RiskClass
from supervision.inspections.combining import Combinable, combine
from supervision.inspections.policy import read_inspection_policy
from supervision.inspections.visit_states import (
    OF_STAFFING,
    OF_THE_PRODUCT,
    TRANSITIONS,
    actions_from,
    days_of_rectification,
    next_state,
)

SHIPPED = Path(__file__).parents[4] / "policy" / "inspections.toml"
DAY = date(2026, 11, 22)
WINDOWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 10)), max_size=25)


def visits(windows: list[tuple[int, int, int]]) -> list[Combinable]:
    return [
        Combinable(
            inspection_id=n,
            subject=subject,
            first_day=DAY + timedelta(days=first),
            last_day=DAY + timedelta(days=first + length),
        )
        for n, (subject, first, length) in enumerate(windows, start=1)
    ]


def test_every_state_is_reached_and_every_action_leads_somewhere() -> None:
    table = TRANSITIONS | OF_THE_PRODUCT
    assert set(table.values()) == set(VisitState)
    assert {action for _, action in table} | OF_STAFFING == set(VisitAction)


def test_what_is_over_stays_over() -> None:
    over = {VisitState.CLOSED, VisitState.ESCALATED, VisitState.CANCELLED, VisitState.COMBINED}
    assert {state for state in VisitState if not actions_from(state)} == over


@pytest.mark.parametrize("state", VisitState)
@pytest.mark.parametrize("action", VisitAction)
def test_an_action_leads_where_the_table_says_or_is_refused(state: VisitState, action: VisitAction) -> None:
    if (state, action) in TRANSITIONS:
        assert next_state(state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(IllegalTransition, match=f"cannot {action} a visit that is {state}"):
            next_state(state, action)


@pytest.mark.parametrize(
    ("action", "present", "asked", "until"),
    [
        (VisitAction.ORDER, None, None, 15),
        (VisitAction.EXTEND, 80, None, 90),
        (VisitAction.EXTEND, 20, None, 35),
        (VisitAction.EXTEND, -3, None, 15),
        (VisitAction.EXTEND, 80, 80, 80),
        (VisitAction.EXTEND, 80, 79, None),
        (VisitAction.EXTEND, 80, 91, None),
        (VisitAction.EXTEND, -3, -1, None),
    ],
)
def test_to_extend_takes_no_days_away(
    action: VisitAction, present: int | None, asked: int | None, until: int | None
) -> None:
    policy = read_inspection_policy(SHIPPED)
    had, wanted = (None if days is None else DAY + timedelta(days=days) for days in (present, asked))
    if until is None:
        with pytest.raises(RuleViolation, match=f"rectify_by is {wanted}; expected a day from"):
            days_of_rectification(action, wanted, DAY, policy, present=had)
    else:
        found = days_of_rectification(action, wanted, DAY, policy, present=had)
        assert found == (DAY + timedelta(days=until), DAY + timedelta(days=until + policy.revisit_days))


@given(WINDOWS)
def test_combined_visits_share_a_day_and_a_subject_and_each_is_in_one(windows: list[tuple[int, int, int]]) -> None:
    known = {one.inspection_id: one for one in visits(windows)}
    found = combine(list(known.values()))
    taken = [one for group in found for one in (group.kept, *group.others)]
    assert len(taken) == len(set(taken))
    for group in found:
        parts = [known[one] for one in (group.kept, *group.others)]
        assert len({one.subject for one in parts}) == 1
        assert group.first_day == max(one.first_day for one in parts) <= group.last_day
        assert group.last_day == min(one.last_day for one in parts)
        assert group.kept == min(one.inspection_id for one in parts)


@given(st.lists(st.tuples(st.just(0), st.integers(0, 8), st.integers(0, 4)), max_size=7))
def test_no_way_of_combining_leaves_fewer_visits(windows: list[tuple[int, int, int]]) -> None:
    """Against every choice of days: as few visits as days that touch every window."""
    known = visits(windows)
    left = len(known) - sum(len(group.others) for group in combine(known))
    days = [DAY + timedelta(days=n) for n in range(13)]
    fewest = next(size for size in range(len(known) + 1) if _some_days_touch_all(known, days, size))
    assert left == fewest


def _some_days_touch_all(known: list[Combinable], days: list[date], size: int) -> bool:
    from itertools import combinations

    return any(
        all(any(one.first_day <= day <= one.last_day for day in chosen) for one in known)
        for chosen in combinations(days, size)
    )


def test_the_shipped_policy_is_read_and_calls_itself_a_reference() -> None:
    policy = read_inspection_policy(SHIPPED)
    assert policy.default_class is RiskClass.B
    assert "参考样式" in SHIPPED.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("A = 1,", "A = 0,", "Expected `int` >= 1"),
        ("A = 1,", "A = 1.5,", "Expected `int`, got `float`"),
        ("D = 36", "D = 3", "expected that none is less than that of a lower risk"),
        (", D = 36", "", "weights lack D"),
        ("rectify_days = 15", "rectify_days = 120", "expected longest_rectify_days (90) at most"),
        ('default_class = "B"', 'default_class = "E"', "Invalid enum value 'E'"),
        ("inspectors = 2", "inspectors = 0", "Expected `int` >= 1"),
        ("inspectors = 2", "inspector = 2", "unknown field `inspector`"),
    ],
)
def test_a_mistake_in_the_policy_is_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "inspections.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadFile) as refused:
        read_inspection_policy(file)
    assert said in str(refused.value)
