"""The simulated XK3190 and the display at the other end."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import PriceUnit
from simulators.display import CustomerDisplay
from simulators.scale import amount_fen, frame, sale_frames


@pytest.mark.parametrize(
    ("net_g", "price", "unit", "expected"),
    [
        (2000, 100, PriceUnit.KG, b"=0002.000kg;0001.00;0002.00"),
        (2000, 100, PriceUnit.HALF_KG, b"=0002.000kg;0001.00;0004.00"),
        (0, 9000, PriceUnit.KG, b"=0000.000kg;0090.00;0000.00"),
        (-30, 9000, PriceUnit.KG, b"=-000.030kg;0090.00;0000.00"),
    ],
)
def test_a_frame_is_27_bytes_of_weight_price_and_amount(
    net_g: int, price: int, unit: PriceUnit, expected: bytes
) -> None:
    assert frame(net_g, price, unit) == expected
    assert len(expected) == 27


@pytest.mark.parametrize(("price", "amount"), [(499, 2), (500, 3), (501, 3)], ids=["below half", "half", "above half"])
def test_half_a_fen_is_rounded_up(price: int, amount: int) -> None:
    assert amount_fen(5, price, PriceUnit.KG) == amount


@pytest.mark.parametrize(("net_g", "price"), [(15_005, 1), (1000, 1_000_000), (15_000, 99_999)])
def test_what_does_not_fit_into_the_fields_is_refused(net_g: int, price: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        frame(net_g, price, PriceUnit.KG)


@given(st.integers(0, 10_000), st.integers(40, 600).map(lambda n: 5 * n))
def test_no_two_noisy_frames_are_alike_in_a_row_and_none_is_the_final_one(seed: int, net_g: int) -> None:
    frames = sale_frames(random.Random(seed), net_g, 9000, PriceUnit.KG)
    assert 2 <= len(frames.settling) <= 4
    assert all(before != after for before, after in pairwise([*frames.settling, frames.steady]))
    assert frames.steady not in frames.settling


def test_the_same_seed_makes_the_same_sale() -> None:
    assert sale_frames(random.Random(3), 500, 9000, PriceUnit.KG) == sale_frames(
        random.Random(3), 500, 9000, PriceUnit.KG
    )


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
