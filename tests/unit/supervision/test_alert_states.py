"""The life of an alert."""

from itertools import product

import pytest

from domain.alert import AlertAction, AlertState, DismissReason
from domain.errors import IllegalTransition, RuleViolation
from supervision.alert_states import (
    AWAITING,
    DECIDED,
    OF_ITSELF,
    TRANSITIONS,
    actions_from,
    next_state,
    require_explanation,
)


@pytest.mark.parametrize(("state", "action"), list(product(AlertState, AlertAction)))
def test_every_pair_leads_where_the_table_says_or_is_refused_in_words(state: AlertState, action: AlertAction) -> None:
    if (state, action) in TRANSITIONS:
        assert next_state(state, action) is TRANSITIONS[state, action]
        assert action in actions_from(state)
    else:
        with pytest.raises(IllegalTransition, match=f"cannot {action} an alert that is {state}; possible: "):
            next_state(state, action)


def test_a_decided_alert_can_only_be_overturned() -> None:
    assert {state: actions_from(state) for state in DECIDED} == {
        AlertState.CONFIRMED: [AlertAction.OVERTURN],
        AlertState.DISMISSED: [],
        AlertState.OVERTURNED: [],
        AlertState.CLOSED: [],
    }
    assert AWAITING == {AlertState.OPEN, AlertState.ACKNOWLEDGED}


def test_an_alert_closes_by_itself_only_while_nobody_decided_and_no_person_closes_one() -> None:
    assert {state for state, _ in OF_ITSELF} == AWAITING
    assert set(OF_ITSELF.values()) == {AlertState.CLOSED} <= DECIDED
    assert not [action for _, action in TRANSITIONS if action is AlertAction.CLOSE]
    assert actions_from(AlertState.CLOSED) == []


def test_a_dismissal_needs_a_reason_and_an_overturning_needs_words() -> None:
    with pytest.raises(RuleViolation, match="a dismissal needs a reason: false_positive, device_fault, list_error"):
        require_explanation(AlertAction.DISMISS, None, "whatever")
    with pytest.raises(RuleViolation, match="only a dismissal takes a reason"):
        require_explanation(AlertAction.CONFIRM, DismissReason.LIST_ERROR, "")
    with pytest.raises(RuleViolation, match="say why"):
        require_explanation(AlertAction.OVERTURN, None, "  ")
    require_explanation(AlertAction.DISMISS, DismissReason.DEVICE_FAULT, "")
    require_explanation(AlertAction.ACKNOWLEDGE, None, "")
