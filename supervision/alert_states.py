"""The life of an alert as a table. The buttons, the API and the errors all come from it.

An alert is a lead, never a penalty: only `confirmed` moves a vendor's score, and an overturned one gives it back.
"""

from domain.alert import AlertAction, AlertState, DismissReason
from domain.errors import IllegalTransition, RuleViolation

TRANSITIONS: dict[tuple[AlertState, AlertAction], AlertState] = {
    (AlertState.OPEN, AlertAction.ACKNOWLEDGE): AlertState.ACKNOWLEDGED,
    (AlertState.OPEN, AlertAction.CONFIRM): AlertState.CONFIRMED,
    (AlertState.OPEN, AlertAction.DISMISS): AlertState.DISMISSED,
    (AlertState.ACKNOWLEDGED, AlertAction.CONFIRM): AlertState.CONFIRMED,
    (AlertState.ACKNOWLEDGED, AlertAction.DISMISS): AlertState.DISMISSED,
    (AlertState.CONFIRMED, AlertAction.OVERTURN): AlertState.OVERTURNED,
}

#: What happens to an alert whose cause is gone before anybody decided. No person may do it, and nothing follows it.
OF_ITSELF: dict[tuple[AlertState, AlertAction], AlertState] = {
    (AlertState.OPEN, AlertAction.CLOSE): AlertState.CLOSED,
    (AlertState.ACKNOWLEDGED, AlertAction.CLOSE): AlertState.CLOSED,
}

DECIDED = frozenset({AlertState.CONFIRMED, AlertState.DISMISSED, AlertState.OVERTURNED, AlertState.CLOSED})
AWAITING = frozenset(AlertState) - DECIDED


def next_state(state: AlertState, action: AlertAction) -> AlertState:
    """Return where a person's `action` leads from `state`. Raise IllegalTransition where it leads nowhere."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        possible = ", ".join(actions_from(state)) or "nothing more"
        raise IllegalTransition(f"cannot {action} an alert that is {state}; possible: {possible}") from None


def actions_from(state: AlertState) -> list[AlertAction]:
    """Return what a person may do to an alert in `state`, in the order buttons are shown."""
    return [action for action in AlertAction if (state, action) in TRANSITIONS]


def require_explanation(action: AlertAction, reason: DismissReason | None, note: str) -> None:
    """Refuse a dismissal without a reason, and an overturning without words. Raise RuleViolation."""
    if action is AlertAction.DISMISS and reason is None:
        raise RuleViolation("a dismissal needs a reason: " + ", ".join(DismissReason))
    if action is not AlertAction.DISMISS and reason is not None:
        raise RuleViolation(f"only a dismissal takes a reason, not to {action}")
    if action is AlertAction.OVERTURN and not note.strip():
        raise RuleViolation("to overturn a confirmed alert, say why in the note")
