"""Purchase records: entered, decided on once, listed. For judging they are read in db/purchases.py."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from psycopg import Connection, errors
from psycopg.rows import dict_row

from db.queries import load
from domain.errors import NotFound
from domain.ids import MarketId, SpeciesCode, VendorId
from domain.price_cap import CapUnit
from domain.purchase import PurchaseRecord, PurchaseState
from domain.units import Fen

_SQL = load("purchase_records")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPurchase:
    """A purchase to enter; `price_fen` per `price_unit`. `slip_type`: of the photo, where there is one."""

    market_id: MarketId
    vendor_id: VendorId
    species_code: SpeciesCode
    grade: str
    purchased_on: date
    price_fen: Fen
    price_unit: CapUnit
    published_as: str
    slip_no: str
    slip_photo: bytes | None
    slip_type: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Which:
    """Which records to list; None: all."""

    market_id: MarketId | None = None
    vendor_id: VendorId | None = None
    species_code: SpeciesCode | None = None
    state: PurchaseState | None = None
    purchase_id: int | None = None


def insert(conn: Connection, new: NewPurchase, *, by: str, at: datetime) -> int:
    """Keep a purchase; return its purchase_id. Raise NotFound for an unknown vendor or species, and begin anew then."""
    try:
        row = conn.execute(_SQL["insert"], {**asdict(new), "entered_by": by, "entered_at": at}).fetchone()
    except errors.ForeignKeyViolation as error:
        if error.diag.constraint_name == "purchase_records_vendor_exists":
            raise NotFound(f"there is no vendor {new.vendor_id!r} in {new.market_id}") from None
        raise NotFound(f"there is no species {new.species_code!r}") from None
    if row is None:
        raise LookupError("INSERT … RETURNING gave no purchase_id")
    return int(row[0])


def decide(conn: Connection, purchase_id: int, state: PurchaseState, *, by: str, at: datetime, note: str) -> bool:
    """Accept or refuse a record; return False where it was decided on already."""
    parameters = {"purchase_id": purchase_id, "state": state, "by": by, "at": at, "note": note}
    return conn.execute(_SQL["decide"], parameters).fetchone() is not None


def listed(conn: Connection, which: Which, *, before: int | None = None, limit: int = 100) -> list[PurchaseRecord]:
    """Return records, the one entered last first; only those with a number below `before`."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["listed"], {**asdict(which), "before": before, "limit": limit}).fetchall()
    return [
        PurchaseRecord(**{**row, "unit": CapUnit(row["unit"]), "state": PurchaseState(row["state"])}) for row in rows
    ]


def one(conn: Connection, purchase_id: int) -> PurchaseRecord | None:
    """Return a record, or None."""
    return next(iter(listed(conn, Which(purchase_id=purchase_id), limit=1)), None)


def counts(conn: Connection, market_id: MarketId | None) -> dict[PurchaseState, int]:
    """Return how many records stand in each state, in a market or (None) everywhere."""
    found = {PurchaseState(state): count for state, count in conn.execute(_SQL["counts"], {"market_id": market_id})}
    return {state: found.get(state, 0) for state in PurchaseState}


def photo(conn: Connection, purchase_id: int) -> tuple[bytes, str] | None:
    """Return the photo of a slip and its media type, or None."""
    row = conn.execute(_SQL["photo"], {"purchase_id": purchase_id}).fetchone()
    return None if row is None else (bytes(row[0]), row[1])
