"""The codes of vendors' public pages."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, VendorId

_SQL = load("public_codes")


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicCode:
    """A code, whose it is, and when another one took its place."""

    code: str
    market_id: MarketId
    vendor_id: VendorId
    issued_by: str
    issued_at: datetime
    ended_at: datetime | None


def lock_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> bool:
    """Hold a vendor until the transaction ends; False where there is none."""
    return conn.execute(_SQL["lock_vendor"], {"market_id": market_id, "vendor_id": vendor_id}).fetchone() is not None


def end(conn: Connection, market_id: MarketId, vendor_id: VendorId, at: datetime) -> None:
    """End the vendor's code, where it has one."""
    conn.execute(_SQL["end"], {"market_id": market_id, "vendor_id": vendor_id, "at": at})


def insert(conn: Connection, market_id: MarketId, vendor_id: VendorId, code: str, *, by: str, at: datetime) -> bool:
    """Keep a code; False where it was somebody's already."""
    values = {"market_id": market_id, "vendor_id": vendor_id, "code": code, "by": by, "at": at}
    return conn.execute(_SQL["insert"], values).fetchone() is not None


def by_code(conn: Connection, code: str) -> PublicCode | None:
    """Return a code, whether it still holds or not; None where it never was one."""
    with conn.cursor(row_factory=class_row(PublicCode)) as cursor:
        return cursor.execute(_SQL["by_code"], {"code": code}).fetchone()


def of_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId) -> PublicCode | None:
    """Return the code that a vendor has now, or None."""
    with conn.cursor(row_factory=class_row(PublicCode)) as cursor:
        return cursor.execute(_SQL["of_vendor"], {"market_id": market_id, "vendor_id": vendor_id}).fetchone()


def of_market(conn: Connection, market_id: MarketId) -> dict[VendorId, PublicCode]:
    """Return the codes that a market's vendors have now."""
    with conn.cursor(row_factory=class_row(PublicCode)) as cursor:
        return {one.vendor_id: one for one in cursor.execute(_SQL["of_market"], {"market_id": market_id})}
