"""Who saw what of a person in full, and why: append and read; there is nothing else to do with it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, VendorId
from domain.register.personal import PersonalField

_SQL = load("personal_data_views")


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalDataView:
    """Who saw which fields of whom, when, how (page, json, xlsx, api, command) and why."""

    view_id: int
    market_id: MarketId
    vendor_id: VendorId
    vendor_name: str
    fields: list[str]
    how: str
    because: str
    by: str
    at: datetime


def append(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    fields: Collection[PersonalField],
    *,
    how: str,
    because: str,
    by: str,
    at: datetime,
) -> None:
    """Log a view."""
    values = {"market_id": market_id, "vendor_id": vendor_id, "fields": [str(one) for one in fields]}
    conn.execute(_SQL["append"], {**values, "how": how, "because": because, "by": by, "at": at})


def newest(conn: Connection, *, limit: int, offset: int = 0) -> list[PersonalDataView]:
    """Return the views, the newest first."""
    with conn.cursor(row_factory=class_row(PersonalDataView)) as cursor:
        return cursor.execute(_SQL["newest"], {"limit": limit, "offset": offset}).fetchall()


def of_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId, *, limit: int = 20) -> list[PersonalDataView]:
    """Return the views of a vendor, the newest first."""
    parameters = {"market_id": market_id, "vendor_id": vendor_id, "limit": limit}
    with conn.cursor(row_factory=class_row(PersonalDataView)) as cursor:
        return cursor.execute(_SQL["of_vendor"], parameters).fetchall()
