"""The rule, at its boundaries."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import SpeciesCode
from domain.price_cap import CapStatus, CapUnit, PriceCap, Verdict
from domain.units import Fen, Grams, PriceUnit, amount_due, amount_for_pieces, fen_per_kg
from domain.weighing import Weighing
from pricing.rules import Judgement, judge

CAP_115_YUAN_PER_500G = Fen(23000)


def cap(
    cap_fen: int | None = CAP_115_YUAN_PER_500G, *, unit: CapUnit = CapUnit.KG, status: CapStatus | None = None
) -> PriceCap:
    return PriceCap(
        cap_list_id=1,
        species=SpeciesCode("F25"),
        grade="",
        status=status or CapStatus.CAPPED,
        unit=unit,
        cap_fen=None if cap_fen is None else Fen(cap_fen),
    )


def sale(
    unit_price: int,
    unit: PriceUnit = PriceUnit.HALF_KG,
    *,
    net_g: int = 1000,
    pieces: int | None = None,
    paid: int | None = None,
) -> Weighing:
    per_kg = fen_per_kg(Fen(unit_price), unit)
    amount = amount_for_pieces(pieces or 0, Fen(unit_price)) if per_kg is None else amount_due(Grams(net_g), per_kg)
    return Weighing(
        seq=1,
        weighed_at=datetime(2026, 11, 22, tzinfo=UTC),
        net_g=Grams(net_g),
        pieces=pieces,
        unit_price_fen=Fen(unit_price),
        price_unit=unit,
        amount_fen=amount,
        paid_fen=amount if paid is None else Fen(paid),
    )


def judged(weighing: Weighing, by: PriceCap | None = None, *, rounding: int = 0) -> Judgement:
    return judge(weighing, has_list=True, cap=by or cap(), payment_rounding_fen=rounding)


@pytest.mark.parametrize(
    ("unit_price", "unit", "verdict"),
    [
        (11499, PriceUnit.HALF_KG, Verdict.WITHIN),
        (11500, PriceUnit.HALF_KG, Verdict.WITHIN),
        (11501, PriceUnit.HALF_KG, Verdict.OVER),
        (23000, PriceUnit.KG, Verdict.WITHIN),
        (23001, PriceUnit.KG, Verdict.OVER),
        (2300, PriceUnit.HUNDRED_GRAMS, Verdict.WITHIN),
        (2301, PriceUnit.HUNDRED_GRAMS, Verdict.OVER),
    ],
    ids=[
        "below",
        "at the cap",
        "one fen over",
        "at the cap per kg",
        "one fen over per kg",
        "at it per 100 g",
        "over it",
    ],
)
def test_only_a_price_above_the_cap_is_over(unit_price: int, unit: PriceUnit, verdict: Verdict) -> None:
    assert judged(sale(unit_price, unit)).declared is verdict


def test_the_answers_without_a_cap_are_told_apart() -> None:
    weighing = sale(99999)
    assert judge(weighing, has_list=False, cap=None).declared is Verdict.NO_LIST
    assert judge(weighing, has_list=True, cap=None).declared is Verdict.UNLISTED
    assert judged(weighing, cap(None, status=CapStatus.UNCAPPED)).declared is Verdict.UNCAPPED
    assert judged(weighing, cap(None, status=CapStatus.OUT_OF_STOCK)).paid is Verdict.OUT_OF_STOCK


def test_excess_and_overcharge_of_the_real_case_98_against_79_yuan() -> None:
    """Sanya, January 2023: 龙胆石斑 capped at 79 yuan/500 g was asked 98 for: 24 % over."""
    judgement = judged(sale(9800, net_g=1500), cap(15800))
    assert (judgement.excess_fen, judgement.excess_permille, judgement.overcharge_fen) == (3800, 241, 5700)


def test_paying_more_than_the_goods_may_cost_is_over_though_the_declared_price_is_not() -> None:
    judgement = judged(sale(11500, net_g=500, paid=11501))
    assert (judgement.declared, judgement.paid, judgement.overcharge_fen) == (Verdict.WITHIN, Verdict.OVER, 1)
    assert judgement.excess_fen == 2


def test_a_discount_below_the_cap_leaves_the_declared_price_over_and_no_money_overcharged() -> None:
    judgement = judged(sale(12000, net_g=500, paid=11000))
    assert (judgement.declared, judgement.paid, judgement.overcharge_fen) == (Verdict.OVER, Verdict.WITHIN, 0)


@given(net_g=st.integers(1, 50_000), cap_fen=st.integers(1, 1_000_000))
def test_a_sale_at_exactly_the_cap_is_never_over_whatever_the_rounding(net_g: int, cap_fen: int) -> None:
    judgement = judged(sale(cap_fen, PriceUnit.KG, net_g=net_g), cap(cap_fen))
    assert not judgement.is_over
    assert (judgement.excess_fen, judgement.overcharge_fen) == (0, 0)


@given(net_g=st.integers(1, 50_000), cap_fen=st.integers(1, 1_000_000), more=st.integers(1, 1_000_000))
def test_any_price_above_the_cap_is_over_and_shows(net_g: int, cap_fen: int, more: int) -> None:
    judgement = judged(sale(cap_fen + more, PriceUnit.KG, net_g=net_g), cap(cap_fen))
    assert judgement.declared is Verdict.OVER
    assert judgement.excess_fen == more
    assert judgement.excess_permille >= 1


def test_rounding_of_the_settlement_is_forgiven_as_far_as_policy_says() -> None:
    weighing = sale(11500, net_g=500, paid=11505)
    assert judged(weighing, rounding=5).paid is Verdict.WITHIN
    assert judged(weighing, rounding=4).paid is Verdict.OVER


def test_a_cap_per_piece_judges_the_price_per_piece() -> None:
    geoduck = cap(12000, unit=CapUnit.PIECE)
    assert judged(sale(12000, PriceUnit.PIECE, net_g=0, pieces=2), geoduck).declared is Verdict.WITHIN
    over = judged(sale(12001, PriceUnit.PIECE, net_g=0, pieces=2), geoduck)
    assert (over.declared, over.excess_fen, over.overcharge_fen) == (Verdict.OVER, 1, 2)


def test_goods_priced_by_the_piece_under_a_cap_per_kg_are_judged_by_what_they_come_to() -> None:
    assert judged(sale(11500, PriceUnit.PIECE, net_g=500, pieces=1)).declared is Verdict.WITHIN
    over = judged(sale(11501, PriceUnit.PIECE, net_g=500, pieces=1))
    assert (over.declared, over.excess_fen) == (Verdict.OVER, 2)


def test_goods_priced_by_weight_under_a_cap_per_piece_are_judged_by_what_they_come_to() -> None:
    over = judged(sale(20000, PriceUnit.KG, net_g=1000, pieces=1), cap(12000, unit=CapUnit.PIECE))
    assert (over.declared, over.excess_fen, over.overcharge_fen) == (Verdict.OVER, 8000, 8000)


def test_declaring_one_fen_over_the_cap_hides_nothing_of_what_was_paid() -> None:
    at_the_cap = judged(sale(23000, PriceUnit.KG, net_g=1000, paid=46000))
    one_fen_over = judged(sale(23001, PriceUnit.KG, net_g=1000, paid=46000))
    assert (at_the_cap.excess_permille, one_fen_over.excess_permille) == (1000, 1000)
    assert at_the_cap.overcharge_fen == one_fen_over.overcharge_fen == 23000


@pytest.mark.parametrize(
    ("weighing", "by", "expected"),
    [
        (sale(0, net_g=500), cap(), (Verdict.UNLISTED, Verdict.UNLISTED, 0, 0)),
        (sale(0, net_g=500, paid=11500), cap(), (Verdict.UNLISTED, Verdict.WITHIN, 0, 0)),
        (sale(0, net_g=500, paid=11501), cap(), (Verdict.UNLISTED, Verdict.OVER, 2, 1)),
        (
            sale(0, PriceUnit.PIECE, net_g=0, pieces=2, paid=24002),
            cap(12000, unit=CapUnit.PIECE),
            (Verdict.UNLISTED, Verdict.OVER, 1, 2),
        ),
    ],
    ids=["nothing known", "paid at the cap", "paid one fen over it", "paid over it by the piece"],
)
def test_a_price_that_the_scale_did_not_know_is_not_judged_but_what_was_paid_is(
    weighing: Weighing, by: PriceCap, expected: tuple[Verdict, Verdict, int, int]
) -> None:
    judgement = judged(weighing, by)
    assert (judgement.declared, judgement.paid, judgement.excess_fen, judgement.overcharge_fen) == expected


@given(net_g=st.integers(0, 50_000), pieces=st.integers(0, 9), paid=st.integers(0, 10_000_000), by_piece=st.booleans())
def test_a_sale_without_a_known_price_never_looks_like_a_legal_price(
    net_g: int, pieces: int, paid: int, by_piece: bool
) -> None:
    judgement = judged(
        sale(0, net_g=net_g, pieces=pieces, paid=paid), cap(unit=CapUnit.PIECE if by_piece else CapUnit.KG)
    )
    assert judgement.declared is Verdict.UNLISTED
    assert judgement.paid is not Verdict.WITHIN or paid > 0


@pytest.mark.parametrize(
    ("weighing", "by"),
    [
        (sale(50000, PriceUnit.PIECE, net_g=0, pieces=2), cap()),
        (sale(50000, PriceUnit.KG, net_g=1000), cap(12000, unit=CapUnit.PIECE)),
    ],
    ids=["not weighed, cap per kg", "not counted, cap per piece"],
)
def test_a_cap_says_nothing_about_a_quantity_that_is_not_known(weighing: Weighing, by: PriceCap) -> None:
    judgement = judged(weighing, by)
    assert (judgement.declared, judgement.paid, judgement.overcharge_fen) == (Verdict.UNLISTED, Verdict.UNLISTED, 0)
