"""Applications for repair of credit, and their steps."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import dict_row

from db.queries import load
from domain.alert import AlertState
from domain.alert_step import AlertAction
from domain.ids import MarketId, VendorId
from domain.repair import CreditRepair, Effort, NewRepair, RepairAction, RepairState, RepairStep

_SQL = load("credit_repairs")
_NEW: Final = tuple(field.name for field in fields(NewRepair))
_ALL: Final = tuple(field.name for field in fields(CreditRepair))
_STEP: Final = tuple(field.name for field in fields(RepairStep))
_MOVED: Final = (
    *("repair_id", "state", "points", "granted_event", "rules_version", "decided_by", "decided_at", "reason"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedRepair:
    """An application with what a list shows of its deduction."""

    repair: CreditRepair
    market_name: str
    timezone: str
    vendor_name: str
    deducted_for: str
    deducted: int
    occurred_at: datetime
    alert_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OfAlert:
    """What of an alert decides about repair. `ordered`: the last step of its rectification, None where none was."""

    alert_id: int
    state: AlertState
    rectify_by: date | None
    ordered: AlertAction | None
    confirmed_by: tuple[str, ...]


def apply(conn: Connection, new: NewRepair) -> int:
    """Write an application down; return its repair_id."""
    row = conn.execute(_SQL["apply"], {name: getattr(new, name) for name in _NEW}).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no repair_id")
    return int(row[0])


def move(conn: Connection, repair: CreditRepair) -> None:
    """Store where an application stands."""
    conn.execute(_SQL["move"], {name: getattr(repair, name) for name in _MOVED})


def append_step(conn: Connection, step: RepairStep) -> None:
    """Write one step into the trail."""
    conn.execute(_SQL["append_step"], {name: getattr(step, name) for name in _STEP})


def by_id(conn: Connection, repair_id: int) -> CreditRepair | None:
    """Return an application; None where there is none."""
    return next(iter(_found(conn, "by_id", {"repair_id": repair_id})), None)


def waiting_of_event(conn: Connection, event_id: int) -> CreditRepair | None:
    """Return the application about a deduction that awaits its decision; None where none does."""
    return next(iter(_found(conn, "waiting_of_event", {"event_id": event_id})), None)


def of_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int) -> list[CreditRepair]:
    """Return a vendor's applications, the newest first."""
    return _found(conn, "of_vendor", {"market_id": market_id, "vendor_id": vendor_id, "limit": limit})


def steps_of(conn: Connection, repair_id: int) -> list[RepairStep]:
    """Return what was done with an application, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_step(row) for row in cursor.execute(_SQL["steps_of"], {"repair_id": repair_id})]


def listed(
    conn: Connection,
    market_id: MarketId | None,
    states: Iterable[RepairState],
    *,
    limit: int,
    before: int | None = None,
) -> list[ListedRepair]:
    """Return the applications of a market (None: of every market) in some states, the newest first; before one."""
    asked = {"market_id": market_id, "states": [one.value for one in states], "limit": limit, "before": before}
    name = "listed" if market_id is None else "listed_in_market"
    beside = [field.name for field in fields(ListedRepair) if field.name != "repair"]
    with conn.cursor(row_factory=dict_row) as cursor:
        return [
            ListedRepair(repair=_repair(row), **{one: row[one] for one in beside})
            for row in cursor.execute(_SQL[name], asked)
        ]


def counts_up_to(conn: Connection, market_id: MarketId | None, most: int) -> dict[RepairState, int]:
    """Return how many applications there are in each state, counted no further than `most`."""
    asked = {"market_id": market_id, "states": list(RepairState), "most": most}
    name = "counts" if market_id is None else "counts_in_market"
    return {RepairState(state): int(n) for state, n in conn.execute(_SQL[name], asked)}


def about_alerts(conn: Connection, alert_ids: Collection[int]) -> dict[int, OfAlert]:
    """Return what of alerts decides about repair, by alert_id."""
    if not alert_ids:
        return {}
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_SQL["about_alerts"], {"alert_ids": list(alert_ids)})
        return {row["alert_id"]: _of_alert(row) for row in found}


def waiting_in_vain(conn: Connection, before: datetime, *, limit: int) -> list[int]:
    """Return applications whose deduction was given back or happened before a moment."""
    return [int(row[0]) for row in conn.execute(_SQL["waiting_in_vain"], {"before": before, "limit": limit})]


def _found(conn: Connection, query: str, asked: dict[str, Any]) -> list[CreditRepair]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_repair(row) for row in cursor.execute(_SQL[query], asked)]


def _repair(row: dict[str, Any]) -> CreditRepair:
    values = {name: row[name] for name in _ALL}
    return CreditRepair(**{**values, "effort": Effort(row["effort"]), "state": RepairState(row["state"])})


def _step(row: dict[str, Any]) -> RepairStep:
    states = {name: RepairState(row[name]) for name in ("from_state", "to_state")}
    return RepairStep(**{**row, **states, "action": RepairAction(row["action"])})


def _of_alert(row: dict[str, Any]) -> OfAlert:
    ordered = row["ordered"]
    return OfAlert(
        alert_id=row["alert_id"],
        state=AlertState(row["state"]),
        rectify_by=row["rectify_by"],
        ordered=None if ordered is None else AlertAction(ordered),
        confirmed_by=tuple(row["confirmed_by"]),
    )
