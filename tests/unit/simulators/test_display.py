"""The customer display at the other end, and the simulators' own arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import FenPerKg, PriceUnit
from edge_agent.display import over_cap
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


WARNING = b"\x0c\x1bQA230.00\r\x1bs1"


@given(st.integers(0, len(WARNING)))
def test_the_highest_legal_price_is_a_warning_and_no_total_however_it_came(cut: int) -> None:
    display = CustomerDisplay()
    display.feed(b"noise" + WARNING[:cut])
    display.feed(WARNING[cut:])
    assert (display.warning_fen(), display.warned_fen, display.total_fen()) == (23_000, 23_000, None)


def test_a_warning_is_remembered_behind_the_total_until_the_next_goods() -> None:
    display = CustomerDisplay()
    display.feed(WARNING + SHOW_TOTAL)
    assert (display.warning_fen(), display.warned_fen, display.total_fen()) == (None, 23_000, 6408)
    display.forget()
    assert (display.warned_fen, display.total_fen()) == (None, None)


@given(st.integers(1, 100_000_000), st.sampled_from([PriceUnit.KG, PriceUnit.HALF_KG, PriceUnit.HUNDRED_GRAMS]))
def test_what_the_agent_sends_to_warn_is_understood(cap_fen: int, unit: PriceUnit) -> None:
    display = CustomerDisplay()
    display.feed(over_cap(FenPerKg(cap_fen), unit))
    assert display.warning_fen() == cap_fen * unit_price_fen(500, unit) // 1000
