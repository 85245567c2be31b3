"""The life of a cap list: drafted by one person, published by another, corrected by its successor, withdrawn."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from db.queries import load
from domain.ids import MarketId, SpeciesCode
from domain.price_cap import UNTOLD, CapKind, CapStatus, CapUnit, Channel, GradeMeaning, ListStatus
from domain.units import Fen

_SQL = load("cap_lists")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCapList:
    """A list to draft. Times aware; `effective_to` None: until another list takes over.

    `market_id`: for that market alone, before its area's. `published_unit`: what the document's prices are for.
    """

    area: str
    channel: Channel
    source: str
    effective_from: datetime
    effective_to: datetime | None = None
    market_id: MarketId | None = None
    is_advisory: bool = False
    published_unit: str = "500g"
    authority: str = ""
    document_no: str = ""
    legal_basis: str = ""
    is_demonstration: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCapItem:
    """A line of a list to draft; `published_as` is what the document said, unit and all.

    `working`: how a calculated cap came about, as JSON.
    """

    species: SpeciesCode
    grade: str
    status: CapStatus
    unit: CapUnit
    cap_fen: Fen | None
    published_as: str
    kind: CapKind = CapKind.FIXED
    markup_permille: int | None = None
    plus_fen: int | None = None
    meaning: GradeMeaning = UNTOLD
    working: dict[str, object] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ListState:
    """Where a list is in its life, for whoever decides the next step. `declared_to` None: no end of its own."""

    cap_list_id: int
    area: str
    channel: Channel
    market_id: MarketId | None
    is_advisory: bool
    is_demonstration: bool
    status: ListStatus
    version: int
    corrects: int | None
    declared_from: datetime
    declared_to: datetime | None
    drafted_by: str
    published_by: str | None


def draft(conn: Connection, new: NewCapList, items: Sequence[NewCapItem], *, by: str, at: datetime) -> int:
    """Keep a list that is in force at no moment yet; return its cap_list_id. To be called inside a transaction."""
    values = {name: getattr(new, name) for name in NewCapList.__slots__}
    row = conn.execute(_SQL["insert_draft"], {**values, "drafted_by": by, "drafted_at": at}).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no cap_list_id")
    cap_list_id = int(row[0])
    with conn.cursor() as cursor:
        cursor.executemany(_SQL["insert_item"], [_item_parameters(cap_list_id, item) for item in items])
    return cap_list_id


def locked(conn: Connection, cap_list_id: int) -> ListState | None:
    """Return where a list is in its life, held for the length of the transaction; no other publication goes on."""
    conn.execute(_SQL["wait_for_who_judges"])
    conn.execute(_SQL["hold_price_book"])
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["lock_list"], {"cap_list_id": cap_list_id}).fetchone()
    if row is None:
        return None
    return ListState(**{**row, "channel": Channel(row["channel"]), "status": ListStatus(row["status"])})


def publish(conn: Connection, one: ListState, *, by: str, at: datetime) -> None:
    """Put a locked draft in force; what began at the same moment is corrected by it.

    Each list of the scope then holds from its beginning until its own end, or the next one's beginning.
    """
    corrected = conn.execute(_SQL["same_beginning"], {"cap_list_id": one.cap_list_id}).fetchone()
    corrects, version = (None, 1) if corrected is None else (corrected[0], corrected[1] + 1)
    conn.execute(
        _SQL["publish_draft"],
        {"cap_list_id": one.cap_list_id, "by": by, "at": at, "corrects": corrects, "version": version},
    )
    if corrects is not None:
        conn.execute(_SQL["correct"], {"cap_list_id": corrects})
    _lay(conn, one)


def withdraw(conn: Connection, one: ListState, *, by: str, at: datetime, because: str) -> None:
    """Take a locked, published list out of force; the list before it holds again where it still would."""
    conn.execute(_SQL["withdraw"], {"cap_list_id": one.cap_list_id, "by": by, "at": at, "because": because})
    _lay(conn, one)


def _lay(conn: Connection, one: ListState) -> None:
    scope = {
        "area": one.area,
        "channel": one.channel,
        "market_id": one.market_id,
        "is_advisory": one.is_advisory,
    }
    conn.execute(_SQL["lay_scope"], scope)


def _item_parameters(cap_list_id: int, item: NewCapItem) -> dict[str, object]:
    meaning = asdict(item.meaning)
    return {
        "cap_list_id": cap_list_id,
        "species_code": item.species,
        "grade": item.grade,
        "status": item.status,
        "cap_unit": item.unit,
        "cap_fen": item.cap_fen,
        "published_as": item.published_as,
        "cap_kind": item.kind,
        "markup_permille": item.markup_permille,
        "plus_fen": item.plus_fen,
        "grade_note": meaning.pop("note"),
        "working": None if item.working is None else Jsonb(item.working),
        **meaning,
    }
