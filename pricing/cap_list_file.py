"""A cap list as it is published, read from CSV: yuan per 500 g, '—' for uncapped, '/' for out of stock.

Every problem of a file is reported at once with row and column; a file with a problem imports nothing.
"""

import csv
import io
import re
from collections.abc import Mapping
from decimal import Decimal

from db.cap_lists import NewCapItem
from domain.errors import BadFile
from domain.ids import SpeciesCode
from domain.price_cap import CapStatus, CapUnit
from domain.units import FEN_PER_YUAN, Fen

CAP_COLUMN = "cap_yuan_per_500g"
REQUIRED_COLUMNS = ("name", "grade", CAP_COLUMN)
_HALF_KG_IN_A_KG = 2
_SIGNS = {
    "—": CapStatus.UNCAPPED,
    "-": CapStatus.UNCAPPED,
    "/": CapStatus.OUT_OF_STOCK,
}
_MONEY = re.compile(r"\d{1,6}(\.\d{1,2})?", re.ASCII)


def parse_cap_list(text: str, file_name: str, species_by_name: Mapping[str, SpeciesCode]) -> list[NewCapItem]:
    """Read a list. `species_by_name` says what each name means. Raise BadFile with every problem found."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [column for column in REQUIRED_COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        found = ", ".join(reader.fieldnames or ()) or "none"
        raise BadFile(file_name, (f"row 1: columns missing: {', '.join(missing)}; found: {found}",))
    problems: list[str] = []
    items: dict[tuple[SpeciesCode, str], NewCapItem] = {}
    for row_number, row in enumerate(reader, start=2):
        item = _parse_row(row, row_number, species_by_name, problems)
        if item is None:
            continue
        if (item.species, item.grade) in items:
            problems.append(f"row {row_number}, name: {row['name']!r} {item.grade!r} stands in the list twice")
        items[item.species, item.grade] = item
    if not items and not problems:
        problems.append("row 2: the list has no items")
    if problems:
        raise BadFile(file_name, tuple(problems))
    return list(items.values())


def _parse_row(
    row: Mapping[str, str | None], row_number: int, species_by_name: Mapping[str, SpeciesCode], problems: list[str]
) -> NewCapItem | None:
    name, grade, published = ((row[column] or "").strip() for column in REQUIRED_COLUMNS)
    species = species_by_name.get(name)
    if species is None:
        problems.append(f"row {row_number}, name: {name!r} is no known species or alias")
    if published not in _SIGNS and not _is_price(published):
        expected = "yuan with at most two decimals and above 0, '—' for uncapped or '/' for out of stock"
        problems.append(f"row {row_number}, {CAP_COLUMN}: {published!r}; expected {expected}")
        return None
    if species is None:
        return None
    status = _SIGNS.get(published, CapStatus.CAPPED)
    return NewCapItem(
        species=species,
        grade=grade,
        status=status,
        unit=CapUnit.KG,
        cap_fen=_fen_per_kg(published) if status is CapStatus.CAPPED else None,
        published_as=f"{published} yuan/500 g" if status is CapStatus.CAPPED else published,
    )


def _is_price(text: str) -> bool:
    return _MONEY.fullmatch(text) is not None and Decimal(text) > 0


def _fen_per_kg(yuan_per_500g: str) -> Fen:
    return Fen(int(Decimal(yuan_per_500g) * FEN_PER_YUAN) * _HALF_KG_IN_A_KG)
