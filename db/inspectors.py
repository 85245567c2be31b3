"""Inspectors, their conflicts, and the risk classes of subjects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from psycopg import Connection, errors
from psycopg.rows import class_row, dict_row

from db.queries import load
from domain.errors import IllegalTransition, NotFound
from domain.ids import MarketId, VendorId
from domain.inspection import Conflict, InspectorRecord, RiskRecord
from domain.supervision_item import RiskClass

_SQL = load("inspectors")


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskSubject:
    """A vendor that holds a stall, with its class; None: nobody set one."""

    market_id: MarketId
    vendor_id: VendorId
    risk_class: RiskClass | None


def add(
    conn: Connection,
    username: str,
    *,
    badge_no: str,
    department: str,
    qualifications: Sequence[str],
    by: str,
    at: datetime,
) -> int:
    """Make an account an inspector, or change what it is as one; return its user_id.

    Raise NotFound for an account that cannot sign in, IllegalTransition for a badge that another one has.
    """
    values = {"username": username, "badge_no": badge_no, "department": department, "by": by, "at": at}
    try:
        row = conn.execute(_SQL["add"], {**values, "qualifications": list(qualifications)}).fetchone()
    except errors.UniqueViolation:
        raise IllegalTransition(
            f"badge {badge_no!r} is another inspector's", problem="badge_taken", facts={"badge": badge_no}
        ) from None
    if row is None:
        raise NotFound(
            f"nobody may sign in as {username!r}; make the account first",
            problem="no_account",
            facts={"name": username},
        )
    return int(row[0])


def retire(conn: Connection, user_id: int, *, by: str, at: datetime) -> bool:
    """Send an inspector nowhere any more; False where that is so already."""
    return conn.execute(_SQL["retire"], {"user_id": user_id, "by": by, "at": at}).fetchone() is not None


def listed(conn: Connection, *, username: str | None = None) -> list[InspectorRecord]:
    """Return inspectors by department and badge, those who retired last."""
    with conn.cursor(row_factory=class_row(InspectorRecord)) as cursor:
        return cursor.execute(_SQL["listed"], {"username": username}).fetchall()


def declare_conflict(
    conn: Connection,
    user_id: int,
    market_id: MarketId,
    vendor_id: VendorId | None,
    *,
    reason: str,
    by: str,
    at: datetime,
) -> int:
    """Keep that an inspector does not visit a vendor, or a whole market; return its conflict_id. Raise NotFound."""
    values = {"user_id": user_id, "market_id": market_id, "vendor_id": vendor_id, "reason": reason, "by": by, "at": at}
    try:
        row = conn.execute(_SQL["declare"], values).fetchone()
    except errors.ForeignKeyViolation:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}", problem="no_such_vendor") from None
    if row is None:
        raise NotFound(f"there is no inspector {user_id}", problem="no_inspector")
    return int(row[0])


def end_conflict(conn: Connection, conflict_id: int, *, by: str, at: datetime) -> bool:
    """End a conflict; False where there is none that holds."""
    values = {"conflict_id": conflict_id, "by": by, "at": at}
    return conn.execute(_SQL["end_conflict"], values).fetchone() is not None


def conflicts(conn: Connection, *, only_now: bool = False) -> list[Conflict]:
    """Return conflicts, those that hold first; `only_now`: only those."""
    with conn.cursor(row_factory=class_row(Conflict)) as cursor:
        return cursor.execute(_SQL["conflicts"], {"only_now": only_now}).fetchall()


def set_class(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    risk_class: RiskClass,
    *,
    reason: str,
    by: str,
    at: datetime,
) -> None:
    """Set the class of a subject for the month. Raise NotFound."""
    values = {"market_id": market_id, "vendor_id": vendor_id, "class": risk_class, "reason": reason, "by": by, "at": at}
    try:
        conn.execute(_SQL["set_class"], values)
    except errors.ForeignKeyViolation:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}", problem="no_such_vendor") from None


def classes_set(
    conn: Connection, *, market_id: MarketId | None = None, vendor_id: VendorId | None = None, limit: int = 200
) -> list[RiskRecord]:
    """Return classes as regulators set them, the newest first."""
    values = {"market_id": market_id, "vendor_id": vendor_id, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [msgspec.convert(row, RiskRecord) for row in cursor.execute(_SQL["classes_set"], values).fetchall()]


def subjects(conn: Connection, market_ids: Sequence[MarketId], at: datetime) -> list[RiskSubject]:
    """Return every vendor of the markets that holds a stall at a moment."""
    rows = conn.execute(_SQL["subjects"], {"market_ids": list(market_ids), "at": at}).fetchall()
    return [
        RiskSubject(
            market_id=MarketId(row[0]),
            vendor_id=VendorId(row[1]),
            risk_class=None if row[2] is None else RiskClass(row[2]),
        )
        for row in rows
    ]


def last_visitors(conn: Connection, market_ids: Sequence[MarketId]) -> list[tuple[MarketId, VendorId, int]]:
    """Return who (user_id) visited each subject the last time."""
    rows = conn.execute(_SQL["last_visitors"], {"market_ids": list(market_ids)}).fetchall()
    return [(MarketId(row[0]), VendorId(row[1]), int(row[2])) for row in rows]
