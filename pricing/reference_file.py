"""A day's wholesale references, read from CSV: yuan per 500 g, per kg or per piece, '/' where there was none.

Every problem of a file is told at once with row and column; a file with a problem imports nothing.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from domain.errors import BadFile
from domain.ids import SpeciesCode
from domain.wholesale import WholesaleReference
from pricing.money_texts import UNITS, price_fen, written
from pricing.plain_csv import Row, read_rows

#: One of them is there, or `price` with a `unit` of its own in every row.
PRICE_COLUMNS: Final = {f"price_yuan_per_{unit}": unit for unit in UNITS}
NONE_TO_BE_HAD: Final = "/"
#: What a wholesale market's own table calls them.
_TITLES: Final = {
    "品名": "name",
    "名称": "name",
    "品种": "name",
    "规格": "grade",
    "等级": "grade",
    "价格": "price",
    "批发价": "price",
    "批发均价": "price",
    "均价": "price",
    "单位": "unit",
    "计价单位": "unit",
}
#: 批发价（元/500克): the unit stands in the title.
_PRICED: Final = re.compile(r"[^（(]*价[^（(]*[（(](?P<unit>[^（）()]+)[）)]")
_SPOKEN: Final = {
    "斤": "500g",
    "元/斤": "500g",
    "500克": "500g",
    "元/500克": "500g",
    "yuan/500g": "500g",
    "公斤": "kg",
    "千克": "kg",
    "元/公斤": "kg",
    "元/千克": "kg",
    "yuan/kg": "kg",
    "个": "piece",
    "只": "piece",
    "条": "piece",
    "元/个": "piece",
    "元/只": "piece",
    "yuan/piece": "piece",
}


def parse_references(
    text: str, file_name: str, species_by_name: Mapping[str, SpeciesCode], *, day: date, source: str
) -> list[WholesaleReference]:
    """Read the references of a day. Raise BadFile with every problem found."""
    columns, rows = read_rows(text, file_name, _column_of)
    price_column = next((column for column in PRICE_COLUMNS if column in columns), "price")
    needed = ("name", price_column) if price_column in PRICE_COLUMNS else ("name", price_column, "unit")
    missing = [column for column in needed if column not in columns]
    if missing:
        or_else = f"a price stands in one of {', '.join(PRICE_COLUMNS)}, or in `price` with a `unit` beside it"
        raise BadFile(file_name, (f"row 1: columns missing: {', '.join(missing)}; {or_else}",))
    problems: list[str] = []
    found: dict[tuple[SpeciesCode, str], WholesaleReference] = {}
    for number, row in rows:
        reference = _reference(row, number, price_column, species_by_name, problems, day=day, source=source)
        if reference is None:
            continue
        if (reference.species, reference.grade) in found:
            problems.append(f"row {number}, name: {row['name']!r} {reference.grade!r} stands in the file twice")
        found[reference.species, reference.grade] = reference
    if not found and not problems:
        problems.append("row 2: the file has no references")
    if problems:
        raise BadFile(file_name, tuple(problems))
    return list(found.values())


def _reference(
    row: Row,
    number: int,
    price_column: str,
    species_by_name: Mapping[str, SpeciesCode],
    problems: list[str],
    *,
    day: date,
    source: str,
) -> WholesaleReference | None:
    name, price = row.get("name", ""), row.get(price_column, "")
    species, unit = species_by_name.get(name), PRICE_COLUMNS.get(price_column) or _unit(row.get("unit", ""))
    if species is None:
        problems.append(f"row {number}, name: {name!r} is no known species or alias")
    if unit not in UNITS:
        problems.append(f"row {number}, unit: {unit!r}; expected one of {', '.join(UNITS)}")
        return None
    fen = price_fen(price, unit)
    if fen is None and price != NONE_TO_BE_HAD:
        expected = "yuan with at most two decimals and above 0, or '/' where there was none"
        problems.append(f"row {number}, {price_column}: {price!r}; expected {expected}")
        return None
    return (
        None
        if species is None
        else WholesaleReference(
            species=species,
            grade=row.get("grade", ""),
            day=day,
            price_fen=fen,
            unit=UNITS[unit][1],
            published_as=NONE_TO_BE_HAD if fen is None else written(price, unit),
            source=source,
        )
    )


def _column_of(title: str) -> str:
    """Return the column that a title means; the title itself where it is one of ours, or of no use."""
    priced = _PRICED.fullmatch(title)
    if priced is not None and (unit := _unit(priced["unit"])) in UNITS:
        return f"price_yuan_per_{unit}"
    return _TITLES.get(title, title)


def _unit(text: str) -> str:
    unit = text.lower().replace(" ", "")
    return _SPOKEN.get(unit, unit)
