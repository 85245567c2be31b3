"""Finding vendors, stalls and scales among a hundred thousand."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import class_row

from db import like
from db.queries import load
from domain.ids import MarketId, ScaleId, StallId, VendorId
from domain.register.records import SubjectKind

_SQL = load("register_search")
#: Of each way of finding; who types one letter gets the first ones by id, and types a second.
_MOST = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundVendor:
    """A vendor with the stalls it occupies now (comma-separated) and how many scales stand with it."""

    market_id: MarketId
    market_name: str
    vendor_id: VendorId
    name: str
    kind: str
    credit_code: str
    licence_until: date | None
    stalls: str
    scales: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundStall:
    """A stall and who occupies it now."""

    market_id: MarketId
    stall_id: StallId
    place: str
    row_no: str
    area_dm2: int | None
    vendor_id: VendorId | None
    vendor_name: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundScale:
    """A scale and where it stands for whom now."""

    market_id: MarketId
    scale_id: ScaleId
    serial_number: str
    verified_until: date | None
    seal_state: str | None
    stall_id: StallId | None
    vendor_id: VendorId | None
    vendor_name: str | None


def vendors(
    conn: Connection, text: str, market_id: MarketId | None, now: datetime, *, limit: int, offset: int = 0
) -> list[FoundVendor]:
    """Return the vendors of a market (None: of all) found by a text, all of them where it is empty; by their ids."""
    plain = "".join(text.split()).lower()[:64]
    parameters: dict[str, object] = {"market_id": market_id, "now": now, "limit": limit, "offset": offset}
    if plain:
        parameters |= {"lexeme": _lexeme(plain), "beginning": like.beginning(plain), "licence_no": plain, "most": _MOST}
    with conn.cursor(row_factory=class_row(FoundVendor)) as cursor:
        return cursor.execute(_SQL["found" if plain else "listed"], parameters).fetchall()


def stalls(
    conn: Connection, beginning: str, market_id: MarketId | None, now: datetime, *, limit: int, offset: int = 0
) -> list[FoundStall]:
    """Return the stalls whose id begins so, by their ids."""
    values = {"beginning": like.beginning(beginning.strip().lower()), "market_id": market_id, "now": now}
    with conn.cursor(row_factory=class_row(FoundStall)) as cursor:
        return cursor.execute(_SQL["stalls_listed"], {**values, "limit": limit, "offset": offset}).fetchall()


def scales(
    conn: Connection, beginning: str, market_id: MarketId | None, now: datetime, *, limit: int, offset: int = 0
) -> list[FoundScale]:
    """Return the scales whose id begins so, by their ids."""
    values = {"beginning": like.beginning(beginning.strip().lower()), "market_id": market_id, "now": now}
    with conn.cursor(row_factory=class_row(FoundScale)) as cursor:
        return cursor.execute(_SQL["scales_listed"], {**values, "limit": limit, "offset": offset}).fetchall()


def ids(conn: Connection, market_id: MarketId, subject: SubjectKind, *, limit: int = 200_000) -> list[str]:
    """Return the ids of a market's vendors, stalls or scales: what a file may name."""
    rows = conn.execute(_SQL[f"{subject}_ids"], {"market_id": market_id, "limit": limit})
    return [str(row[0]) for row in rows]


def _lexeme(plain: str) -> str:
    quoted = plain.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}':*"
