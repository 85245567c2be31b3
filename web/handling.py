"""Acting on an alert, for pages and API alike: seen first, then handled in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection

from credit.ledger import handle_alert
from db import alerts
from domain.alert import Alert
from domain.alert_step import AlertAction
from domain.errors import NotFound, RuleViolation
from supervision.alerts.attaching import attach
from supervision.alerts.handling import Handled
from supervision.alerts.needs import Asked
from supervision.alerts.states import AWAITING
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
    asked: Asked,
    *,
    config: WebConfig,
    now: datetime,
    seen: int | None = None,
    offers_promise: bool = False,
) -> Handled:
    """Take a step with an alert in the person's name; `seen` is how many occurrences the page showed (None: unknown).

    Raises MoreHappened where there are more by now, and what `credit.ledger.handle_alert` raises.
    """
    with conn.transaction():
        if seen is not None:
            _require_seen(conn, viewer, alert_id, asked, seen)
        return handle_alert(
            conn,
            alert_id,
            asked,
            by=viewer.actor,
            now=now,
            policies=config.policies,
            offers_promise=offers_promise,
        )


def add_photos(
    conn: Connection,
    viewer: Viewer,
    alert_id: int,
    photos: Sequence[bytes],
    *,
    config: WebConfig,
    now: datetime,
    note: str = "",
) -> list[int]:
    """Add photos to an alert: all of them, or none where one is refused; return the ids of those it did not have.

    They stay whatever becomes of the step they came with: nobody photographs a stall twice for a form.
    Raises NotFound and FieldRefused.
    """
    alert_for(conn, viewer, alert_id)  # what is nobody's to see is nobody's to send photos to, whatever they are
    policy = config.supervision_policy.photo
    with conn.transaction():
        added = [attach(conn, alert_id, raw, by=viewer.actor, policy=policy, now=now, note=note) for raw in photos]
    return [photo_id for photo_id in added if photo_id is not None]


def is_only_photos(asked: Asked, photos: Sequence[bytes]) -> bool:
    """Say whether a step is nothing but its photos, which have a step of their own."""
    is_empty = asked.action is AlertAction.COMMENT and not asked.note.strip()
    return bool(photos) and (is_empty or asked.action is AlertAction.ATTACH)


def _require_seen(conn: Connection, viewer: Viewer, alert_id: int, asked: Asked, seen: int) -> None:
    """Hold what the step holds from here on: no occurrence comes between the comparison and the decision."""
    alerts.hold_together(conn, {alert_id, *({asked.into} if asked.into is not None else ())})
    alert = alerts.by_id(conn, alert_id)
    if alert is None or not viewer.sees(alert.market_id) or alert.state not in AWAITING:
        return
    occurrences = alert.occurrences + sum(one.occurrences for one in alerts.handled_with(conn, alert_id))
    if occurrences != seen:
        raise MoreHappened(occurrences - seen)
