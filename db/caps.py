"""Cap lists: read as domain values, written as published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from db.queries import load
from domain.ids import MarketId, SpeciesCode
from domain.price_cap import CapList, CapStatus, CapUnit, Channel, PriceCap
from domain.units import Fen

_SQL = load("caps")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCapList:
    """A list to publish. Times aware; `effective_to` None: until another list takes over."""

    area: str
    channel: Channel
    source: str
    effective_from: datetime
    effective_to: datetime | None = None
    authority: str = ""
    document_no: str = ""
    legal_basis: str = ""
    is_demonstration: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCapItem:
    """A line of a list to publish; `published_as` is what the document said, unit and all."""

    species: SpeciesCode
    grade: str
    status: CapStatus
    unit: CapUnit
    cap_fen: Fen | None
    published_as: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CapListHeading:
    """What a list is and where it comes from."""

    cap_list_id: int
    authority: str
    document_no: str
    legal_basis: str
    source: str
    is_demonstration: bool
    effective_from: datetime
    effective_to: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CapListInForce(CapListHeading):
    """Which list binds a market now."""

    market_id: MarketId
    items: int


def revision(conn: Connection) -> int:
    """Return the number that moves whenever a judgement could come out differently."""
    row = conn.execute(_SQL["revision"]).fetchone()
    if row is None:
        raise LookupError("price_book_revision has no row: the migrations put one there")
    return int(row[0])


def items_by_list(rows: Iterable[tuple[int, str, str, str, str, int | None]]) -> dict[int, list[PriceCap]]:
    """Return the items of rows with list, species, grade, status, unit and cap, by their list."""
    items: dict[int, list[PriceCap]] = {}
    for list_id, species, grade, status, unit, cap_fen in rows:
        items.setdefault(list_id, []).append(
            PriceCap(
                cap_list_id=list_id,
                species=SpeciesCode(species),
                grade=grade,
                status=CapStatus(status),
                unit=CapUnit(unit),
                cap_fen=None if cap_fen is None else Fen(cap_fen),
            )
        )
    return items


def published_lists(conn: Connection) -> list[CapList]:
    """Return every published list with its items."""
    items = items_by_list(conn.execute(_SQL["published_items"]))
    return [
        CapList(
            cap_list_id=list_id,
            area=area,
            channel=Channel(channel),
            effective_from=effective_from,
            effective_to=effective_to,
            items=tuple(items.get(list_id, ())),
        )
        for list_id, area, channel, effective_from, effective_to in conn.execute(_SQL["published_lists"])
    ]


def market_scopes(conn: Connection) -> list[tuple[MarketId, str, Channel, str]]:
    """Return (market_id, area, channel, timezone) of every market."""
    return [(MarketId(row[0]), row[1], Channel(row[2]), row[3]) for row in conn.execute(_SQL["market_scopes"])]


def species_codes(conn: Connection) -> frozenset[SpeciesCode]:
    """Return every known species code."""
    return frozenset(SpeciesCode(row[0]) for row in conn.execute(_SQL["species_codes"]))


def species_names(conn: Connection) -> dict[str, SpeciesCode]:
    """Return which species each known name means."""
    return {name: SpeciesCode(code) for name, code in conn.execute(_SQL["species_names"])}


def publish(conn: Connection, new: NewCapList, items: Sequence[NewCapItem], loaded_at: datetime) -> int:
    """Publish a list among those that are published; return its cap_list_id.

    What was in force at its effective moment ends there; a list with the same moment is withdrawn; it ends itself
    where the next one begins. To be called inside a transaction.
    """
    scope = {"area": new.area, "channel": new.channel, "effective_from": new.effective_from}
    conn.execute(_SQL["hold_price_book"])
    conn.execute(_SQL["withdraw_same_beginning"], scope)
    conn.execute(_SQL["end_lists_in_force"], scope)
    row = conn.execute(
        _SQL["insert_list"],
        {
            **scope,
            "effective_to": new.effective_to,
            "authority": new.authority,
            "document_no": new.document_no,
            "legal_basis": new.legal_basis,
            "source": new.source,
            "is_demonstration": new.is_demonstration,
            "loaded_at": loaded_at,
        },
    ).fetchone()
    if row is None:
        raise LookupError("INSERT … RETURNING gave no cap_list_id")
    cap_list_id = int(row[0])
    with conn.cursor() as cursor:
        cursor.executemany(_SQL["insert_item"], [_item_parameters(cap_list_id, item) for item in items])
    return cap_list_id


def _item_parameters(cap_list_id: int, item: NewCapItem) -> dict[str, object]:
    return {
        "cap_list_id": cap_list_id,
        "species_code": item.species,
        "grade": item.grade,
        "status": item.status,
        "cap_unit": item.unit,
        "cap_fen": item.cap_fen,
        "published_as": item.published_as,
    }


def lists_in_force(conn: Connection, now: datetime) -> list[CapListInForce]:
    """Return the list that binds each market at `now`; a market without one is not there."""
    with conn.cursor(row_factory=class_row(CapListInForce)) as cursor:
        return cursor.execute(_SQL["lists_in_force"], {"now": now}).fetchall()


def heading(conn: Connection, cap_list_id: int) -> CapListHeading | None:
    """Return what a list is and where it comes from."""
    with conn.cursor(row_factory=class_row(CapListHeading)) as cursor:
        return cursor.execute(_SQL["list_by_id"], {"cap_list_id": cap_list_id}).fetchone()
