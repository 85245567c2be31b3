"""What a step makes of an alert: pure."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.alert import Alert, AlertState, DismissReason
from domain.alert_step import AlertAction, AlertStep
from supervision.alerts.states import AWAITING

#: Said beside an alert, and nothing about it is another by it.
LEAVE_IT: Final = frozenset({AlertAction.COMMENT, AlertAction.ATTACH, AlertAction.MISS})


def after(alert: Alert, step: AlertStep) -> Alert:
    """Return the alert as it is after a step of its trail.

    Whoever acknowledges an alert that nobody is on is on it. A decision is dated when it is taken and when it is
    undone; what follows a decision leaves its date.
    """
    if step.action in LEAVE_IT:
        return alert
    moved = replace(
        alert,
        state=step.to_state,
        updated_at=step.at,
        due_since=_due_since(alert, step),
        revision=alert.revision + 1,
        assignee=_assignee(alert, step),
        rectify_by=step.due_on or alert.rectify_by,
        merged_into=step.merged_into if step.to_state is AlertState.MERGED else None,
        dismiss_reason=DismissReason(step.reason) if step.action is AlertAction.DISMISS else None,
    )
    if step.action is AlertAction.ASSIGN:
        return replace(moved, dismiss_reason=alert.dismiss_reason, merged_into=alert.merged_into)
    if step.to_state in AWAITING:
        return replace(moved, decided_at=None, decided_by=None)
    if alert.state in AWAITING or step.action is AlertAction.OVERTURN:
        return replace(moved, decided_at=step.at, decided_by=step.actor)
    return moved


def _due_since(alert: Alert, step: AlertStep) -> datetime:
    """Taking an alert up leaves how long a decision may take; what else moves it, or sets another day, begins anew."""
    is_going_on = step.action is AlertAction.ACKNOWLEDGE or step.to_state is step.from_state
    return alert.due_since if is_going_on and step.due_on is None else step.at


def _assignee(alert: Alert, step: AlertStep) -> str | None:
    if step.action is AlertAction.ASSIGN:
        return step.assignee
    if step.action is AlertAction.ACKNOWLEDGE and alert.assignee is None:
        return step.actor
    return alert.assignee
