"""What a rotation is made from: stalls and who holds them, what vendors need, and who may not be neighbours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, VendorId
from domain.rotation import Apart, StallNeeds

_SQL = load("rotation_needs")


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketStall:
    """A stall as the register has it, for a rotation. `tank`: 'yes', 'no' or None; `neighbours`: 'A-2, A-4'."""

    stall_id: str
    position_class: str
    goods_zone: str
    area_dm2: int | None
    floor: int | None
    tank: str | None
    neighbours: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NewNeeds:
    """What a vendor needs of a stall, as it is entered."""

    goods_zone: str
    needs_tank: bool
    least_area_dm2: int | None
    ground_floor: bool
    hardship: bool
    because: str


def stalls(conn: Connection, market_id: MarketId, day: date) -> list[MarketStall]:
    """Return the stalls of a market that exist on a day."""
    with conn.cursor(row_factory=class_row(MarketStall)) as cursor:
        return cursor.execute(_SQL["stalls"], {"market_id": market_id, "day": day}).fetchall()


def holders(conn: Connection, market_id: MarketId, moment: datetime) -> Mapping[str, VendorId]:
    """Return who occupies which stall at a moment."""
    rows = conn.execute(_SQL["holders"], {"market_id": market_id, "moment": moment})
    return {stall: VendorId(vendor) for stall, vendor in rows}


def needs(conn: Connection, market_id: MarketId) -> list[StallNeeds]:
    """Return what the vendors of a market need of a stall, by vendor."""
    with conn.cursor(row_factory=class_row(StallNeeds)) as cursor:
        return cursor.execute(_SQL["needs"], {"market_id": market_id}).fetchall()


def insert_needs(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, new: NewNeeds, *, by: str, at: datetime
) -> None:
    """Say what a vendor needs from now on."""
    values = {name: getattr(new, name) for name in NewNeeds.__slots__}
    conn.execute(_SQL["insert_needs"], {**values, "market_id": market_id, "vendor_id": vendor_id, "by": by, "at": at})


def apart(conn: Connection, market_id: MarketId) -> list[Apart]:
    """Return who may not be neighbours now."""
    with conn.cursor(row_factory=class_row(Apart)) as cursor:
        return cursor.execute(_SQL["apart"], {"market_id": market_id}).fetchall()


def insert_apart(
    conn: Connection,
    market_id: MarketId,
    pair: tuple[VendorId, VendorId],
    *,
    holds: bool,
    because: str,
    by: str,
    at: datetime,
) -> None:
    """Say that two vendors may not be neighbours from now on, or may again."""
    one, other = sorted(pair)
    values = {"market_id": market_id, "one": one, "other": other, "holds": holds, "because": because}
    conn.execute(_SQL["insert_apart"], {**values, "by": by, "at": at})
