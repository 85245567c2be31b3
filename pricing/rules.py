"""The rule: is this weighing above the cap in force when it was made?

Judged twice (design, decision 3): the declared unit price, and what was really paid for the goods. A price equal
to the cap is legal; over is strictly greater. A unit price of 0 is one that the scale did not know: it is not judged,
only what was paid is. Whole grams and fen throughout.
"""

from dataclasses import dataclass

from domain.price_cap import CapKind, CapStatus, CapUnit, PriceCap, Verdict
from domain.units import Fen, FenPerKg, amount_due, amount_for_pieces
from domain.weighing import Weighing

_GRAMS_PER_KG = 1000
_PERMILLE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """The rule's answer. `excess_fen` is above the cap per the cap's unit; `overcharge_fen` is money, for the sale."""

    declared: Verdict
    paid: Verdict
    cap: PriceCap | None = None
    excess_fen: int = 0
    overcharge_fen: Fen = Fen(0)

    @property
    def is_over(self) -> bool:
        """Whether either the declared price or what was paid is above the cap."""
        return Verdict.OVER in (self.declared, self.paid)

    @property
    def excess_permille(self) -> int:
        """How far above the cap, in thousandths of it, rounded up: one fen over is never shown as nothing."""
        if self.cap is None or self.cap.cap_fen is None:
            return 0
        return -(-self.excess_fen * _PERMILLE // self.cap.cap_fen)


def verdict_without_cap(cap: PriceCap | None) -> Verdict:
    """Return the answer where an item holds no number to compare with, or one that binds nobody."""
    if cap is None or cap.status is CapStatus.ABSENT:
        return Verdict.UNLISTED
    if cap.is_of_purchase or cap.status is CapStatus.OUT_OF_STOCK:
        # The vendor's own purchase price makes the cap, and no slip of it is known (pricing.purchases).
        return Verdict.OUT_OF_STOCK
    return Verdict.UNCAPPED


def judge(
    weighing: Weighing,
    *,
    has_list: bool,
    cap: PriceCap | None,
    is_exempt: bool = False,
    payment_rounding_fen: int = 0,
) -> Judgement:
    """Judge a weighing by the item of the list in force for it.

    Args:
        weighing: what the scale recorded.
        has_list: whether any list is in force for the market at `weighed_at`; without one the answer is `no_list`.
        cap: the list's item for the species and grade; None where the list has none (`unlisted`).
        is_exempt: whether the vendor may price freely at that moment, whatever the list says (`uncapped`).
        payment_rounding_fen: how much a settlement may round up before it counts as paid over (policy).
    """
    if is_exempt:
        return Judgement(declared=Verdict.UNCAPPED, paid=Verdict.UNCAPPED)
    if not has_list:
        return Judgement(declared=Verdict.NO_LIST, paid=Verdict.NO_LIST)
    if cap is None or cap.cap_fen is None or cap.kind is CapKind.ADVISORY:
        verdict = verdict_without_cap(cap)
        return Judgement(declared=verdict, paid=verdict, cap=cap)
    return _judge_against(weighing, cap, cap.cap_fen, payment_rounding_fen)


def _judge_against(weighing: Weighing, cap: PriceCap, cap_fen: Fen, payment_rounding_fen: int) -> Judgement:
    if _quantity(weighing, cap) == 0 or not (weighing.has_unit_price or weighing.paid_fen):
        # A cap per kg says nothing about goods that were not weighed, nor one per piece about goods not counted; and
        # no cap says anything about goods of which neither price nor payment is known.
        return Judgement(declared=Verdict.UNLISTED, paid=Verdict.UNLISTED)
    legal = legal_amount(weighing, cap, cap_fen)
    declared_excess = max(0, _declared_excess(weighing, cap, cap_fen, legal))
    paid_over = max(0, weighing.paid_fen - legal)
    is_paid_over = paid_over > payment_rounding_fen
    # Worked back from money that was rounded to the fen, a price would never be better than the declared one: it
    # counts only where more was paid than the declared price makes.
    is_paid_beyond = is_paid_over and weighing.paid_fen > _declared_amount(weighing) + payment_rounding_fen
    declared = Verdict.OVER if declared_excess > 0 else Verdict.WITHIN
    return Judgement(
        declared=declared if weighing.has_unit_price else Verdict.UNLISTED,
        paid=Verdict.OVER if is_paid_over else Verdict.WITHIN,
        cap=cap,
        excess_fen=max(declared_excess, _per_unit(weighing, cap, paid_over) if is_paid_beyond else 0),
        overcharge_fen=Fen(paid_over if is_paid_over else 0),
    )


def legal_amount(weighing: Weighing, cap: PriceCap, cap_fen: Fen) -> Fen:
    """Return the most these goods may cost: quantity x cap, rounded half up as the scale rounds."""
    if cap.unit is CapUnit.PIECE:
        return amount_for_pieces(weighing.pieces or 0, cap_fen)
    return amount_due(weighing.net_g, FenPerKg(cap_fen))


def _declared_amount(weighing: Weighing) -> Fen:
    """Return what the declared price makes of the goods, whatever the scale asked for."""
    per_kg = weighing.unit_price_fen_per_kg
    if per_kg is None:
        return amount_for_pieces(weighing.pieces or 0, weighing.unit_price_fen)
    return amount_due(weighing.net_g, per_kg)


def _declared_excess(weighing: Weighing, cap: PriceCap, cap_fen: Fen, legal: Fen) -> int:
    """How far the declared price is above the cap, per the cap's unit; 0 or less where it is not.

    A price declared in another unit than the cap's (a cap per kg, goods priced by the piece, or the other way
    round) has no unit price to compare, so what it makes is compared with the most the goods may cost.
    """
    per_kg = weighing.unit_price_fen_per_kg
    if cap.unit is CapUnit.KG and per_kg is not None:
        return per_kg - cap_fen
    if cap.unit is CapUnit.PIECE and per_kg is None:
        return weighing.unit_price_fen - cap_fen
    return _per_unit(weighing, cap, max(0, _declared_amount(weighing) - legal))


def _per_unit(weighing: Weighing, cap: PriceCap, over_fen: int) -> int:
    """Spread money over the quantity: fen per kg or per piece, rounded up so that it never vanishes."""
    units_in_quantity = 1 if cap.unit is CapUnit.PIECE else _GRAMS_PER_KG
    return -(-over_fen * units_in_quantity // _quantity(weighing, cap))


def _quantity(weighing: Weighing, cap: PriceCap) -> int:
    """Return how much there was, in what the cap is for: grams, or pieces."""
    return (weighing.pieces or 0) if cap.unit is CapUnit.PIECE else weighing.net_g
