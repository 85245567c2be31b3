"""What people put on record of vendors: added, withdrawn once, read."""

from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.credit_record import CreditRecord, NewCreditRecord
from domain.ids import MarketId, VendorId

_SQL = load("credit_records")
_NEW: Final = tuple(field.name for field in fields(NewCreditRecord))


def add(conn: Connection, new: NewCreditRecord) -> int:
    """Write a record down; return its record_id."""
    row = conn.execute(_SQL["add"], {name: getattr(new, name) for name in _NEW}).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no record_id")
    return int(row[0])


def withdraw(conn: Connection, record_id: int, *, by: str, why: str, at: datetime) -> bool:
    """Mark a record as withdrawn; say whether it stood."""
    return conn.execute(_SQL["withdraw"], {"record_id": record_id, "by": by, "why": why, "at": at}).rowcount == 1


def by_id(conn: Connection, record_id: int) -> CreditRecord | None:
    """Return a record; None where there is none."""
    return next(iter(_found(conn, "by_id", {"record_id": record_id})), None)


def the_same(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, name: str, document_no: str, happened_on: date
) -> CreditRecord | None:
    """Return the record that stands with this document; None where none does."""
    whose = {"market_id": market_id, "vendor_id": vendor_id}
    asked = {**whose, "name": name, "document_no": document_no, "happened_on": happened_on}
    return next(iter(_found(conn, "the_same", asked)), None)


def of_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int) -> list[CreditRecord]:
    """Return a vendor's records, the newest first."""
    return _found(conn, "of_vendor", {"market_id": market_id, "vendor_id": vendor_id, "limit": limit})


def _found(conn: Connection, query: str, asked: dict[str, Any]) -> list[CreditRecord]:
    with conn.cursor(row_factory=class_row(CreditRecord)) as cursor:
        return cursor.execute(_SQL[query], asked).fetchall()
