"""Where the stalls are, and who occupied which one when."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, StallId, VendorId
from domain.register.records import Occupancy, RegisteredStall, StallFacts, TankSupply

_SQL = load("register_stalls")
_SHOWN = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class InTheWay:
    """Who occupies a stall in a part of a time, `[begins, ends)`; None: open."""

    vendor_id: VendorId
    vendor_name: str
    begins: datetime | None
    ends: datetime | None


def one(conn: Connection, market_id: MarketId, stall_id: StallId) -> RegisteredStall | None:
    """Return a stall, or None."""
    row = conn.execute(_SQL["one"], {"market_id": market_id, "stall_id": stall_id}).fetchone()
    return None if row is None else _stall(row)


def several(conn: Connection, market_id: MarketId, stall_ids: Collection[str]) -> dict[StallId, RegisteredStall]:
    """Return those of the stalls that are registered."""
    parameters = {"market_id": market_id, "stall_ids": list(stall_ids)}
    return {row[1]: _stall(row) for row in conn.execute(_SQL["several"], parameters)}


def insert(conn: Connection, market_id: MarketId, stall_id: StallId, facts: StallFacts) -> bool:
    """Register a stall; return False where there is one of that id."""
    values = {"market_id": market_id, "stall_id": stall_id, **asdict(facts)}
    return conn.execute(_SQL["insert"], values).fetchone() is not None


def change(conn: Connection, market_id: MarketId, stall_id: StallId, facts: StallFacts, *, revision: int) -> bool:
    """Put facts in place of revision `revision`; False where that is not the newest any more."""
    values = {"market_id": market_id, "stall_id": stall_id, "revision": revision, **asdict(facts)}
    return conn.execute(_SQL["change"], values).fetchone() is not None


def hold(conn: Connection, market_id: MarketId, stall_id: StallId) -> bool:
    """Keep who occupies a stall as it is until the transaction ends; False where there is no such stall."""
    parameters = {"market_id": market_id, "stall_id": stall_id}
    return conn.execute(_SQL["hold"], parameters).fetchone() is not None


def move_revision(conn: Connection, market_id: MarketId, stall_id: StallId, revision: int | None) -> bool:
    """Hold a stall and move its revision; False where `revision` (None: whichever) is not the newest any more."""
    parameters = {"market_id": market_id, "stall_id": stall_id, "revision": revision}
    return conn.execute(_SQL["move_revision"], parameters).fetchone() is not None


def occupancies_of_vendor(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int = _SHOWN
) -> list[Occupancy]:
    """Return the stalls that a vendor occupied, the newest first."""
    parameters = {"market_id": market_id, "vendor_id": vendor_id, "limit": limit}
    with conn.cursor(row_factory=class_row(Occupancy)) as cursor:
        return cursor.execute(_SQL["occupancies_of_vendor"], parameters).fetchall()


def occupancies_of_stall(
    conn: Connection, market_id: MarketId, stall_id: StallId, *, limit: int = _SHOWN
) -> list[Occupancy]:
    """Return who occupied a stall, the newest first."""
    parameters = {"market_id": market_id, "stall_id": stall_id, "limit": limit}
    with conn.cursor(row_factory=class_row(Occupancy)) as cursor:
        return cursor.execute(_SQL["occupancies_of_stall"], parameters).fetchall()


def occupant_at(conn: Connection, market_id: MarketId, stall_id: StallId, moment: datetime) -> VendorId | None:
    """Return who occupied a stall at a moment, None for nobody."""
    parameters = {"market_id": market_id, "stall_id": stall_id, "moment": moment}
    row = conn.execute(_SQL["occupant_at"], parameters).fetchone()
    return None if row is None else VendorId(row[0])


def in_the_way(
    conn: Connection, market_id: MarketId, stall_id: StallId, begins: datetime, ends: datetime | None
) -> InTheWay | None:
    """Return who occupies a stall in a part of `[begins, ends)` first, None where nobody does."""
    parameters = {"market_id": market_id, "stall_id": stall_id, "begins": begins, "ends": ends}
    row = conn.execute(_SQL["in_the_way"], parameters).fetchone()
    return None if row is None else InTheWay(vendor_id=row[0], vendor_name=row[1], begins=row[2], ends=row[3])


def occupy(
    conn: Connection,
    market_id: MarketId,
    stall_id: StallId,
    vendor_id: VendorId,
    *,
    begins: datetime,
    ends: datetime | None,
    because: str,
    by: str,
    at: datetime,
) -> None:
    """Let a vendor occupy a stall for `[begins, ends)`; whether anybody is in the way was asked before."""
    parameters = {
        "market_id": market_id,
        "stall_id": stall_id,
        "vendor_id": vendor_id,
        "begins": begins,
        "ends": ends,
        "because": because,
        "by": by,
        "at": at,
    }
    conn.execute(_SQL["occupy"], parameters)


def vacate(conn: Connection, market_id: MarketId, stall_id: StallId, moment: datetime) -> VendorId | None:
    """End the occupancy of a stall at a moment within it; return whose it was, None where nobody's."""
    parameters = {"market_id": market_id, "stall_id": stall_id, "moment": moment}
    row = conn.execute(_SQL["vacate"], parameters).fetchone()
    return None if row is None else VendorId(row[0])


def occupy_where_free(conn: Connection, placed: Sequence[tuple[MarketId, StallId, VendorId, datetime]]) -> None:
    """Let vendors whose scales are put on stalls occupy those that nobody does from then on."""
    parameters = {
        "market_ids": [one[0] for one in placed],
        "stall_ids": [one[1] for one in placed],
        "vendor_ids": [one[2] for one in placed],
        "moments": [one[3] for one in placed],
    }
    conn.execute(_SQL["occupy_where_free"], parameters)


def _stall(row: Sequence[Any]) -> RegisteredStall:
    market_id, stall_id, *facts, revision = row
    told = dict(zip((one.name for one in fields(StallFacts)), facts, strict=True))
    told["tank"] = None if told["tank"] is None else TankSupply(told["tank"])
    return RegisteredStall(market_id=market_id, stall_id=stall_id, facts=StallFacts(**told), revision=revision)
