"""Acting on an alert, for pages and API alike: seen first, then handled in one transaction."""

from datetime import datetime

from psycopg import Connection

from credit.ledger import handle_alert
from db import alerts
from domain.alert import Alert, AlertAction, DismissReason
from domain.errors import NotFound, RuleViolation
from supervision.alert_states import AWAITING
from supervision.handling import Handled
from web.access import Viewer
from web.config import WebConfig


class MoreHappened(RuleViolation):
    """Occurrences have come that the person who decides had not seen."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} more weighings belong to this alert now; look at them, then decide")
        self.count = count


def alert_for(conn: Connection, viewer: Viewer, alert_id: int) -> Alert:
    """Return an alert. Raise NotFound where there is none, and where it is of a market the person does not see."""
    alert = alerts.by_id(conn, alert_id)
    if alert is None or not viewer.sees(alert.market_id):
        raise NotFound(f"there is no alert {alert_id} that you may see")
    return alert


def act(
    conn: Connection,
    viewer: Viewer,
    alert_id: int,
    action: AlertAction,
    *,
    config: WebConfig,
    now: datetime,
    reason: DismissReason | None = None,
    note: str = "",
    seen: int | None = None,
) -> Handled:
    """Take a step with an alert in the person's name; `seen` is how many occurrences the page showed (None: unknown).

    Raises MoreHappened where there are more by now, and what `credit.ledger.handle_alert` raises.
    """
    with conn.transaction():
        if seen is not None:
            _require_seen(conn, viewer, alert_id, seen)
        return handle_alert(
            conn,
            alert_id,
            action,
            actor=viewer.username,
            market_id=viewer.scope,
            now=now,
            rules=config.credit_rules,
            policy=config.rules_policy,
            reason=reason,
            note=note,
        )


def _require_seen(conn: Connection, viewer: Viewer, alert_id: int, seen: int) -> None:
    """Hold the alert from here on: no occurrence comes between the comparison and the decision."""
    alert = alerts.by_id_locked(conn, alert_id)
    is_undecided = alert is not None and viewer.sees(alert.market_id) and alert.state in AWAITING
    if alert is not None and is_undecided and alert.occurrences != seen:
        raise MoreHappened(alert.occurrences - seen)
