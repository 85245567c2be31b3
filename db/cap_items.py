"""The items of a cap list with the words a page shows them by."""

from dataclasses import dataclass

from psycopg import Connection

from db.queries import load
from domain.ids import SpeciesCode
from domain.price_cap import CapStatus, CapUnit

_SQL = load("caps")


@dataclass(frozen=True, kw_only=True, slots=True)
class CapItemLine:
    """A line of a list as a page shows it; `cap_fen` is per `unit`."""

    species_code: SpeciesCode
    name_zh: str
    name_en: str
    category: str
    grade: str
    status: CapStatus
    unit: CapUnit
    cap_fen: int | None
    published_as: str


def items_of(conn: Connection, cap_list_id: int) -> list[CapItemLine]:
    """Return the items of a list in the order they are shown."""
    return [
        CapItemLine(
            species_code=species,
            name_zh=name_zh,
            name_en=name_en,
            category=category,
            grade=grade,
            status=CapStatus(status),
            unit=CapUnit(unit),
            cap_fen=cap_fen,
            published_as=published_as,
        )
        for species, name_zh, name_en, category, grade, status, unit, cap_fen, published_as in conn.execute(
            _SQL["items_of"], {"cap_list_id": cap_list_id}
        )
    ]
