"""The customer display at the other end, and the simulators' own arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import PriceUnit
from simulators.amounts import amount_fen, unit_price_fen
from simulators.display import CustomerDisplay


@pytest.mark.parametrize(("price", "amount"), [(499, 2), (500, 3), (501, 3)], ids=["below half", "half", "above half"])
def test_half_a_fen_is_rounded_up(price: int, amount: int) -> None:
    assert amount_fen(5, price, PriceUnit.KG) == amount


@pytest.mark.parametrize(
    ("unit", "price"), [(PriceUnit.KG, 23_000), (PriceUnit.HALF_KG, 11_500), (PriceUnit.HUNDRED_GRAMS, 2300)]
)
def test_a_price_for_500_g_is_set_for_the_scales_unit(unit: PriceUnit, price: int) -> None:
    assert unit_price_fen(11_500, unit) == price
    assert amount_fen(1000, price, unit) == 23_000


SHOW_TOTAL = b"\x0c\x1bQA64.08\r\x1bs2"


@given(st.integers(0, len(SHOW_TOTAL)))
def test_the_display_shows_the_total_however_it_came(cut: int) -> None:
    display = CustomerDisplay()
    display.feed(b"noise" + SHOW_TOTAL[:cut])
    display.feed(SHOW_TOTAL[cut:])
    assert display.total_fen() == 6408


@pytest.mark.parametrize("data", [b"\x1bQA64.08\r\x1bs1", b"\x1bQA64.08\r", b"\x1bQA64\r\x1bs2", SHOW_TOTAL + b"\x0c"])
def test_without_the_light_an_amount_with_fen_or_after_a_clear_there_is_no_total(data: bytes) -> None:
    display = CustomerDisplay()
    display.feed(data)
    assert display.total_fen() is None
