"""Whether the amount that a scale sends is what its weight and price make: a check on frames and on scales."""

from typing import Final

from domain.units import Fen, FenPerKg, Grams, PriceUnit, amount_due, fen_per_kg
from edge_agent.drivers.protocol import BadOption

AMOUNT_TOLERANCE_FEN: Final = 1  # a scale that computes with more digits than it sends may round the other way


def check_prices_by_weight(price_unit: PriceUnit, scale: str) -> None:
    """Raise BadOption for a price by the piece, where `scale` (as a person knows it) prices by weight only."""
    if fen_per_kg(Fen(0), price_unit) is None:
        raise BadOption("price_unit", f"is {price_unit.value!r}; {scale} prices by weight")


def amount_fits(net_g: Grams, unit_price_fen: Fen, amount_fen: Fen, price_unit: PriceUnit) -> bool:
    """Whether weight and price make the amount, to within a fen; never for a price by the piece.

    Below zero nothing is sold, and scales differ in what they show: nought, or a negative amount.
    """
    per_kg = fen_per_kg(unit_price_fen, price_unit)
    if per_kg is None:
        return False
    if net_g < 0:
        return amount_fen <= 0
    return abs(amount_fen - amount_due(net_g, FenPerKg(per_kg))) <= AMOUNT_TOLERANCE_FEN
