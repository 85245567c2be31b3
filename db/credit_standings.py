"""The list of scores: how many vendors have which, and parts of the list in its order, without reading every ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.credit import event_of
from db.queries import load
from db.registry import Vendor
from domain.credit import CreditEvent
from domain.ids import MarketId, VendorId

_SQL: Final = load("credit_standings")

Key = tuple[MarketId, VendorId]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Of which markets: each one's first day of the cycle, and the day. `market_id`: of this one only (None: of all).

    What nothing counts for has `base`; no score is below `floor` or above `ceiling`. `limits`: of a reason, how many
    lines a day count, and how many points a cycle at most (None: no limit); of all others one a day, without a limit.
    """

    cycles: Mapping[MarketId, tuple[date, date]]
    market_id: MarketId | None
    base: int
    floor: int
    ceiling: int
    limits: Mapping[str, tuple[int, int | None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lowest:
    """A part of those below the base, and how many vendors are in which place.

    A place is the score; while a veto item stands it is one below the floor.
    """

    keys: list[Key]
    vendors_by_place: dict[int, int]


def lowest(conn: Connection, asked: Asked, *, limit: int, offset: int) -> Lowest:
    """Return vendors below the base, the lowest score first, and the counts."""
    keys, counts = list[Key](), dict[int, int]()
    for place, vendors, market_id, vendor_id in conn.execute(_SQL["lowest"], _values(asked, limit, offset)):
        if vendors is None:
            keys.append((market_id, vendor_id))
        else:
            counts[place] = vendors
    return Lowest(keys=keys, vendors_by_place=counts)


def unmoved(conn: Connection, asked: Asked, *, limit: int, offset: int) -> list[Key]:
    """Return vendors whose score is the base, by id."""
    return conn.execute(_SQL["unmoved"], _values(asked, limit, offset)).fetchall()


def highest(conn: Connection, asked: Asked, *, limit: int, offset: int) -> list[Key]:
    """Return vendors above the base, the lowest score first."""
    return conn.execute(_SQL["highest"], _values(asked, limit, offset)).fetchall()


def count_vendors(conn: Connection, market_id: MarketId | None) -> int:
    """Return how many vendors a market has (None: all markets)."""
    row = conn.execute(_SQL["count_vendors"], {"market_id": market_id}).fetchone()
    return int(row[0]) if row else 0


def vendors(conn: Connection, keys: Sequence[Key], now: datetime) -> list[Vendor]:
    """Return vendors with the stalls they hold, in the order asked."""
    with conn.cursor(row_factory=class_row(Vendor)) as cursor:
        return cursor.execute(_SQL["vendors"], _keys(keys) | {"now": now}).fetchall()


def ledgers(conn: Connection, keys: Sequence[Key]) -> dict[Key, list[CreditEvent]]:
    """Return the ledgers of vendors, each the oldest first."""
    found: dict[Key, list[CreditEvent]] = {key: [] for key in keys}
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_SQL["ledgers"], _keys(keys)):
            event = event_of(row)
            found[event.market_id, event.vendor_id].append(event)
    return found


def _values(asked: Asked, limit: int, offset: int) -> dict[str, Any]:
    return {
        "market_ids": list(asked.cycles),
        "first_days": [first for first, _ in asked.cycles.values()],
        "days": [day for _, day in asked.cycles.values()],
        "market_id": asked.market_id,
        "base": asked.base,
        "floor": asked.floor,
        "ceiling": asked.ceiling,
        "reasons": list(asked.limits),
        "a_day": [a_day for a_day, _ in asked.limits.values()],
        "most": [most for _, most in asked.limits.values()],
        "limit": limit,
        "offset": offset,
    }


def _keys(keys: Sequence[Key]) -> dict[str, Any]:
    return {"market_ids": [market for market, _ in keys], "vendor_ids": [vendor for _, vendor in keys]}
