"""Wholesale references by day, and the species they are of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import dict_row

from db.caps import items_by_list
from db.queries import load
from domain.ids import SpeciesCode
from domain.price_cap import CapKind, CapStatus, CapUnit, Channel, ListStatus, PriceCap
from domain.units import Fen
from domain.wholesale import SpeciesName, WholesaleReference

_SQL, _CAPS = load("daily_caps"), load("caps")


def put(
    conn: Connection, area: str, day: date, references: Sequence[WholesaleReference], *, by: str, at: datetime
) -> None:
    """Keep these as the references of an area's day, in place of what it had. To be called inside a transaction."""
    conn.execute(_SQL["delete_references"], {"area": area, "day": day})
    rows = [
        {
            "area": area,
            "species_code": one.species,
            "grade": one.grade,
            "day": day,
            "price_fen": one.price_fen,
            "price_unit": one.unit,
            "published_as": one.published_as,
            "source": one.source,
            "entered_by": by,
            "entered_at": at,
        }
        for one in references
    ]
    with conn.cursor() as cursor:
        cursor.executemany(_SQL["insert_reference"], rows)


def references_of(conn: Connection, area: str, day: date) -> list[WholesaleReference]:
    """Return the references of an area's day, category by category."""
    return [
        WholesaleReference(
            species=SpeciesCode(species),
            grade=grade,
            day=of_day,
            price_fen=None if price_fen is None else Fen(price_fen),
            unit=CapUnit(unit),
            published_as=published_as,
            source=source,
        )
        for species, grade, of_day, price_fen, unit, published_as, source in conn.execute(
            _SQL["references_of"], {"area": area, "day": day}
        )
    ]


def newest_days(conn: Connection, area: str, until: date) -> dict[tuple[SpeciesCode, str], date]:
    """Return the newest day, up to `until`, on which each species and grade had a reference."""
    rows = conn.execute(_SQL["newest_reference_days"], {"area": area, "day": until})
    return {(SpeciesCode(species), grade): day for species, grade, day in rows}


def days(conn: Connection, area: str, limit: int) -> list[tuple[date, int]]:
    """Return the newest days with references, and how many each has."""
    return [(row[0], row[1]) for row in conn.execute(_SQL["reference_days"], {"area": area, "limit": limit})]


def species(conn: Connection) -> dict[SpeciesCode, SpeciesName]:
    """Return every species by its code."""
    return {
        SpeciesCode(code): SpeciesName(species=SpeciesCode(code), name_zh=name_zh, name_en=name_en, category=category)
        for code, name_zh, name_en, category in conn.execute(_SQL["species"])
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkedItem:
    """An item of a list with the working that its cap came from; `working` None: it was not calculated."""

    species_code: SpeciesCode
    name_zh: str
    name_en: str
    category: str
    grade: str
    status: CapStatus
    unit: CapUnit
    cap_fen: Fen | None
    kind: CapKind
    markup_permille: int | None
    working: dict[str, object] | None


def worked_items(conn: Connection, cap_list_id: int) -> list[WorkedItem]:
    """Return the items of a list with their working, category by category."""
    return [
        WorkedItem(
            species_code=SpeciesCode(species),
            name_zh=name_zh,
            name_en=name_en,
            category=category,
            grade=grade,
            status=CapStatus(status),
            unit=CapUnit(unit),
            cap_fen=None if cap_fen is None else Fen(cap_fen),
            kind=CapKind(kind),
            markup_permille=markup_permille,
            working=working,
        )
        for (
            species,
            name_zh,
            name_en,
            category,
            grade,
            status,
            unit,
            cap_fen,
            kind,
            markup_permille,
            working,
        ) in conn.execute(_SQL["items_with_working"], {"cap_list_id": cap_list_id})
    ]


def list_before(conn: Connection, area: str, channel: Channel, moment: datetime) -> int | None:
    """Return the cap_list_id of the area's list that one beginning at `moment` takes over from, or None."""
    parameters = {"area": area, "channel": channel, "moment": moment}
    row = conn.execute(_SQL["newest_list_before"], parameters).fetchone()
    return None if row is None else int(row[0])


def items_of(conn: Connection, cap_list_id: int) -> list[PriceCap]:
    """Return the items of a list as domain values, by species and grade."""
    rows = conn.execute(_CAPS["items_to_announce"], {"cap_list_ids": [cap_list_id]})
    return items_by_list(rows).get(cap_list_id, [])


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A calculated list that waits for a second person."""

    cap_list_id: int
    begins: datetime
    drafted_by: str
    drafted_at: datetime
    items: int


def drafts(conn: Connection, area: str, channel: Channel) -> list[Draft]:
    """Return the newest calculated drafts of a scope."""
    return [
        Draft(cap_list_id=number, begins=begins, drafted_by=drafted_by, drafted_at=drafted_at, items=items)
        for number, begins, drafted_by, drafted_at, items in conn.execute(
            _SQL["drafts"], {"area": area, "channel": channel}
        )
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class CalculatedList:
    """Where a list stands, for the page of its working. Read without holding it."""

    cap_list_id: int
    area: str
    channel: Channel
    status: ListStatus
    authority: str
    source: str
    begins: datetime
    ends: datetime | None
    drafted_by: str
    published_by: str | None
    published_at: datetime | None


def calculated_list(conn: Connection, cap_list_id: int) -> CalculatedList | None:
    """Return where a list stands, or None."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["calculated_list"], {"cap_list_id": cap_list_id}).fetchone()
    if row is None:
        return None
    return CalculatedList(**{**row, "channel": Channel(row["channel"]), "status": ListStatus(row["status"])})
