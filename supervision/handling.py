"""Act on an alert: decided by the table, done under a lock, written to the audit trail."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from db import alerts
from domain.alert import Alert, AlertAction, AlertEvent, AlertState, CloseReason, DismissReason
from domain.errors import NotFound
from domain.ids import MarketId
from supervision.alert_states import DECIDED, OF_ITSELF, next_state, require_explanation

#: Who acts where nobody did.
SYSTEM = "system"


@dataclass(frozen=True, kw_only=True, slots=True)
class Handled:
    """What was done: the alert as it was before, and the step it took."""

    alert: Alert
    step: AlertEvent


def handle(
    conn: Connection,
    alert_id: int,
    action: AlertAction,
    *,
    actor: str,
    market_id: MarketId | None,
    now: datetime,
    reason: DismissReason | None = None,
    note: str = "",
) -> Handled:
    """Take one step with an alert, within the caller's transaction.

    `market_id` is the actor's own market (None: every market). The second of two people who act at once waits, and
    then meets the state the first one left. Raises NotFound, IllegalTransition, RuleViolation.
    """
    alert = alerts.by_id_locked(conn, alert_id)
    if alert is None or market_id not in (None, alert.market_id):
        raise NotFound(f"there is no alert {alert_id} that you may see")
    require_explanation(action, reason, note)
    step = AlertEvent(
        at=now,
        actor=actor,
        action=action,
        from_state=alert.state,
        to_state=next_state(alert.state, action),
        reason=reason or "",
        note=note.strip(),
    )
    _move(conn, alert_id, step, reason)
    alerts.append_event(conn, alert_id, step)
    return Handled(alert=alert, step=step)


def close_by_itself(conn: Connection, alert_id: int, reason: CloseReason, now: datetime, *, note: str = "") -> bool:
    """Close an alert whose cause is gone, within the caller's transaction; say whether it was still undecided.

    What a person decided meanwhile stays, and an alert that is closed never opens again.
    """
    alert = alerts.by_id_locked(conn, alert_id)
    to_state = None if alert is None else OF_ITSELF.get((alert.state, AlertAction.CLOSE))
    if alert is None or to_state is None:
        return False
    step = AlertEvent(
        at=now,
        actor=SYSTEM,
        action=AlertAction.CLOSE,
        from_state=alert.state,
        to_state=to_state,
        reason=reason,
        note=note,
    )
    _move(conn, alert_id, step, None)
    alerts.append_event(conn, alert_id, step)
    return True


def _move(conn: Connection, alert_id: int, step: AlertEvent, reason: DismissReason | None) -> None:
    is_decided = step.to_state in DECIDED
    alerts.set_state(
        conn,
        alert_id,
        step.to_state,
        now=step.at,
        decided_at=step.at if is_decided else None,
        decided_by=step.actor if is_decided else None,
        dismiss_reason=reason if step.to_state is AlertState.DISMISSED else None,
    )
