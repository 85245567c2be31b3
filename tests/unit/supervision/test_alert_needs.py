"""What each step asks for."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.alert import AlertState, DismissReason
from domain.alert_step import AlertAction, PenaltyDecision
from domain.errors import FieldRefused
from supervision.alerts.needs import Asked, Field, Problem, fields_of, require_fields
from supervision.alerts.states import TRANSITIONS
from supervision.policy import RectificationPolicy

TODAY = date(2026, 11, 27)
POLICY = RectificationPolicy(usual_days=7, longest_days=30, needs_photo=True)
PENALTY = PenaltyDecision(
    document_no="琼三市监处罚〔2026〕18号", authority="三亚市市场监督管理局", decided_on=TODAY, decision="罚款"
)
WHOLE = Asked(
    action=AlertAction.COMMENT,
    reason=DismissReason.DEVICE_FAULT,
    note="why",
    due_on=TODAY + timedelta(days=7),
    into=12,
    penalty=PENALTY,
    assignee="manager",
)


def whole(state: AlertState, action: AlertAction) -> Asked:
    """A step with every field it takes, and no other."""
    taken = fields_of(state, action)
    nothing: dict[str, Any] = {field: "" if field is Field.NOTE else None for field in Field if field not in taken}
    return replace(WHOLE, action=action, **nothing)


def require(asked: Asked, state: AlertState = AlertState.OPEN) -> None:
    require_fields(asked, state, today=TODAY, policy=POLICY)


def refused(asked: Asked, state: AlertState = AlertState.OPEN) -> tuple[str, str]:
    with pytest.raises(FieldRefused) as caught:
        require(asked, state)
    return caught.value.field, caught.value.problem


@pytest.mark.parametrize(("state", "action"), list(TRANSITIONS))
def test_a_step_with_all_it_takes_is_taken_and_without_what_it_needs_it_is_not(
    state: AlertState, action: AlertAction
) -> None:
    asked = whole(state, action)
    require(asked, state)
    for field, is_required in fields_of(state, action).items():
        missing: dict[str, Any] = {field: "  " if field is Field.NOTE else None}
        without = replace(asked, **missing)
        if is_required:
            assert refused(without, state) == (field, Problem.MISSING)
        else:
            require(without, state)


@pytest.mark.parametrize(("state", "action"), list(TRANSITIONS))
def test_what_a_step_does_not_take_is_refused_and_not_dropped(state: AlertState, action: AlertAction) -> None:
    asked = whole(state, action)
    for field in Field:
        if field not in fields_of(state, action):
            assert refused(replace(asked, **{field: getattr(WHOLE, field)}), state) == (field, Problem.NOT_TAKEN)


def test_a_refusal_names_field_value_and_expectation() -> None:
    with pytest.raises(FieldRefused, match="reason is missing; expected one of false_positive, device_fault, list"):
        require(Asked(action=AlertAction.DISMISS))
    late = Asked(action=AlertAction.ORDER_RECTIFICATION, note="x", due_on=date(2027, 2, 1))
    with pytest.raises(FieldRefused, match="due_on is 2027-02-01; expected a day from 2026-11-27 to 2026-12-27"):
        require(late, AlertState.CONFIRMED)


@pytest.mark.parametrize("days", [-1, 31])
def test_rectification_is_due_from_today_to_the_policys_longest(days: int) -> None:
    asked = Asked(action=AlertAction.SEND_BACK, note="x", due_on=TODAY + timedelta(days=days))
    assert refused(asked, AlertState.RECTIFIED) == ("due_on", Problem.NOT_A_DAY_TO_COME)
    for possible in (0, 30):
        require(replace(asked, due_on=TODAY + timedelta(days=possible)), AlertState.RECTIFIED)


@pytest.mark.parametrize(
    ("changed", "field", "problem"),
    [
        ({"document_no": " "}, "document_no", Problem.MISSING),
        ({"authority": ""}, "authority", Problem.MISSING),
        ({"decision": ""}, "decision", Problem.MISSING),
        ({"document_no": "x" * 201}, "document_no", Problem.TOO_LONG),
        ({"decision": "x" * 2001}, "decision", Problem.TOO_LONG),
        ({"decided_on": TODAY + timedelta(days=1)}, "decided_on", Problem.NOT_DECIDED_YET),
    ],
)
def test_a_penalty_is_as_its_document_says_it(changed: dict[str, Any], field: str, problem: Problem) -> None:
    asked = Asked(action=AlertAction.RECORD_PENALTY, penalty=replace(PENALTY, **changed))
    assert refused(asked, AlertState.ESCALATED) == (field, problem)


def test_a_note_has_an_end() -> None:
    require(Asked(action=AlertAction.COMMENT, note="x" * 2000))
    assert refused(Asked(action=AlertAction.COMMENT, note="x" * 2001)) == ("note", Problem.TOO_LONG)


def test_what_ends_without_rectification_or_penalty_ends_with_words() -> None:
    assert refused(Asked(action=AlertAction.CLOSE), AlertState.CONFIRMED) == ("note", Problem.MISSING)
    assert refused(Asked(action=AlertAction.CLOSE), AlertState.ESCALATED) == ("note", Problem.MISSING)
    require(Asked(action=AlertAction.CLOSE), AlertState.RECTIFIED)
