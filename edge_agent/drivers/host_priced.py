"""What drivers share whose scale computes with a price that we tell it: for a kilogram, and it can be checked."""

from typing import Final

from domain.units import Fen, FenPerKg, Grams, PriceUnit, amount_due
from edge_agent.drivers.amounts import amount_fits
from edge_agent.drivers.protocol import BadOption, DriverOptions, DriverSpec, check_profile

MOST_AMOUNT_FEN: Final = 999_999  # `9999.99`, the most that six digits hold


def amount_problem(net_g: Grams, price: FenPerKg, amount_fen: Fen) -> str | None:
    """Return why an amount of six digits cannot be right, as a reason to count by; None where it is."""
    if amount_fits(net_g, Fen(price), amount_fen, PriceUnit.KG):
        return None
    return "amount_overflow" if amount_due(net_g, price) > MOST_AMOUNT_FEN else "amount_mismatch"


def check_options(options: DriverOptions, spec: DriverSpec) -> None:
    """Raise BadOption for a profile there is not, and for a price that is not for a kilogram."""
    check_profile(options, spec.profiles)
    if options.price_unit is not PriceUnit.KG:
        raise BadOption("price_unit", f"is {options.price_unit.value!r}; {spec.title} computes with a price for a kg")


def has_place(unit_price_fen: Fen, most_fen: Fen) -> bool:
    """Whether a price fits into the digits that a protocol has for it."""
    return 0 < unit_price_fen <= most_fen
