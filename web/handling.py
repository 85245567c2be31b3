"""Acting on an alert, for pages and API alike: seen first, then handled in one transaction."""

from datetime import datetime

from psycopg import Connection

from credit.ledger import handle_alert
from db import alerts
from domain.alert import Alert, AlertAction, DismissReason
from domain.errors import NotFound
from supervision.handling import Handled
from web.access import Viewer
from web.config import WebConfig


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
) -> Handled:
    """Take a step with an alert in the person's name. Raises what `credit.ledger.handle_alert` raises."""
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
