"""What is sold, and its published cap: the simulators' own reading of the lists, with their own arithmetic."""

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from domain.errors import BadFile
from domain.units import PriceUnit


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketGoods:
    """Goods under a PLU. `cap_fen_per_500g` is None where the published list has no entry for them."""

    plu: str
    species: str
    grade: str
    name: str
    cap_fen_per_500g: int | None


def read_goods(goods: Path, cap_list: Path) -> tuple[MarketGoods, ...]:
    """Read the goods and their caps. Raise BadFile with every problem; OSError where a file cannot be read."""
    caps = _read_caps(cap_list)
    problems: list[str] = []
    found = []
    for number, row in enumerate(_rows(goods), start=2):
        named = (row["cap_list_name"], row["grade"])
        if named[0] and named not in caps:
            problems.append(f"row {number}, cap_list_name: {named} is not in {cap_list.name}")
            continue
        found.append(
            MarketGoods(
                plu=row["plu"],
                species=row["species"],
                grade=row["grade"],
                name=row["name"],
                cap_fen_per_500g=caps[named] if named[0] else None,
            )
        )
    if problems or not found:
        raise BadFile(goods.name, tuple(problems) or ("there are no goods in it",))
    return tuple(found)


def is_over_cap(goods: MarketGoods, unit_price_fen: int, price_unit: PriceUnit) -> bool | None:
    """Say whether a price is above the cap; exactly at the cap is not. None for goods without one."""
    if goods.cap_fen_per_500g is None:
        return None
    if price_unit is PriceUnit.HALF_KG:
        return unit_price_fen > goods.cap_fen_per_500g
    return unit_price_fen > 2 * goods.cap_fen_per_500g


def _read_caps(cap_list: Path) -> dict[tuple[str, str], int]:
    problems: list[str] = []
    caps = {}
    for number, row in enumerate(_rows(cap_list), start=2):
        try:
            caps[row["name"], row["grade"]] = int(Decimal(row["cap_yuan_per_500g"]) * 100)
        except (InvalidOperation, ValueError):
            problems.append(f"row {number}, cap_yuan_per_500g: {row['cap_yuan_per_500g']!r} is no amount")
    if problems:
        raise BadFile(cap_list.name, tuple(problems))
    return caps


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
