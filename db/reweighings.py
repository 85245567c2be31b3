"""Loads that were weighed again on the fair scale."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection

from db.queries import load
from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.weighing import WeighingKey

_SQL = load("reweighings")


@dataclass(frozen=True, kw_only=True, slots=True)
class SoldLoad:
    """A sale that is weighed again. `per_kg_fen` is None where it was priced by the piece."""

    key: WeighingKey
    vendor_id: VendorId | None
    stall_id: StallId | None
    species: SpeciesCode
    category: str
    settled_g: int
    per_kg_fen: int | None
    business_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class NewReweighing:
    """What the fair scale showed, and what the tolerance table made of it."""

    actual_g: int
    tolerance_g: int | None
    is_statutory: bool
    is_short: bool
    fair_scale: str
    entered_by: str
    entered_at: datetime


def newest(conn: Connection, market_id: MarketId, scale_id: ScaleId, seq: int) -> SoldLoad | None:
    """Return the newest sale of a scale with this number; None where there is none."""
    row = conn.execute(_SQL["newest"], {"market_id": market_id, "scale_id": scale_id, "seq": seq}).fetchone()
    if row is None:
        return None
    return SoldLoad(
        key=WeighingKey(market_id, scale_id, JournalId(row[0]), seq, row[1]),
        vendor_id=row[2],
        stall_id=row[3],
        species=row[4],
        category=row[5],
        settled_g=row[6],
        per_kg_fen=row[7],
        business_day=row[8],
    )


def insert_once(conn: Connection, sold: SoldLoad, new: NewReweighing) -> bool:
    """Keep what the fair scale showed; return False where the same was entered before."""
    values = {name: getattr(new, name) for name in NewReweighing.__slots__}
    parameters = {**sold.key._asdict(), **values, "settled_g": sold.settled_g}
    return conn.execute(_SQL["insert_once"], parameters).fetchone() is not None
