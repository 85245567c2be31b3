"""The simulators' own arithmetic of prices: what reads a scale is checked against something else than itself."""

from typing import Final

from domain.units import PriceUnit

DIVISION_G: Final = 5  # e of a 15 kg market scale
MAX_FIELD_FEN: Final = 999_999  # `9999.99`, the most a price or an amount field holds with its fen
_PRICED_GRAMS: Final = {PriceUnit.KG: 1000, PriceUnit.HALF_KG: 500, PriceUnit.HUNDRED_GRAMS: 100}


def amount_fen(net_g: int, unit_price_fen: int, price_unit: PriceUnit) -> int:
    """Return what the scale asks for, rounded half up to the fen."""
    grams = _PRICED_GRAMS[price_unit]
    whole, rest = divmod(net_g * unit_price_fen, grams)
    return whole + (2 * rest >= grams)


def unit_price_fen(fen_per_500g: int, price_unit: PriceUnit) -> int:
    """Return a price for 500 g as a price for the scale's unit, exactly but for 100 g, where it is cut to the fen."""
    return fen_per_500g * _PRICED_GRAMS[price_unit] // 500
