"""Whole numbers with their unit in the type, and the one rounding rule.

Grams and fen only: no floats for law. A price of 115 yuan per 500 g is 23 000 fen per kg.
"""

from enum import StrEnum
from typing import NewType

Grams = NewType("Grams", int)
Fen = NewType("Fen", int)
FenPerKg = NewType("FenPerKg", int)

GRAMS_PER_KG = 1000
FEN_PER_YUAN = 100


class PriceUnit(StrEnum):
    """What a declared unit price is for: a kg, 500 g (斤), 100 g or a piece."""

    KG = "kg"
    HALF_KG = "500g"
    HUNDRED_GRAMS = "100g"
    PIECE = "piece"


_UNITS_IN_A_KG = {PriceUnit.KG: 1, PriceUnit.HALF_KG: 2, PriceUnit.HUNDRED_GRAMS: 10}


def fen_per_kg(unit_price: Fen, unit: PriceUnit) -> FenPerKg | None:
    """Return the price for a kg, exactly; None for a price per piece, which says nothing about a kg."""
    factor = _UNITS_IN_A_KG.get(unit)
    return None if factor is None else FenPerKg(unit_price * factor)


def amount_due(net: Grams, unit_price: FenPerKg) -> Fen:
    """Return the price to pay, rounded half up to the fen, as the scale prints it (OIML R 76-1, 4.14)."""
    return Fen((net * unit_price + GRAMS_PER_KG // 2) // GRAMS_PER_KG)


def amount_for_pieces(pieces: int, unit_price: Fen) -> Fen:
    """Return the price to pay for goods sold by the piece."""
    return Fen(pieces * unit_price)


def yuan(fen: int) -> str:
    """Return fen as yuan with two decimals: 22499 → '224.99'. Exact, for display only."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), FEN_PER_YUAN)
    return f"{sign}{whole}.{rest:02d}"


def yuan_per_500g(price: FenPerKg | int) -> str:
    """Return a price per kg as yuan per 500 g, the unit caps are published in. Half a fen shows as '.005'."""
    whole, odd = divmod(abs(price), 2)
    return ("-" if price < 0 else "") + yuan(whole) + ("5" if odd else "")
