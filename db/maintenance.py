"""Maintenance tickets: when somebody works on a scale by right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, ScaleId

_SQL = load("maintenance")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """Work on a scale, `[since, until)`."""

    ticket_id: int
    since: datetime
    until: datetime
    reason: str
    opened_by: str
    opened_at: datetime


def excused(conn: Connection, asked: Sequence[tuple[MarketId, ScaleId, datetime]]) -> list[bool]:
    """Say of each (market_id, scale_id, moment) whether the scale was under maintenance then."""
    if not asked:
        return []
    market_ids, scale_ids, moments = zip(*asked, strict=True)
    parameters = {"market_ids": list(market_ids), "scale_ids": list(scale_ids), "moments": list(moments)}
    return [row[0] for row in conn.execute(_SQL["excused"], parameters)]


def open_ticket(
    conn: Connection, market_id: MarketId, scale_id: ScaleId, *, until: datetime, reason: str, by: str, now: datetime
) -> int | None:
    """Open a ticket from now on; return its ticket_id, or None where the market has no such scale."""
    parameters = {
        "market_id": market_id,
        "scale_id": scale_id,
        "until": until,
        "reason": reason,
        "by": by,
        "now": now,
    }
    row = conn.execute(_SQL["open_ticket"], parameters).fetchone()
    return None if row is None else int(row[0])


def end_ticket(conn: Connection, market_id: MarketId, scale_id: ScaleId, now: datetime) -> bool:
    """End what is open of a scale; return whether anything was."""
    parameters = {"market_id": market_id, "scale_id": scale_id, "now": now}
    return conn.execute(_SQL["end_ticket"], parameters).rowcount > 0


def tickets(conn: Connection, market_id: MarketId, scale_id: ScaleId, limit: int = 20) -> list[Ticket]:
    """Return the newest tickets of a scale."""
    with conn.cursor(row_factory=class_row(Ticket)) as cursor:
        parameters = {"market_id": market_id, "scale_id": scale_id, "limit": limit}
        return cursor.execute(_SQL["tickets"], parameters).fetchall()
