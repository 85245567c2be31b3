"""The rule for a batch gives the very answers of the rule for one weighing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import SpeciesCode
from domain.price_cap import CapStatus, CapUnit, PriceCap
from domain.units import Fen, Grams, PriceUnit, amount_due, amount_for_pieces, fen_per_kg
from domain.weighing import Weighing
from messages import limits
from pricing.rules import judge
from pricing.rules_of_columns import VERDICTS, CapColumns, JudgedColumns, SaleColumns, cap_row, judge_columns
from tests.factories import NOW

near = st.integers(0, 30)
weights = st.one_of(st.integers(0, 2000), st.just(limits.MAX_WEIGHT_G))
prices = st.one_of(st.just(0), st.integers(0, 40_000), st.just(limits.MAX_PRICE_FEN))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Weighing, bool, PriceCap | None]:
    """A sale and what the list says of it; caps and payments often lie right beside each other."""
    unit = draw(st.sampled_from(PriceUnit))
    price, net_g = Fen(draw(prices)), Grams(draw(weights))
    pieces = draw(st.one_of(st.none(), st.integers(0, 5), st.just(limits.MAX_PIECES)))
    per_kg = fen_per_kg(price, unit)
    amount = amount_for_pieces(pieces or 0, price) if per_kg is None else amount_due(net_g, per_kg)
    paid = Fen(max(0, draw(st.one_of(st.just(amount), st.just(amount + 1), st.integers(0, 2 * amount + 10)))))
    weighing = Weighing(
        seq=1,
        weighed_at=NOW,
        net_g=net_g,
        pieces=pieces,
        unit_price_fen=price,
        price_unit=unit,
        amount_fen=amount,
        paid_fen=paid,
    )
    has_list = draw(st.booleans())
    status = draw(st.sampled_from([None, *CapStatus]))
    if not has_list or status is None:
        return weighing, has_list, None
    beside = max(1, (per_kg if per_kg is not None else price) + draw(st.integers(-2, 2)))
    cap_fen = Fen(draw(st.one_of(st.just(beside), st.integers(1, 50_000))))
    cap = PriceCap(
        cap_list_id=1,
        species=SpeciesCode("F01"),
        grade="",
        status=status,
        unit=draw(st.sampled_from(CapUnit)),
        cap_fen=cap_fen if status is CapStatus.CAPPED else None,
    )
    return weighing, has_list, cap


def judged(batch: list[tuple[Weighing, bool, PriceCap | None]], rounding: int) -> JudgedColumns:
    sales = [weighing for weighing, _, _ in batch]
    rows = [cap_row(has_list=has_list, cap=cap) for _, has_list, cap in batch]
    return judge_columns(
        SaleColumns(
            net_g=np.array([one.net_g for one in sales], np.int64),
            pieces=np.array([one.pieces or 0 for one in sales], np.int64),
            unit_price_fen=np.array([one.unit_price_fen for one in sales], np.int64),
            per_kg_fen=np.array([one.unit_price_fen_per_kg or 0 for one in sales], np.int64),
            by_piece=np.array([one.unit_price_fen_per_kg is None for one in sales], np.bool_),
            paid_fen=np.array([one.paid_fen for one in sales], np.int64),
        ),
        CapColumns(
            is_capped=np.array([row.is_capped for row in rows], np.bool_),
            cap_fen=np.array([row.cap_fen for row in rows], np.int64),
            cap_by_piece=np.array([row.by_piece for row in rows], np.bool_),
            otherwise=np.array([row.otherwise for row in rows], np.int8),
        ),
        rounding,
    )


@given(batch=st.lists(cases(), min_size=1, max_size=30), rounding=near)
def test_a_batch_is_judged_as_each_of_its_weighings_is(
    batch: list[tuple[Weighing, bool, PriceCap | None]], rounding: int
) -> None:
    found = judged(batch, rounding)
    for n, (weighing, has_list, cap) in enumerate(batch):
        one = judge(weighing, has_list=has_list, cap=cap, payment_rounding_fen=rounding)
        assert VERDICTS[found.declared[n]] is one.declared
        assert VERDICTS[found.paid[n]] is one.paid
        assert (found.excess_fen[n], found.overcharge_fen[n]) == (one.excess_fen, one.overcharge_fen)
        assert bool(found.is_over[n]) == one.is_over
        # The judgement names the cap unless there was one that had nothing to say about these goods.
        names_the_cap = cap is not None and (cap.cap_fen is None or bool(found.compared[n]))
        assert (one.cap is not None) == names_the_cap


def test_no_weighings_are_judged_to_nothing() -> None:
    assert judged([], 0).declared.size == 0
