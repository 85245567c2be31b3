"""Markup rates, read from CSV: by category, in per cent, with the ceiling on the reference in yuan per 500 g.

Every problem of a file is told at once with row and column; a file with a problem imports nothing.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.errors import BadFile
from domain.wholesale import MarkupRate
from pricing.money_texts import permille, price_fen
from pricing.plain_csv import Row, read_rows

RATE, ALLOWANCE, CEILING = "markup_rate_percent", "purchase_allowance_percent", "reference_ceiling_yuan_per_500g"
REQUIRED_COLUMNS: Final = ("category", RATE, ALLOWANCE, CEILING)
CATEGORIES: Final = ("fish", "shrimp", "crab", "shellfish", "other")


@dataclass(frozen=True, kw_only=True, slots=True)
class Validity:
    """The days `[valid_from, valid_until)` of rates, and where they are from where a row does not say."""

    valid_from: date
    valid_until: date | None
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RateFile:
    """What a file holds; `without_rate` are the categories it names and gives no rate: nothing is kept for them."""

    rates: tuple[MarkupRate, ...]
    without_rate: tuple[str, ...]


def parse_rates(text: str, file_name: str, validity: Validity) -> RateFile:
    """Read rates; the columns `period` and `source` say where one is from. Raise BadFile with every problem found."""
    columns, rows = read_rows(text, file_name)
    missing = [column for column in REQUIRED_COLUMNS if column not in columns]
    if missing:
        raise BadFile(file_name, (f"row 1: columns missing: {', '.join(missing)}",))
    problems: list[str] = []
    rates: dict[str, MarkupRate | None] = {}
    for number, row in rows:
        category = row.get("category", "")
        if category not in CATEGORIES:
            problems.append(f"row {number}, category: {category!r}; expected one of {', '.join(CATEGORIES)}")
        if category in rates:
            problems.append(f"row {number}, category: {category!r} stands in the file twice")
        rates[category] = _rate(row, number, validity, problems) if row.get(RATE) else None
    kept = tuple(rate for rate in rates.values() if rate is not None)
    if not kept and not problems:
        problems.append("row 2: the file has no rates")
    if problems:
        raise BadFile(file_name, tuple(problems))
    return RateFile(rates=kept, without_rate=tuple(name for name, rate in rates.items() if rate is None))


def _rate(row: Row, number: int, validity: Validity, problems: list[str]) -> MarkupRate | None:
    texts = [row.get(column, "") for column in (RATE, ALLOWANCE, CEILING)]
    markup, allowance, ceiling = permille(texts[0]), permille(texts[1]), price_fen(texts[2], "500g")
    for column, text, value in zip((RATE, ALLOWANCE, CEILING), texts, (markup, allowance, ceiling), strict=True):
        if value is None:
            expected = "yuan above 0" if column == CEILING else "per cent with at most one decimal"
            problems.append(f"row {number}, {column}: {text!r}; expected {expected}")
    if markup is None or allowance is None or ceiling is None:
        return None
    return MarkupRate(
        category=row["category"],
        valid_from=validity.valid_from,
        valid_until=validity.valid_until,
        markup_permille=markup,
        allowance_permille=allowance,
        ceiling_fen_per_kg=ceiling,
        source="; ".join(filter(None, (row.get("period"), row.get("source")))) or validity.source,
    )
