"""Exemptions of vendors: granted, revoked, listed. For judging they are read in db/caps.py."""

from datetime import datetime

from psycopg import Connection, errors
from psycopg.rows import class_row

from db.queries import load
from domain.errors import NotFound, RuleViolation
from domain.exemption_record import ExemptionRecord
from domain.ids import MarketId, VendorId

_SQL = load("exemptions")


def insert(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    *,
    since: datetime,
    until: datetime | None,
    reason: str,
    document_no: str,
    by: str,
    at: datetime,
) -> int:
    """Keep an exemption; return its exemption_id. Where one is refused the transaction is over.

    Raise NotFound for an unknown vendor, RuleViolation where another one holds in that time.
    """
    parameters = {
        "market_id": market_id,
        "vendor_id": vendor_id,
        "since": since,
        "until": until,
        "reason": reason,
        "document_no": document_no,
        "by": by,
        "at": at,
    }
    try:
        row = conn.execute(_SQL["insert"], parameters).fetchone()
    except errors.ForeignKeyViolation:
        raise NotFound(f"there is no vendor {vendor_id!r} in {market_id}") from None
    except errors.ExclusionViolation:
        raise RuleViolation(f"{vendor_id} is exempt in a part of that time already", problem="exempt_already") from None
    if row is None:
        raise LookupError("INSERT … RETURNING gave no exemption_id")
    return int(row[0])


def revoke(conn: Connection, exemption_id: int, *, ends: datetime, by: str, at: datetime, because: str) -> bool:
    """End an exemption at a moment; return False where it was revoked, or ends by then anyway."""
    parameters = {"exemption_id": exemption_id, "ends": ends, "by": by, "at": at, "because": because}
    return conn.execute(_SQL["revoke"], parameters).fetchone() is not None


def listed(
    conn: Connection,
    *,
    market_id: MarketId | None = None,
    vendor_id: VendorId | None = None,
    exemption_id: int | None = None,
    limit: int = 500,
) -> list[ExemptionRecord]:
    """Return exemptions, the one granted last first."""
    parameters = {"market_id": market_id, "vendor_id": vendor_id, "exemption_id": exemption_id, "limit": limit}
    with conn.cursor(row_factory=class_row(ExemptionRecord)) as cursor:
        return cursor.execute(_SQL["listed"], parameters).fetchall()


def one(conn: Connection, exemption_id: int) -> ExemptionRecord | None:
    """Return an exemption, or None."""
    return next(iter(listed(conn, exemption_id=exemption_id, limit=1)), None)
