"""What can be seen in one weighing, for a whole batch at once. Pure, a column at a time, like the cap rule.

Each rule is a function of the columns and its section of the policy, and answers which rows it speaks of. 0 stands for
what is not known, and where something is not known no rule that needs it speaks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from domain.alert import AlertKind
from pricing.findings.figures import Figures
from pricing.findings.policy import FindingsPolicy
from pricing.rules_of_columns import Flags, Whole, due

_PERMILLE: Final = 1000
_HALF_KG_G: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenColumns:
    """What the rules read of each weighing: what was recorded, its cap, the meaning of its grade, and its scale.

    `is_sale`: not the void of another. `cap_fen` means nothing unless `is_capped`; `per_kg_fen` nothing where
    `by_piece`. `has_*`: whether the device said it. Bounds of a grade and facts of a scale are 0 where not known.
    """

    is_sale: Flags
    net_g: Whole
    gross_g: Whole
    has_gross: Flags
    tare_g: Whole
    has_tare: Flags
    zero_offset_g: Whole
    is_unstable: Flags
    pieces: Whole
    unit_price_fen: Whole
    per_kg_fen: Whole
    by_piece: Flags
    amount_fen: Whole
    is_capped: Flags
    cap_fen: Whole
    cap_by_piece: Flags
    least_pieces_per_500g: Whole
    most_pieces_per_500g: Whole
    least_piece_g: Whole
    most_piece_g: Whole
    division_g: Whole
    least_g: Whole
    max_g: Whole
    usual_tare_g: Whole

    @property
    def due_fen(self) -> Whole:
        """What the declared price makes of the goods."""
        return np.where(self.by_piece, self.pieces * self.unit_price_fen, due(self.net_g, self.per_kg_fen))

    @property
    def is_comparable(self) -> Flags:
        """Whether price and cap are both known, and for the same: a kg, or a piece."""
        found: Flags = self.is_sale & self.is_capped & (self.unit_price_fen > 0) & (self.by_piece == self.cap_by_piece)
        return found

    @property
    def price_fen(self) -> Whole:
        """The declared price for a kg, or for a piece."""
        return np.where(self.by_piece, self.unit_price_fen, self.per_kg_fen)


FigureColumns = Mapping[str, Whole]
_Sees = Callable[[SeenColumns, FindingsPolicy], Flags]


def amount_mismatch(seen: SeenColumns, policy: FindingsPolicy) -> Flags:
    """The amount is not net x price, beyond rounding."""
    off = np.abs(seen.amount_fen - seen.due_fen) > policy.amount_mismatch.rounding_fen
    found: Flags = seen.is_sale & (seen.unit_price_fen > 0) & off
    return found


def price_scaled(seen: SeenColumns, policy: FindingsPolicy) -> Flags:
    """The price is so far below the cap that a digit is missing."""
    found: Flags = seen.is_comparable & (seen.price_fen * _PERMILLE < policy.price_scaled.below_permille * seen.cap_fen)
    return found


def unit_confusion(seen: SeenColumns, policy: FindingsPolicy) -> Flags:
    """The price is about twice the cap, or half of it: per kg where 500 g belong, or the other way round."""
    band = policy.unit_confusion.within_permille
    twice = np.abs(seen.price_fen - 2 * seen.cap_fen) * _PERMILLE <= band * 2 * seen.cap_fen
    half = np.abs(2 * seen.price_fen - seen.cap_fen) * _PERMILLE <= band * seen.cap_fen
    found: Flags = seen.is_comparable & ~seen.by_piece & (twice | half)
    return found


def outside_grade(seen: SeenColumns, policy: FindingsPolicy) -> Flags:
    """The pieces are smaller or larger than the declared grade's: whether that made them dearer is another question."""
    slack = policy.grade_upgrade.tolerance_permille
    per_500g = seen.pieces * _HALF_KG_G * _PERMILLE
    of_all, net = seen.pieces * (_PERMILLE - slack), seen.net_g * _PERMILLE
    too_small = (seen.most_pieces_per_500g > 0) & (
        per_500g > seen.most_pieces_per_500g * seen.net_g * (_PERMILLE + slack)
    )
    too_large = (seen.least_pieces_per_500g > 0) & (
        per_500g < seen.least_pieces_per_500g * seen.net_g * (_PERMILLE - slack)
    )
    too_light = (seen.least_piece_g > 0) & (net < seen.least_piece_g * of_all)
    too_heavy = (seen.most_piece_g > 0) & (net > seen.most_piece_g * seen.pieces * (_PERMILLE + slack))
    counted = seen.is_comparable & (seen.pieces > 0) & (seen.net_g > 0)
    found: Flags = counted & (too_small | too_large | too_light | too_heavy)
    return found


def unstable_weight(seen: SeenColumns, _policy: FindingsPolicy) -> Flags:
    """The scale was still moving."""
    found: Flags = seen.is_sale & seen.is_unstable
    return found


def zero_abnormal(seen: SeenColumns, policy: FindingsPolicy) -> Flags:
    """The zero is further off than a scale may set it."""
    rule = policy.zero_abnormal
    known = np.abs(seen.zero_offset_g) * _PERMILLE > rule.of_max_permille * seen.max_g
    found: Flags = np.where(seen.max_g > 0, known, np.abs(seen.zero_offset_g) > rule.otherwise_g)
    return found


def tare_abuse(seen: SeenColumns, policy: FindingsPolicy) -> Flags:
    """Less is tared than the stall's basket weighs, or nearly everything is tare."""
    rule = policy.tare_abuse
    least = seen.usual_tare_g * (_PERMILLE - rule.short_of_usual_permille)
    short = seen.has_tare & (seen.usual_tare_g > 0) & (seen.tare_g * _PERMILLE < least)
    gross = seen.has_tare & seen.has_gross & (seen.gross_g > 0)
    nearly_all = gross & (seen.tare_g * _PERMILLE > rule.above_gross_permille * seen.gross_g)
    found: Flags = seen.is_sale & (seen.net_g > 0) & (short | nearly_all)
    return found


def below_minimum(seen: SeenColumns, _policy: FindingsPolicy) -> Flags:
    """Less than the scale may weigh at all (Min), and sold by weight."""
    found: Flags = seen.is_sale & ~seen.by_piece & (seen.net_g > 0) & (seen.net_g < seen.least_g)
    return found


RULES: Final[dict[AlertKind, _Sees]] = {
    AlertKind.AMOUNT_MISMATCH: amount_mismatch,
    AlertKind.PRICE_SCALED: price_scaled,
    AlertKind.UNIT_CONFUSION: unit_confusion,
    AlertKind.GRADE_UPGRADE: outside_grade,
    AlertKind.UNSTABLE_WEIGHT: unstable_weight,
    AlertKind.ZERO_ABNORMAL: zero_abnormal,
    AlertKind.TARE_ABUSE: tare_abuse,
    AlertKind.BELOW_MINIMUM: below_minimum,
}
#: What rests on the cap. A list is corrected and then they are judged again: the cap stands with each occurrence, and
#: the rest is in the weighings, so no note can say what is true no more.
ABOUT_CAPS: Final = frozenset({AlertKind.PRICE_SCALED, AlertKind.UNIT_CONFUSION, AlertKind.GRADE_UPGRADE})
#: What rests on facts of the scale. Those are not dated, so what was seen by them is not judged again by others.
ABOUT_FACTS: Final = frozenset({AlertKind.ZERO_ABNORMAL, AlertKind.TARE_ABUSE, AlertKind.BELOW_MINIMUM})
#: What is about the device and not about what was sold: one alert a day, whatever the goods.
ABOUT_THE_SCALE: Final = frozenset({AlertKind.UNSTABLE_WEIGHT, AlertKind.ZERO_ABNORMAL})


def findings(seen: SeenColumns, policy: FindingsPolicy) -> list[tuple[AlertKind, Flags]]:
    """Return which rows each rule speaks of; rules that speak of none, or are off, are left out."""
    found = ((kind, rule(seen, policy)) for kind, rule in RULES.items() if policy.speaks(kind))
    return [(kind, flags) for kind, flags in found if flags.any()]


def figures_of(kind: AlertKind, seen: SeenColumns) -> FigureColumns:
    """Return what a rule reads of each weighing, in numbers, a column each."""
    return _FIGURES[kind](seen) if kind in _FIGURES else {}


def figures_at(columns: FigureColumns, row: int) -> Figures:
    """Return what a rule saw in one weighing."""
    return {name: int(column[row]) for name, column in columns.items()}


_FIGURES: Final[dict[AlertKind, Callable[[SeenColumns], FigureColumns]]] = {
    AlertKind.AMOUNT_MISMATCH: lambda seen: {"amount_fen": seen.amount_fen, "due_fen": seen.due_fen},
    AlertKind.UNSTABLE_WEIGHT: lambda seen: {"net_g": seen.net_g},
    AlertKind.ZERO_ABNORMAL: lambda seen: {"zero_offset_g": seen.zero_offset_g},
    AlertKind.TARE_ABUSE: lambda seen: {
        "tare_g": seen.tare_g,
        "usual_tare_g": seen.usual_tare_g,
        "gross_g": seen.gross_g,
    },
    AlertKind.BELOW_MINIMUM: lambda seen: {"net_g": seen.net_g, "least_g": seen.least_g},
}
