"""Plans of random inspections and their draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from psycopg import Connection
from psycopg.rows import dict_row

from db.queries import load
from domain.ids import MarketId, VendorId
from domain.inspection import Plan

_SQL = load("inspection_plans")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPlan:
    """A plan as it is asked for. Days are those of the markets, both included."""

    title: str
    department: str
    items: tuple[str, ...]
    market_ids: tuple[MarketId, ...]
    first_day: date
    last_day: date
    visits: int
    most: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Freezing:
    """What freezing a plan fixes."""

    frozen: str
    frozen_sha256: str
    secret: str
    salt: bytes
    public_source: str
    public_from: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawSubject:
    """Whose a key is."""

    key: str
    market_id: MarketId
    vendor_id: VendorId
    vendor_name: str = ""


def insert(conn: Connection, new: NewPlan, catalogue_id: int, *, by: str, at: datetime) -> int:
    """Keep a plan; return its plan_id."""
    values = {
        "title": new.title,
        "department": new.department,
        "catalogue_id": catalogue_id,
        "items": list(new.items),
        "market_ids": list(new.market_ids),
        "first_day": new.first_day,
        "last_day": new.last_day,
        "visits": new.visits,
        "most": new.most,
        "by": by,
        "at": at,
    }
    row = conn.execute(_SQL["insert"], values).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no plan_id")
    return int(row[0])


def freeze(
    conn: Connection,
    plan_id: int,
    freezing: Freezing,
    subjects: Sequence[DrawSubject],
    inspectors: Mapping[str, int],
    *,
    by: str,
    at: datetime,
) -> None:
    """Fix everything of a draw but its seed; `inspectors`: whose (user_id) each inspector's key is."""
    values = {name: getattr(freezing, name) for name in Freezing.__slots__}
    conn.execute(_SQL["freeze"], {**values, "plan_id": plan_id, "by": by, "at": at})
    conn.execute(
        _SQL["insert_subjects"],
        {
            "plan_id": plan_id,
            "keys": [one.key for one in subjects],
            "market_ids": [one.market_id for one in subjects],
            "vendor_ids": [one.vendor_id for one in subjects],
        },
    )
    people = {"keys": list(inspectors), "user_ids": list(inspectors.values())}
    conn.execute(_SQL["insert_inspectors"], {"plan_id": plan_id, **people})


def draw(conn: Connection, plan_id: int, *, public_value: str, seed: str, by: str, at: datetime) -> None:
    """Keep the seed of a draw."""
    values = {"plan_id": plan_id, "public_value": public_value, "seed": seed, "by": by, "at": at}
    conn.execute(_SQL["draw"], values)


def abandon(conn: Connection, plan_id: int, *, because: str, by: str, at: datetime) -> None:
    """Give a plan up; it stays where everybody sees it."""
    conn.execute(_SQL["abandon"], {"plan_id": plan_id, "because": because, "by": by, "at": at})


def listed(conn: Connection, *, only_public: bool = False, limit: int = 200) -> list[Plan]:
    """Return plans, the newest first; `only_public`: those whose hash was published."""
    return _plans(conn, None, only_public=only_public, limit=limit)


def one(conn: Connection, plan_id: int) -> Plan | None:
    """Return a plan, or None."""
    return next(iter(_plans(conn, plan_id)), None)


def frozen(conn: Connection, plan_id: int) -> str:
    """Return the exact text that was frozen; '' before that."""
    row = conn.execute(_SQL["frozen"], {"plan_id": plan_id}).fetchone()
    return "" if row is None or row[0] is None else str(row[0])


def one_locked(conn: Connection, plan_id: int) -> Plan | None:
    """Return a plan that nobody else changes until the transaction ends, or None."""
    conn.execute(_SQL["lock"], {"plan_id": plan_id})
    return one(conn, plan_id)


def subjects_of(conn: Connection, plan_id: int, keys: Sequence[str]) -> dict[str, DrawSubject]:
    """Return whose each key of a draw is."""
    rows = conn.execute(_SQL["subjects_of"], {"plan_id": plan_id, "keys": list(keys)}).fetchall()
    return {
        row[0]: DrawSubject(key=row[0], market_id=MarketId(row[1]), vendor_id=VendorId(row[2]), vendor_name=row[3])
        for row in rows
    }


def inspectors_of(conn: Connection, plan_id: int) -> dict[str, int]:
    """Return whose (user_id) each inspector's key of a draw is, as it was frozen."""
    rows = conn.execute(_SQL["inspectors_of"], {"plan_id": plan_id}).fetchall()
    return {row[0]: int(row[1]) for row in rows}


def salt(conn: Connection, plan_id: int) -> bytes | None:
    """Return the salt of a draw's keys; None before it was frozen."""
    row = conn.execute(_SQL["salt"], {"plan_id": plan_id}).fetchone()
    return None if row is None or row[0] is None else bytes(row[0])


def _plans(conn: Connection, plan_id: int | None, *, only_public: bool = False, limit: int = 1) -> list[Plan]:
    values = {"plan_id": plan_id, "only_public": only_public, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [msgspec.convert(row, Plan) for row in cursor.execute(_SQL["listed"], values).fetchall()]
