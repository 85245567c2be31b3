"""Offices after years of work, made up for a benchmark: approvals, promises, cases, publicity, exports, visits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection

from db.queries import load
from domain.ids import MarketId, VendorId

_SQL: Final = load("bench_offices")
#: In the order in which one leads to the next; what a draw leaves behind follows when there is a plan.
_AFTER_THE_PLAN: Final = ("earlier_plans", "inspections", "inspection_tasks", "inspection_inspectors", "second_visits")
_OF_PORTRAITS: Final = ("vendor_days", "days_counted")
_NOT_YET: Final = frozenset({*_AFTER_THE_PLAN, *_OF_PORTRAITS, "inspectors", "frozen_plan"})


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficesSize:
    """How much there is. Vendors are shared evenly by the markets."""

    alerts: int
    vendors: int
    markets: int
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitsOf:
    """The plan, catalogue and item that made-up visits are for."""

    plan_id: int
    catalogue_id: int
    department: str
    item: str


def market_ids(size: OfficesSize) -> list[MarketId]:
    """Return the markets that are made up."""
    return [MarketId(f"m-{n}") for n in range(size.markets)]


def a_vendor(size: OfficesSize) -> tuple[MarketId, VendorId]:
    """Return one of the vendors, with its market; one that has alerts."""
    return MarketId(f"m-{7 % size.markets}"), VendorId("V-7")


def add_people(conn: Connection) -> list[str]:
    """Make accounts for forty inspectors; return their names."""
    conn.execute(_SQL["inspectors"])
    return [f"inspector-{n}" for n in range(1, 41)]


def fill(conn: Connection, size: OfficesSize) -> None:
    """Make up everything but visits, in an order in which one leads to the next."""
    values = {
        "alerts": size.alerts,
        "vendors": size.vendors,
        "markets": size.markets,
        "now": size.now,
        "today": size.now.date(),
    }
    for name, statement in _SQL.items():
        if name not in _NOT_YET:
            conn.execute(statement, values)


def fill_vendor_days(conn: Connection, size: OfficesSize, near_permille: int) -> None:
    """Make up what the vendors of one market, that of `a_vendor`, sold in the weeks that portraits are of."""
    values = {
        "portrayed": a_vendor(size)[0],
        "today": size.now.date(),
        "now": size.now,
        "near_permille": near_permille,
    }
    for name in _OF_PORTRAITS:
        conn.execute(_SQL[name], values)


def fill_visits(conn: Connection, size: OfficesSize, of: VisitsOf) -> None:
    """Make up visits that were planned, two tasks and two inspectors each."""
    values = {"markets": size.markets, "vendors": size.vendors, "now": size.now, "today": size.now.date()}
    plan = {"plan_id": of.plan_id, "catalogue_id": of.catalogue_id, "department": of.department, "item": of.item}
    for name in _AFTER_THE_PLAN:
        conn.execute(_SQL[name], values | plan)


def frozen_plan(conn: Connection) -> int:
    """Return the plan that waits for its draw."""
    row = conn.execute(_SQL["frozen_plan"]).fetchone()
    if row is None:
        raise LookupError("no plan is frozen")
    return int(row[0])
