"""Lists of visits: by their window, by the day they are due on, of a vendor, of a plan; none reads beyond its page."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import msgspec
from psycopg import Connection
from psycopg.rows import dict_row

from db.queries import load
from domain.ids import MarketId, VendorId
from domain.inspection import Visit, VisitState

_SQL: Final = load("inspection_lists")


@dataclass(frozen=True, kw_only=True, slots=True)
class Which:
    """Which visits are looked for: of a market, in some states, of an inspector (user_id). None: of every one."""

    market_id: MarketId | None = None
    states: Collection[VisitState] = field(default_factory=lambda: frozenset(VisitState))
    user_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DayOfVisits:
    """The first visits that are due on a day, and how many there are."""

    visits: tuple[Visit, ...]
    total: int


def listed(
    conn: Connection,
    which: Which,
    *,
    since: date | None = None,
    until: date | None = None,
    after: int | None = None,
    limit: int = 500,
) -> list[Visit]:
    """Return visits by the last day of their window, whose window touches some days; those after one."""
    name = "listed" if which.market_id is None else "listed_in_market"
    return _visits(conn, name, _values(which) | {"since": since, "until": until, "after": after, "limit": limit})


def of_vendor(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, states: Collection[VisitState], limit: int
) -> list[Visit]:
    """Return the visits of a vendor in some states, the newest window first."""
    values = {"market_id": market_id, "vendor_id": vendor_id, "states": list(states), "limit": limit}
    return _visits(conn, "of_vendor", values)


def of_plan(conn: Connection, plan_id: int, *, after: int | None = None, limit: int = 500) -> list[Visit]:
    """Return the visits that a plan led to, by their number; those after one."""
    return _visits(conn, "of_plan", {"plan_id": plan_id, "after": after, "limit": limit})


def days(conn: Connection, which: Which, since: date, until: date, *, each: int) -> dict[date, DayOfVisits]:
    """Return of each day from one to another, where there are any, its first visits, `each` at most."""
    found: dict[date, list[Visit]] = {}
    totals: dict[date, int] = {}
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_SQL["days"], _values(which) | {"since": since, "until": until, "each": each}):
            totals[row["due_on"]] = row.pop("of_day")
            found.setdefault(row["due_on"], []).append(msgspec.convert(row, Visit))
    return {day: DayOfVisits(visits=tuple(visits), total=totals[day]) for day, visits in found.items()}


def due(
    conn: Connection, which: Which, since: date, until: date, *, after: int | None = None, limit: int = 100
) -> list[Visit]:
    """Return visits by the day they are due on; those after one."""
    return _visits(conn, "due", _values(which) | {"since": since, "until": until, "after": after, "limit": limit})


def late(conn: Connection, which: Which, today: date, *, after: int | None = None, limit: int = 100) -> list[Visit]:
    """Return the open visits whose day has gone, the oldest first; those after one."""
    return _visits(conn, "late", _values(which) | {"today": today, "after": after, "limit": limit})


def count_late(conn: Connection, which: Which, today: date, *, most: int) -> int:
    """Count the open visits whose day has gone, no further than `most`."""
    row = conn.execute(_SQL["count_late"], _values(which) | {"today": today, "most": most}).fetchone()
    return int(row[0]) if row else 0


def waiting_together(
    conn: Connection, market_id: MarketId | None, *, after: tuple[MarketId, VendorId] | None = None, limit: int
) -> list[Visit]:
    """Return the visits of vendors with more than one that has not begun, vendor by vendor; `limit` vendors at most."""
    market, vendor = after or (None, None)
    values = {"market_id": market_id, "after_market": market, "after_vendor": vendor, "limit": limit}
    return _visits(conn, "waiting_together", values)


def _values(which: Which) -> dict[str, Any]:
    return {"market_id": which.market_id, "states": list(which.states), "user_id": which.user_id}


def _visits(conn: Connection, name: str, values: dict[str, Any]) -> list[Visit]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [msgspec.convert(row, Visit) for row in cursor.execute(_SQL[name], values)]
