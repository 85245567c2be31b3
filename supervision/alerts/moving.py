"""What a step makes of an alert: pure."""

from dataclasses import replace
from typing import Final

from domain.alert import Alert, AlertState, DismissReason
from domain.alert_step import AlertAction, AlertStep
from supervision.alerts.states import AWAITING

#: Said beside an alert, and nothing about it is another by it.
LEAVE_IT: Final = frozenset({AlertAction.COMMENT, AlertAction.ATTACH})


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


def _assignee(alert: Alert, step: AlertStep) -> str | None:
    if step.action is AlertAction.ASSIGN:
        return step.assignee
    if step.action is AlertAction.ACKNOWLEDGE and alert.assignee is None:
        return step.actor
    return alert.assignee
