"""A load weighed again on the fair scale: how far short it may be, and whether it is. Pure.

The table is 附表 1 of 零售商品称重计量监督管理办法 (in the policy file). Live fish are not in it: for them a market
says what it tolerates, and that is never called statutory. One gram beyond the tolerance is short weight; exactly at it
is not.
"""

from dataclasses import dataclass
from typing import Final

from domain.scale import AccuracyClass
from pricing.findings.policy import ShortWeight

_PERMILLE: Final = 1000
_TENTHS: Final = 10
#: JJG 539, initial and subsequent verification: up to so many e, so many tenths of e; the last has no end.
_ERRORS: Final = {
    AccuracyClass.MEDIUM: ((500, 5), (2000, 10), (None, 15)),
    AccuracyClass.ORDINARY: ((50, 5), (200, 10), (None, 15)),
}


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many grams may be missing; None: the table ends below this weight, and a person has to say."""

    short_g: int | None
    is_statutory: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Reweighed:
    """What weighing again came to."""

    settled_g: int
    actual_g: int
    tolerance: Tolerance

    @property
    def short_g(self) -> int:
        """How many grams were missing; negative: there was more."""
        return self.settled_g - self.actual_g

    @property
    def is_short(self) -> bool:
        """Whether more was missing than is tolerated."""
        return self.tolerance.short_g is not None and self.short_g > self.tolerance.short_g


def tolerance_for(rule: ShortWeight, *, settled_g: int, per_kg_fen: int, category: str) -> Tolerance:
    """Return what may be missing of goods of a category, settled at this weight and price."""
    if category in rule.live:
        return Tolerance(max(rule.market_least_g, settled_g * rule.market_permille // _PERMILLE), is_statutory=False)
    row = next(one for one in rule.rows if one.up_to_fen_per_kg is None or per_kg_fen <= one.up_to_fen_per_kg)
    bands = [band.short_g for band in row.bands if settled_g <= band.up_to_g]
    return Tolerance(bands[0] if bands else None, is_statutory=True)


def error_tenths_g(division_g: int, accuracy: AccuracyClass, load_g: int) -> int:
    """Return the permissible error of a scale at a load, in tenths of a gram."""
    steps = _ERRORS[accuracy]
    return division_g * next(tenths for most, tenths in steps if most is None or load_g <= most * division_g)


def is_unsuitable(tolerance: Tolerance, division_g: int, accuracy: AccuracyClass, load_g: int) -> bool:
    """Say whether a scale may be further off than goods may be short (the Measures' article 3)."""
    limit = tolerance.short_g
    return limit is not None and error_tenths_g(division_g, accuracy, load_g) > limit * _TENTHS
