"""Lists in every state with their items, for whoever looks through the price book."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from db.queries import load
from domain.ids import MarketId, SpeciesCode
from domain.price_cap import CapKind, CapStatus, CapUnit, Channel, GradeMeaning, ListStatus

_SQL = load("cap_list_pages")


@dataclass(frozen=True, kw_only=True, slots=True)
class ListDetail:
    """A list and where it is in its life.

    `declared_*`: as its document says. `effective_*`: what other lists leave of it; nothing where `is_never`.
    """

    cap_list_id: int
    area: str
    channel: Channel
    market_id: MarketId | None
    is_advisory: bool
    is_demonstration: bool
    authority: str
    document_no: str
    legal_basis: str
    source: str
    published_unit: str
    status: ListStatus
    version: int
    corrects: int | None
    corrected_by: int | None
    declared_from: datetime
    declared_to: datetime | None
    effective_from: datetime | None
    effective_to: datetime | None
    is_never: bool
    drafted_by: str
    published_by: str | None
    published_at: datetime | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_because: str | None
    items: int
    file_name: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemDetail:
    """A line of a list with all that is known of it; `cap_fen` and `plus_fen` are per `unit`."""

    species_code: SpeciesCode
    grade: str
    status: CapStatus
    unit: CapUnit
    cap_fen: int | None
    published_as: str
    kind: CapKind
    markup_permille: int | None
    plus_fen: int | None
    meaning: GradeMeaning
    working: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class SpeciesTitle:
    """What a species is called on a page."""

    name_zh: str
    name_en: str
    category: str


def lists(
    conn: Connection, scope: MarketId | None, *, status: ListStatus | None = None, limit: int = 100, offset: int = 0
) -> list[ListDetail]:
    """Return the lists in scope (None: all), the newest beginning first."""
    return _lists(conn, scope=scope, status=status, cap_list_id=None, limit=limit, offset=offset)


def one(conn: Connection, cap_list_id: int, scope: MarketId | None) -> ListDetail | None:
    """Return a list, or None where there is none in scope."""
    found = _lists(conn, scope=scope, status=None, cap_list_id=cap_list_id, limit=1, offset=0)
    return found[0] if found else None


def count_by_status(conn: Connection, scope: MarketId | None) -> dict[ListStatus, int]:
    """Return how many lists in scope there are of each status that has any."""
    return {ListStatus(status): count for status, count in conn.execute(_SQL["count_by_status"], {"scope": scope})}


def before(conn: Connection, cap_list_id: int) -> int | None:
    """Return which list a list takes over from at its beginning, or None."""
    row = conn.execute(_SQL["list_before"], {"cap_list_id": cap_list_id}).fetchone()
    return None if row is None else row[0]


def items(conn: Connection, cap_list_id: int) -> list[ItemDetail]:
    """Return the items of a list in the order they are shown."""
    return [
        ItemDetail(
            species_code=SpeciesCode(row[0]),
            grade=row[1],
            status=CapStatus(row[2]),
            unit=CapUnit(row[3]),
            cap_fen=row[4],
            published_as=row[5],
            kind=CapKind(row[6]),
            markup_permille=row[7],
            plus_fen=row[8],
            meaning=GradeMeaning(
                least_pieces_per_500g=row[9],
                most_pieces_per_500g=row[10],
                least_piece_g=row[11],
                most_piece_g=row[12],
                note=row[13],
            ),
            working=row[14],
        )
        for row in conn.execute(_SQL["items_in_full"], {"cap_list_id": cap_list_id})
    ]


def species_titles(conn: Connection) -> dict[SpeciesCode, SpeciesTitle]:
    """Return what every species is called."""
    return {SpeciesCode(row[0]): SpeciesTitle(*row[1:]) for row in conn.execute(_SQL["species_titles"])}


def _lists(conn: Connection, **asked: object) -> list[ListDetail]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [
            ListDetail(**{**row, "channel": Channel(row["channel"]), "status": ListStatus(row["status"])})
            for row in cursor.execute(_SQL["lists"], asked)
        ]
