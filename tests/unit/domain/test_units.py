"""Money and weight: one rounding rule, exact conversions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import (
    Fen,
    FenPerKg,
    Grams,
    PriceUnit,
    amount_due,
    amount_for_pieces,
    fen_per_kg,
    yuan,
    yuan_per_500g,
)


@pytest.mark.parametrize(
    ("unit", "per_kg"),
    [(PriceUnit.KG, 11500), (PriceUnit.HALF_KG, 23000), (PriceUnit.HUNDRED_GRAMS, 115000), (PriceUnit.PIECE, None)],
)
def test_a_price_is_turned_into_fen_per_kg_exactly(unit: PriceUnit, per_kg: int | None) -> None:
    assert fen_per_kg(Fen(11500), unit) == per_kg


@pytest.mark.parametrize(
    ("net_g", "price", "due"),
    [(712, 31600, 22499), (1, 499, 0), (1, 500, 1), (999, 1, 1), (500, 1, 1), (499, 1, 0), (1000, 23000, 23000)],
    ids=["the contract's example", "below half", "at half", "almost one", "half of one", "under half of one", "exact"],
)
def test_the_amount_due_is_rounded_half_up(net_g: int, price: int, due: int) -> None:
    assert amount_due(Grams(net_g), FenPerKg(price)) == due


@given(net_g=st.integers(0, 10**7), price=st.integers(0, 10**8))
def test_the_amount_due_is_never_more_than_half_a_fen_off(net_g: int, price: int) -> None:
    assert abs(1000 * amount_due(Grams(net_g), FenPerKg(price)) - net_g * price) <= 500


def test_goods_by_the_piece_cost_pieces_times_price() -> None:
    assert amount_for_pieces(3, Fen(12000)) == 36000


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (5, "0.05"), (22499, "224.99"), (-105, "-1.05"), (100, "1.00")])
def test_fen_are_shown_as_yuan(fen: int, text: str) -> None:
    assert yuan(fen) == text


@pytest.mark.parametrize(("per_kg", "text"), [(23000, "115.00"), (23001, "115.005"), (1, "0.005"), (-3, "-0.015")])
def test_a_price_per_kg_is_shown_per_500_g_without_losing_half_a_fen(per_kg: int, text: str) -> None:
    assert yuan_per_500g(FenPerKg(per_kg)) == text
