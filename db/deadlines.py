"""Deadlines of alerts: which to look at, what was said about them, and how people kept them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from db.alerts import alert_of
from db.queries import load
from domain.alert import Alert
from domain.ids import MarketId

_SQL = load("deadlines")


@dataclass(frozen=True, kw_only=True, slots=True)
class LookedAt:
    """When an alert's deadlines are looked at next (None: nothing is due), and whether one was missed."""

    alert_id: int
    next_look_at: datetime | None
    is_overdue: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Something to say about a deadline: that it is near, or that it was missed."""

    alert_id: int
    deadline: str
    due_since: datetime
    standing: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HandledByPerson:
    """How a person handled a market's alerts in a span of time; `median_answer_s` is of those they answered first."""

    market_id: MarketId
    actor: str
    confirmed: int
    dismissed: int
    closed: int
    without_evidence: int
    answered: int
    median_answer_s: float | None


def to_look_at(conn: Connection, now: datetime, limit: int) -> list[Alert]:
    """Return alerts whose deadlines are to be looked at, held for the length of the transaction."""
    held = [row[0] for row in conn.execute(_SQL["hold_to_look_at"], {"now": now, "limit": limit})]
    with conn.cursor(row_factory=dict_row) as cursor:
        return [alert_of(row) for row in cursor.execute(_SQL["to_look_at"], {"alert_ids": held})]


def looked_at(conn: Connection, looked: Sequence[LookedAt]) -> None:
    """Write down when to look again, and what is overdue."""
    conn.execute(_SQL["looked_at"], {name: [getattr(one, name) for one in looked] for name in LookedAt.__slots__})


def tell(conn: Connection, told: Sequence[Told], now: datetime) -> set[tuple[int, str, str]]:
    """Write down what is said; return (alert_id, deadline, standing) of what had not been said before."""
    if not told:
        return set()
    parameters: dict[str, object] = {name: [getattr(one, name) for one in told] for name in Told.__slots__}
    return {(row[0], row[1], row[2]) for row in conn.execute(_SQL["told"], {**parameters, "now": now})}


def next_look(conn: Connection) -> datetime | None:
    """Return when the next alert is to be looked at; None where nothing is due anywhere."""
    row = conn.execute(_SQL["next_look"]).fetchone()
    found: datetime | None = row[0] if row else None
    return found


def handled_by_person(
    conn: Connection, market_id: MarketId | None, since: datetime, until: datetime
) -> list[HandledByPerson]:
    """Return how each person handled the alerts of a market (None: of each) in a span of time."""
    with conn.cursor(row_factory=class_row(HandledByPerson)) as cursor:
        return cursor.execute(_SQL["handled_by_person"], _span(market_id, since, until)).fetchall()


def missed_by_market(
    conn: Connection, market_id: MarketId | None, since: datetime, until: datetime
) -> dict[tuple[MarketId, str], int]:
    """Return how many deadlines of each kind were missed in each market in a span of time."""
    rows = conn.execute(_SQL["missed_by_market"], _span(market_id, since, until))
    return {(MarketId(row[0]), row[1]): row[2] for row in rows}


def opened_by_market(
    conn: Connection, market_id: MarketId | None, since: datetime, until: datetime
) -> list[tuple[MarketId, str, int]]:
    """Return (market_id, name, alerts opened) of each market in a span of time."""
    rows = conn.execute(_SQL["opened_by_market"], _span(market_id, since, until))
    return [(MarketId(row[0]), row[1], row[2]) for row in rows]


def _span(market_id: MarketId | None, since: datetime, until: datetime) -> dict[str, object]:
    return {"market_id": market_id, "since": since, "until": until}
