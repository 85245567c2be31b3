"""What a page says when an action was refused: what happened meanwhile, or what is missing."""

from dataclasses import dataclass

from psycopg import Connection

from db import alerts
from domain.alert import Alert, AlertAction, AlertEvent
from domain.errors import IllegalTransition, RuleViolation
from web.handling import MoreHappened
from web.i18n import mark

_CONFLICT = 409
_UNPROCESSABLE = 422

#: Why an action of the table may be refused although the state allows it.
_MISSING = {
    AlertAction.DISMISS: mark("A dismissal needs a reason. Choose one and send it again."),
    AlertAction.OVERTURN: mark("To overturn a confirmed alert, say why in the note."),
    AlertAction.CONFIRM: mark("No vendor was bound to this scale then, so nobody can answer for it. Bind it first."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """An action that was refused. `meanwhile` is what somebody did first; else `message` says what is missing.

    `newer` counts the occurrences that came since the page was shown; `note` and `reason` are what was filled in.
    """

    status: int
    alert: Alert
    action: AlertAction
    note: str = ""
    reason: str = ""
    meanwhile: AlertEvent | None = None
    newer: int = 0
    message: str = ""


def refusal_of(
    conn: Connection, alert: Alert, action: AlertAction, error: RuleViolation, *, note: str = "", reason: str = ""
) -> Refusal:
    """Return what to say about a refused action; `alert` as it is now."""
    if isinstance(error, MoreHappened):
        return Refusal(status=_CONFLICT, alert=alert, action=action, note=note, reason=reason, newer=error.count)
    if isinstance(error, IllegalTransition):
        events = alerts.events_of(conn, alert.alert_id)
        meanwhile = events[-1] if events else None
        return Refusal(status=_CONFLICT, alert=alert, action=action, meanwhile=meanwhile)
    return Refusal(
        status=_UNPROCESSABLE,
        alert=alert,
        action=action,
        note=note,
        reason=reason,
        message=_MISSING.get(action, mark("The rules do not allow this")),
    )
