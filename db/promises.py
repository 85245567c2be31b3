"""Promises and their steps."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.queries import load
from domain.alert import AlertKind
from domain.ids import MarketId, VendorId
from domain.promise import MadeHow, NewPromise, Promise, PromiseAction, PromiseState, PromiseStep

_SQL = load("promises")
_NEW: Final = tuple(field.name for field in fields(NewPromise))
_ALL: Final = tuple(field.name for field in fields(Promise))
_STEP: Final = tuple(field.name for field in fields(PromiseStep))


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedPromise:
    """A promise with the names a list shows it with."""

    promise: Promise
    market_name: str
    timezone: str
    vendor_name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LapsingOffer:
    """An offer that runs out soon, and was not told of as that."""

    promise_id: int
    market_id: MarketId
    alert_id: int
    offer_until: datetime
    once: str


def offer(conn: Connection, new: NewPromise) -> int:
    """Write an offer down; return its promise_id."""
    values: dict[str, Any] = {name: getattr(new, name) for name in _NEW}
    row = conn.execute(_SQL["offer"], {**values, "scope": [kind.value for kind in new.scope]}).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no promise_id")
    return int(row[0])


def move(conn: Connection, promise: Promise) -> None:
    """Store where a promise stands."""
    values = {name: getattr(promise, name) for name in ("promise_id", "state", "made_at", "until")}
    conn.execute(_SQL["move"], {**values, "breakers": sorted(promise.breakers)})


def append_step(conn: Connection, step: PromiseStep) -> None:
    """Write one step into the trail."""
    conn.execute(_SQL["append_step"], {name: getattr(step, name) for name in _STEP})


def by_id(conn: Connection, promise_id: int) -> Promise | None:
    """Return a promise; None where there is none."""
    return next(iter(_found(conn, "by_id", {"promise_id": promise_id})), None)


def of_alert(conn: Connection, alert_id: int) -> Promise | None:
    """Return the promise that an alert ended in; None where it ended in none."""
    return next(iter(_found(conn, "of_alert", {"alert_id": alert_id})), None)


def of_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> list[Promise]:
    """Return a vendor's promises, oldest first."""
    return _found(conn, "of_vendor", {"market_id": market_id, "vendor_id": vendor_id})


def steps_of(conn: Connection, promise_id: int) -> list[PromiseStep]:
    """Return what was done with a promise, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_step(row) for row in cursor.execute(_SQL["steps_of"], {"promise_id": promise_id})]


def listed(
    conn: Connection,
    market_id: MarketId | None,
    states: Iterable[PromiseState],
    *,
    limit: int,
    before: int | None = None,
) -> list[ListedPromise]:
    """Return the promises of a market (None: of every market) in some states, the newest first; those before one."""
    asked = {"market_id": market_id, "states": [one.value for one in states], "limit": limit, "before": before}
    name = "listed" if market_id is None else "listed_in_market"
    with conn.cursor(row_factory=dict_row) as cursor:
        return [
            ListedPromise(
                promise=_promise(row),
                market_name=row["market_name"],
                timezone=row["timezone"],
                vendor_name=row["vendor_name"],
            )
            for row in cursor.execute(_SQL[name], asked)
        ]


def counts_up_to(conn: Connection, market_id: MarketId | None, most: int) -> dict[PromiseState, int]:
    """Return how many promises there are in each state, counted no further than `most`."""
    asked = {"market_id": market_id, "states": list(PromiseState), "most": most}
    name = "counts" if market_id is None else "counts_in_market"
    return {PromiseState(state): int(n) for state, n in conn.execute(_SQL[name], asked)}


def lapsing(conn: Connection, now: datetime, *, until: datetime, limit: int) -> list[LapsingOffer]:
    """Return offers that run out after now, until a moment, and were not told of, the first to run out first."""
    with conn.cursor(row_factory=class_row(LapsingOffer)) as cursor:
        return cursor.execute(_SQL["lapsing"], {"now": now, "until": until, "limit": limit}).fetchall()


def due(conn: Connection, now: datetime, *, limit: int) -> list[int]:
    """Return the promises with which time has something to do: offers that ran out, terms that are over."""
    return [int(row[0]) for row in conn.execute(_SQL["due"], {"now": now, "limit": limit})]


def _found(conn: Connection, query: str, asked: dict[str, Any]) -> list[Promise]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_promise(row) for row in cursor.execute(_SQL[query], asked)]


def _promise(row: dict[str, Any]) -> Promise:
    values = {name: row[name] for name in _ALL}
    return Promise(
        **{
            **values,
            "scope": tuple(AlertKind(kind) for kind in row["scope"]),
            "waived_kind": AlertKind(row["waived_kind"]),
            "state": PromiseState(row["state"]),
            "breakers": frozenset(row["breakers"]),
        }
    )


def _step(row: dict[str, Any]) -> PromiseStep:
    how = row["made_how"]
    return PromiseStep(
        **{
            **row,
            "action": PromiseAction(row["action"]),
            "from_state": PromiseState(row["from_state"]),
            "to_state": PromiseState(row["to_state"]),
            "made_how": None if how is None else MadeHow(how),
        }
    )
