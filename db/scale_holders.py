"""Whose stall each scale of a market stands on now, and who may announce it."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, ScaleId, StallId, VendorId

_SQL = load("scale_holders")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleHolder:
    """A scale and who holds it; the rest is None where it stands on nobody's stall."""

    scale_id: ScaleId
    stall_id: StallId | None
    vendor_id: VendorId | None
    vendor_name: str | None


def of_market(conn: Connection, market_id: MarketId, now: datetime) -> list[ScaleHolder]:
    """Return every registered scale of a market with who holds it at `now`."""
    with conn.cursor(row_factory=class_row(ScaleHolder)) as cursor:
        return cursor.execute(_SQL["of_market"], {"market_id": market_id, "now": now}).fetchall()


def next_change(conn: Connection, market_id: MarketId, now: datetime) -> datetime | None:
    """Return when a binding of the market begins or ends next after `now`; None where none will."""
    row = conn.execute(_SQL["next_change"], {"market_id": market_id, "now": now}).fetchone()
    return None if row is None else row[0]


def try_to_announce(conn: Connection) -> bool:
    """Take the announcer's place if it is free, for as long as this connection lasts; say whether it is ours."""
    row = conn.execute(_SQL["try_to_announce"]).fetchone()
    return bool(row and row[0])
