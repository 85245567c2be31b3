"""What happened and is to be told of: written where it happens, taken by clerks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId
from domain.notice import NewHappening

_SQL = load("happenings")


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """Something that nobody was told of yet; `alert_kind` None: it is about no alert."""

    happening_id: int
    kind: str
    market_id: MarketId | None
    alert_id: int | None
    to_user: int | None
    to_role: str | None
    at: datetime
    permille: int
    was_permille: int | None
    alert_kind: str | None


def tell(conn: Connection, new: NewHappening) -> int | None:
    """Write down something to tell of, within the caller's transaction; return its happening_id.

    None: it was said before (`once`), or the person it is for does not exist.
    """
    row = conn.execute(_SQL["tell"], {name: getattr(new, name) for name in NewHappening.__slots__}).fetchone()
    return None if row is None else int(row[0])


def untold(conn: Connection, limit: int) -> list[Happening]:
    """Take the oldest that nobody else has taken, held for the length of the transaction."""
    with conn.cursor(row_factory=class_row(Happening)) as cursor:
        return cursor.execute(_SQL["untold"], {"limit": limit}).fetchall()


def mark_told(conn: Connection, happening_ids: Sequence[int], now: datetime) -> None:
    """Note that these were handed on."""
    conn.execute(_SQL["mark_told"], {"happening_ids": list(happening_ids), "now": now})
