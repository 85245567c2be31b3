"""Photos of alerts, as they are kept: JPEG, encoded anew."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load

_SQL = load("alert_photos")


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertPhoto:
    """A photo without its content. Lengths in pixels."""

    photo_id: int
    added_at: datetime
    added_by: str
    width: int
    height: int
    bytes: int


def add(
    conn: Connection,
    alert_id: int,
    *,
    added_at: datetime,
    added_by: str,
    content: bytes,
    thumbnail: bytes,
    width: int,
    height: int,
    sha256: bytes,
) -> int | None:
    """Keep a photo; return its photo_id, None where the alert has the same one already."""
    parameters = {
        "alert_id": alert_id,
        "added_at": added_at,
        "added_by": added_by,
        "content": content,
        "thumbnail": thumbnail,
        "width": width,
        "height": height,
        "sha256": sha256,
    }
    row = conn.execute(_SQL["add"], parameters).fetchone()
    return None if row is None else int(row[0])


def of_alert(conn: Connection, alert_id: int) -> list[AlertPhoto]:
    """Return the photos of an alert, oldest first."""
    with conn.cursor(row_factory=class_row(AlertPhoto)) as cursor:
        return cursor.execute(_SQL["of_alert"], {"alert_id": alert_id}).fetchall()


def by_sha256(conn: Connection, alert_id: int, sha256: bytes) -> int | None:
    """Return the photo_id of the photo of an alert whose content has this digest, or None."""
    row = conn.execute(_SQL["by_sha256"], {"alert_id": alert_id, "sha256": sha256}).fetchone()
    return None if row is None else int(row[0])


def content(conn: Connection, alert_id: int, photo_id: int, *, small: bool) -> bytes | None:
    """Return the JPEG of a photo, or its thumbnail; None where the alert has no such photo."""
    name = "thumbnail" if small else "content"
    row = conn.execute(_SQL[name], {"alert_id": alert_id, "photo_id": photo_id}).fetchone()
    return None if row is None else bytes(row[0])
