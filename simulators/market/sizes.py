"""How large a piece of graded goods is, read from the note beside a grade in a published list. Pure.

`12–19个/斤`: pieces in 500 g; `≥2斤/条`, `≤0.7斤/个`, `≈1.9斤/条`: a piece in 500 g. About is a tenth either way.
"""

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

_PIECES: Final = re.compile(r"(?P<least>\d+)[–-](?P<most>\d+)[个只条]/斤")
_WEIGHT: Final = re.compile(r"(?P<sign>[≥≤≈])(?P<jin>\d+(\.\d+)?)斤/[个只条]")
_HALF_KG_G: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class PieceSize:
    """What a piece weighs at least and at most, in grams."""

    least_g: int
    most_g: int


def read_sizes(cap_list: Path) -> dict[tuple[str, str], PieceSize]:
    """Read the sizes of a list's graded goods, by name and grade; a note that says no size is left out."""
    with cap_list.open(encoding="utf-8-sig", newline="") as file:
        noted = {(row["name"], row["grade"]): size_of(row["grade_note"]) for row in csv.DictReader(file)}
    return {goods: size for goods, size in noted.items() if size is not None}


def size_of(note: str) -> PieceSize | None:
    """Read a note; None where it says no size."""
    pieces = _PIECES.fullmatch(note)
    if pieces is not None:
        return PieceSize(least_g=-(-_HALF_KG_G // int(pieces["most"])), most_g=_HALF_KG_G // int(pieces["least"]))
    weight = _WEIGHT.fullmatch(note)
    if weight is None:
        return None
    grams = int(Decimal(weight["jin"]) * _HALF_KG_G)
    return {
        "≥": PieceSize(least_g=grams, most_g=grams * 3 // 2),
        "≤": PieceSize(least_g=grams // 2, most_g=grams),
        "≈": PieceSize(least_g=grams * 9 // 10, most_g=grams * 11 // 10),
    }[weight["sign"]]
