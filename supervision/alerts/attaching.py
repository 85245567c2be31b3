"""Add a photo to an alert: encoded anew, stored once, written to the audit trail."""

from datetime import datetime

from psycopg import Connection

from db import alert_photos, alert_steps, alerts
from domain.alert_step import AlertAction, AlertStep
from domain.errors import FieldRefused, NotFound
from supervision.alerts.handling import Actor
from supervision.alerts.photos import PhotoProblem, re_encoded
from supervision.policy import PhotoPolicy


def attach(
    conn: Connection, alert_id: int, raw: bytes, *, by: Actor, policy: PhotoPolicy, now: datetime, note: str = ""
) -> int | None:
    """Add a photo within the caller's transaction; return its photo_id, None where the alert has the same already.

    Raise NotFound, and FieldRefused for bytes that are no photo and for one too many.
    """
    photo = re_encoded(raw, policy)  # first: drawing takes time, and nobody waits for the alert meanwhile
    alert = alerts.by_id_locked(conn, alert_id)
    if alert is None or by.market_id not in (None, alert.market_id):
        raise NotFound(f"there is no alert {alert_id} that you may see")
    most = policy.most_of_an_alert
    if len(alert_photos.of_alert(conn, alert_id)) >= most:
        raise FieldRefused("photo", "one too many", f"at most {most} of an alert", problem=PhotoProblem.TOO_MANY)
    photo_id = alert_photos.add(
        conn,
        alert_id,
        added_at=now,
        added_by=by.username,
        content=photo.content,
        thumbnail=photo.thumbnail,
        width=photo.width,
        height=photo.height,
        sha256=photo.sha256,
    )
    if photo_id is None:
        return None
    step = AlertStep(
        at=now,
        actor=by.username,
        action=AlertAction.ATTACH,
        from_state=alert.state,
        to_state=alert.state,
        note=note.strip(),
        origin=by.origin,
        photo_id=photo_id,
    )
    alert_steps.append(conn, alert_id, step)
    return photo_id


def known_as(conn: Connection, alert_id: int, raw: bytes, *, policy: PhotoPolicy) -> int | None:
    """Return the photo_id under which an alert has this photo already, or None. Raise FieldRefused for what is none."""
    return alert_photos.by_sha256(conn, alert_id, re_encoded(raw, policy).sha256)
