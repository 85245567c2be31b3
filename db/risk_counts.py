"""What risk classes are computed from: counted by the database, for all vendors of a market at once.

Months are their first day, by the market's calendar.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection

from db.queries import load
from domain.alert import AlertKind, AlertState
from domain.ids import MarketId, VendorId
from domain.risk import AnsweredComplaint, BrokenPromise, ComplaintWeight, MonthSeen, Weighed, months_before

_SQL: Final = load("risk_counts")


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """What is looked at: a month, and since when something counts.

    `first`: the first month of the window, `statistics_first` that of the statistics; `next_month` ends it.
    """

    market_id: MarketId
    timezone: str
    month: date
    next_month: date
    first: date
    statistics_first: date
    now: datetime

    @property
    def values(self) -> dict[str, Any]:
        """It as parameters of the queries."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Which alerts count: in these states, of these kinds."""

    states: Sequence[AlertState]
    kinds: Sequence[AlertKind]

    @property
    def values(self) -> dict[str, Any]:
        """It as parameters of the queries."""
        return {"states": [one.value for one in self.states], "kinds": [one.value for one in self.kinds]}


#: An alert as it stands: whose, its number, kind, how far above the cap (thousandths), its age in months.
AlertRow = tuple[VendorId, int, AlertKind, int, int]


def due_markets(conn: Connection, now: datetime, *, day_of_month: int) -> list[tuple[MarketId, date]]:
    """Return where the month before is to be computed, and that month."""
    found = conn.execute(_SQL["due_markets"], {"now": now, "day_of_month": day_of_month}).fetchall()
    return [(MarketId(market), month) for market, month in found]


def lock_market(conn: Connection, market_id: MarketId) -> None:
    """Be the only one who computes a market's classes, for the length of the transaction."""
    conn.execute(_SQL["lock_market"], {"market_id": market_id})


def count_weighings(conn: Connection, window: Window, *, since: date, near_permille: int) -> int:
    """Count the weighings of every month since one that was not counted yet; return how many months that were."""
    asked = window.values | {"first": since}
    months = [row[0] for row in conn.execute(_SQL["uncounted"], asked).fetchall()]
    for month in months:
        values = window.values | {
            "month": month,
            "next_month": months_before(month, -1),
            "near_permille": near_permille,
        }
        conn.execute(_SQL["mark_counted"], values)
        conn.execute(_SQL["count_month"], values)
    return len(months)


def subjects(conn: Connection, window: Window) -> list[VendorId]:
    """Return the vendors that are classed: who held a stall or a scale since the month began."""
    return [VendorId(row[0]) for row in conn.execute(_SQL["subjects"], window.values)]


def confirmed(conn: Connection, window: Window, standing: Standing) -> list[AlertRow]:
    """Return the alerts that count."""
    rows = conn.execute(_SQL["confirmed"], window.values | standing.values).fetchall()
    return [(VendorId(vendor), number, AlertKind(kind), permille, age) for vendor, number, kind, permille, age in rows]


def complaints(conn: Connection, window: Window) -> list[tuple[VendorId, AnsweredComplaint]]:
    """Return complaints that were upheld or settled."""
    return [
        (VendorId(vendor), AnsweredComplaint(complaint_id=number, weight=ComplaintWeight(outcome), age=age))
        for vendor, number, outcome, age in conn.execute(_SQL["complaints"], window.values)
    ]


def broken_promises(conn: Connection, window: Window) -> list[tuple[VendorId, BrokenPromise]]:
    """Return promises that were broken."""
    return [
        (VendorId(vendor), BrokenPromise(promise_id=number, age=age))
        for vendor, number, age in conn.execute(_SQL["broken"], window.values)
    ]


def weighed(conn: Connection, window: Window) -> dict[VendorId, tuple[Weighed, int]]:
    """Return what each vendor weighed lately, and how many days before the end of the month it last did."""
    return {
        VendorId(vendor): (Weighed(weighings=weighings, capped=capped, near=near, over=over), silent)
        for vendor, weighings, capped, near, over, silent in conn.execute(_SQL["weighed"], window.values)
    }


def overdue_days(conn: Connection, window: Window) -> dict[VendorId, int]:
    """Return for how many days the verification of a scale is over, of vendors that have such a scale."""
    return {VendorId(vendor): int(days) for vendor, days in conn.execute(_SQL["overdue"], window.values)}


def vendor_series(
    conn: Connection, window: Window, standing: Standing, *, since: date, least_counted: int
) -> dict[VendorId, list[MonthSeen]]:
    """Return the months, the oldest first, of vendors of whom something was confirmed on `least_counted` days."""
    found: dict[VendorId, list[MonthSeen]] = {}
    asked = window.values | standing.values | {"since": since, "least_counted": least_counted}
    for vendor, month, counted, weighings in conn.execute(_SQL["vendor_series"], asked):
        found.setdefault(VendorId(vendor), []).append(MonthSeen(month=month, counted=counted, weighings=weighings))
    return found


def market_series(conn: Connection, window: Window, standing: Standing, *, since: date) -> list[MonthSeen]:
    """Return the months of the whole market, the oldest first."""
    asked = window.values | standing.values | {"since": since}
    return [
        MonthSeen(month=month, counted=counted, weighings=weighings)
        for month, counted, weighings in conn.execute(_SQL["market_series"], asked)
    ]


def inspected(conn: Connection, window: Window, *, since: date) -> set[VendorId]:
    """Return who was visited since a day, until the end of the month."""
    return {VendorId(row[0]) for row in conn.execute(_SQL["inspected"], window.values | {"since": since})}
