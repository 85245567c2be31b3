"""The rule of `pricing.rules`, for a whole batch at once: the same answers, a column each. Pure.

`pricing.rules.judge` is the rule as one reads it; this is the rule as ingest runs it, a hundred thousand times a
second. A property test holds the two together.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.price_cap import CapKind, CapUnit, PriceCap, Verdict
from domain.units import GRAMS_PER_KG
from pricing.rules import verdict_without_cap

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: A verdict's number in a column.
VERDICTS: Final = tuple(Verdict)
_CODE: Final = {verdict: np.int8(number) for number, verdict in enumerate(VERDICTS)}
_ROUNDING: Final = GRAMS_PER_KG // 2


@dataclass(frozen=True, kw_only=True, slots=True)
class SaleColumns:
    """What the rule reads of each weighing. `per_kg_fen` means nothing where `by_piece`; `pieces` is 0 where unknown.

    All amounts fit 64 bits with room: the wire contract bounds a weight at 10^7 g, a price at 10^9 fen for a kg.
    """

    net_g: Whole
    pieces: Whole
    unit_price_fen: Whole
    per_kg_fen: Whole
    by_piece: Flags
    paid_fen: Whole


@dataclass(frozen=True, kw_only=True, slots=True)
class CapColumns:
    """What the list in force says of each weighing's goods. `cap_fen` means nothing unless `is_capped`."""

    is_capped: Flags
    cap_fen: Whole
    cap_by_piece: Flags
    #: The verdict where there is no cap to compare with: uncapped, out of stock, unlisted, no list.
    otherwise: NDArray[np.int8]


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedColumns:
    """The rule's answers; verdicts as their number in VERDICTS. `compared`: there was a cap and goods to hold to it."""

    declared: NDArray[np.int8]
    paid: NDArray[np.int8]
    excess_fen: Whole
    overcharge_fen: Whole
    compared: Flags

    @property
    def is_over(self) -> Flags:
        """Where the declared price or what was paid is above the cap."""
        over: Flags = (self.declared == _CODE[Verdict.OVER]) | (self.paid == _CODE[Verdict.OVER])
        return over


@dataclass(frozen=True, slots=True)
class CapRow:
    """One item as a row of CapColumns."""

    is_capped: bool
    cap_fen: int
    by_piece: bool
    otherwise: int


def cap_row(*, has_list: bool, cap: PriceCap | None, is_exempt: bool = False) -> CapRow:
    """Return what an item says: none where the list has none, where there is no list, and to an exempt vendor."""
    if is_exempt:
        return CapRow(False, 0, False, int(_CODE[Verdict.UNCAPPED]))
    if not has_list:
        return CapRow(False, 0, False, int(_CODE[Verdict.NO_LIST]))
    by_piece = cap is not None and cap.unit is CapUnit.PIECE
    if cap is None or cap.cap_fen is None or cap.kind is CapKind.ADVISORY:
        return CapRow(False, 0, by_piece, int(_CODE[verdict_without_cap(cap)]))
    return CapRow(True, cap.cap_fen, by_piece, int(_CODE[Verdict.UNLISTED]))


def judge_columns(sales: SaleColumns, caps: CapColumns, payment_rounding_fen: int = 0) -> JudgedColumns:
    """Judge every weighing by its cap, as `pricing.rules.judge` does one."""
    quantity = np.where(caps.cap_by_piece, sales.pieces, sales.net_g)
    # A cap per kg says nothing about goods that were not weighed, nor one per piece about goods not counted; and no cap
    # says anything about goods of which neither price nor payment is known.
    has_price = sales.unit_price_fen > 0
    judged = caps.is_capped & (quantity > 0) & (has_price | (sales.paid_fen > 0))
    divisor = np.where(judged, quantity, 1)
    units = np.where(caps.cap_by_piece, 1, GRAMS_PER_KG)
    legal = np.where(caps.cap_by_piece, sales.pieces * caps.cap_fen, due(sales.net_g, caps.cap_fen))
    makes = np.where(sales.by_piece, sales.pieces * sales.unit_price_fen, due(sales.net_g, sales.per_kg_fen))

    same_unit = caps.cap_by_piece == sales.by_piece
    price = np.where(sales.by_piece, sales.unit_price_fen, sales.per_kg_fen)
    spread = _ceil(np.maximum(makes - legal, 0) * units, divisor)
    declared_excess = np.maximum(np.where(same_unit, price - caps.cap_fen, spread), 0)

    paid_over = np.maximum(sales.paid_fen - legal, 0)
    is_paid_over = paid_over > payment_rounding_fen
    is_paid_beyond = is_paid_over & (sales.paid_fen > makes + payment_rounding_fen)
    paid_excess = np.where(is_paid_beyond, _ceil(paid_over * units, divisor), 0)
    return JudgedColumns(
        declared=_verdicts(judged & has_price, declared_excess > 0, caps.otherwise),
        paid=_verdicts(judged, is_paid_over, caps.otherwise),
        excess_fen=np.where(judged, np.maximum(declared_excess, paid_excess), 0),
        overcharge_fen=np.where(judged & is_paid_over, paid_over, 0),
        compared=judged,
    )


def due(net_g: Whole, per_kg: Whole) -> Whole:
    """Return the prices to pay, rounded half up to the fen: `domain.units.amount_due`, a column of them."""
    return (net_g * per_kg + _ROUNDING) // GRAMS_PER_KG


def _ceil(number: Whole, divisor: Whole) -> Whole:
    return -(-number // divisor)


def _verdicts(judged: Flags, over: Flags, otherwise: NDArray[np.int8]) -> NDArray[np.int8]:
    found = np.where(over, _CODE[Verdict.OVER], _CODE[Verdict.WITHIN])
    return np.where(judged, found, otherwise).astype(np.int8)
