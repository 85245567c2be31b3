"""Prices and rates as people write them in files and forms: exact, and bounded. Pure."""

import re
from fractions import Fraction
from typing import Final

from domain.price_cap import CapUnit
from domain.units import FEN_PER_YUAN, Fen

#: Full-width digits and stops are what a Chinese keyboard gives.
_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９．／％", "0123456789./%")
_MONEY: Final = re.compile(r"\d{1,6}(\.\d{1,2})?", re.ASCII)
_PERCENT: Final = re.compile(r"\d{1,4}(\.\d)?%?", re.ASCII)
_PERMILLE_IN_A_PERCENT: Final = 10

#: How many of a unit that prices are written in make one of ours, and which of ours it is.
UNITS: Final = {"500g": (2, CapUnit.KG), "kg": (1, CapUnit.KG), "piece": (1, CapUnit.PIECE)}


def plain(text: str) -> str:
    """Return a text without blanks around it, its full-width digits made plain."""
    return text.strip().translate(_FULL_WIDTH)


def price_fen(text: str, unit: str) -> Fen | None:
    """Return yuan per `unit` (500g, kg, piece) as fen per kg or piece, exactly; None for what is no price above 0."""
    text = plain(text)
    if _MONEY.fullmatch(text) is None:
        return None
    fen = Fraction(text) * FEN_PER_YUAN * UNITS[unit][0]
    return Fen(int(fen)) if fen > 0 else None


def permille(text: str) -> int | None:
    """Return a percentage with at most one decimal as thousandths: "190" → 1900; None for what is none."""
    text = plain(text)
    if _PERCENT.fullmatch(text) is None:
        return None
    return int(Fraction(text.rstrip("%")) * _PERMILLE_IN_A_PERCENT)


def written(text: str, unit: str) -> str:
    """Return a price as it was written, with its unit."""
    return f"{plain(text)} yuan/{'500 g' if unit == '500g' else unit}"
