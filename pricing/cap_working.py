"""How a calculated cap came about: kept with the item, and read again by whoever asks. Pure.

Everything is exact: fractions of whole fen, rounded once, half up, to whole yuan per 500 g or per piece.
"""

from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

import msgspec

from domain.price_cap import CapUnit
from domain.units import FEN_PER_YUAN, Fen

PERMILLE: Final = 1000
_HALF_KG_IN_A_KG: Final = 2
#: Fen of a reference are whole, both factors are thousandths, 500 g are half a kg: more digits cannot come up.
_MOST_DIGITS: Final = 9


class How(StrEnum):
    """What a calculation came to, and why."""

    CALCULATED = "calculated"
    ABOVE_CEILING = "above_ceiling"  # "—": the vendor prices freely
    OWN_PURCHASE = "own_purchase"  # "/": each vendor's own purchase makes the cap
    NO_REFERENCE = "no_reference"  # it was in the list before, and the day says nothing of it


class Working(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The working of one item. Prices in fen per `unit`; the exact and the rounded cap in yuan per 500 g or piece.

    `reference_as_published`: as the document said it. `newest_day`: where the day has no reference, the last that had.
    """

    how: How
    unit: CapUnit
    category: str
    reference_day: date
    reference_fen: int | None = None
    reference_as_published: str = ""
    reference_source: str = ""
    allowance_permille: int | None = None
    markup_permille: int | None = None
    ceiling_fen_per_kg: int | None = None
    rate_source: str = ""
    rate_from: date | None = None
    rate_until: date | None = None
    exact_yuan: str | None = None
    rounded_yuan: int | None = None
    newest_day: date | None = None

    @property
    def rate_last_day(self) -> date | None:
        """The last day of the rate; None: it holds until it is ended."""
        return None if self.rate_until is None else self.rate_until - timedelta(days=1)


def as_json(working: Working) -> dict[str, object]:
    """Return the working as it is kept beside an item."""
    built: dict[str, object] = msgspec.to_builtins(working)
    return built


def from_json(kept: dict[str, object]) -> Working:
    """Return a working that was kept."""
    return msgspec.convert(kept, Working)


def exact_cap_yuan(reference_fen: int, unit: CapUnit, allowance_permille: int, markup_permille: int) -> Fraction:
    """Return reference x (1 + allowance) x (1 + rate), in yuan per 500 g, or per piece."""
    raised = Fraction(reference_fen * (PERMILLE + allowance_permille) * (PERMILLE + markup_permille), PERMILLE**2)
    return raised / (FEN_PER_YUAN * fractions_of(unit))


def rounded_half_up(yuan: Fraction) -> int:
    """Return whole yuan; exactly a half goes up."""
    return (2 * yuan.numerator + yuan.denominator) // (2 * yuan.denominator)


def cap_fen(yuan: int, unit: CapUnit) -> Fen:
    """Return whole yuan per 500 g (or piece) as fen per kg (or piece)."""
    return Fen(yuan * FEN_PER_YUAN * fractions_of(unit))


def fractions_of(unit: CapUnit) -> int:
    """Return how many of the published unit one of ours holds: a kg is two times 500 g."""
    return _HALF_KG_IN_A_KG if unit is CapUnit.KG else 1


def decimal(value: Fraction) -> str:
    """Return a price as it is written: 114.84. Exact for every price that a calculation can come to."""
    scaled = value * 10**_MOST_DIGITS
    if scaled.denominator != 1 or value < 0:
        raise ValueError(f"{value} has more than {_MOST_DIGITS} decimals, or is below 0")
    whole, rest = divmod(scaled.numerator, 10**_MOST_DIGITS)
    digits = f"{rest:0{_MOST_DIGITS}d}".rstrip("0")
    return f"{whole}.{digits:0<2}"
