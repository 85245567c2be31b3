"""The simulated XK3190 sends what the manuals print, at the manuals' weights."""

import random

import pytest

from domain.units import PriceUnit
from simulators.scales.platform import Seen
from simulators.scales.protocol import SimulatedScale
from simulators.scales.registry import SIMULATED_SCALES
from simulators.scales.yaohua_xk3190 import (
    FRAME_EVERY_S,
    a12e_frame,
    plain_frame,
    price_frame,
    reversed_frame,
    tf0_frame,
)

RESTED_S = 1.0


def make(profile: str) -> SimulatedScale:
    name = "yaohua_xk3190" if profile == "price" else "yaohua_xk3190_weight"
    return SIMULATED_SCALES[name].make(profile, random.Random(1), PriceUnit.KG)


def test_the_frames_of_the_manuals() -> None:
    assert price_frame(2000, 100, PriceUnit.KG) == b"=0002.000kg;0001.00;0002.00"
    assert tf0_frame(1234) == bytes.fromhex("02 2b 30 30 31 32 33 34 33 31 43 03")
    assert reversed_frame(3000) == b"=000.3000"
    assert plain_frame(3000) == b"=0003.000"
    assert a12e_frame(Seen(gross_g=4139, is_stable=True), 0) == b"WG004.139kg3D\r\n"
    assert a12e_frame(Seen(gross_g=0, is_stable=True, is_overload=True), 0) == b"         OL23\r\n"


def test_below_zero_the_sign_is_the_highest_place() -> None:
    assert price_frame(-30, 4500, PriceUnit.KG) == b"=-000.030kg;0045.00;0000.00"
    assert tf0_frame(-30)[1:8] == b"-000030"
    assert (reversed_frame(-1000), plain_frame(-1000)) == (b"=000.100-", b"=-001.000")
    assert a12e_frame(Seen(gross_g=0, is_stable=True), 30)[:11] == b"WN-00.030kg"


@pytest.mark.parametrize(
    ("net_g", "price", "amount"),
    [(10_000, 99_999, b"9999.90"), (10_000, 100_000, b"10000.0"), (15_000, 999_999, b"0150000"), (5, 500, b"0000.03")],
)
def test_an_amount_that_grows_gives_up_decimals(net_g: int, price: int, amount: bytes) -> None:
    assert price_frame(net_g, price, PriceUnit.KG)[20:] == amount
    assert len(price_frame(net_g, price, PriceUnit.KG)) == 27


def test_it_sends_its_load_less_the_tare_ten_times_a_second() -> None:
    scale = make("price")
    scale.key_price(9000)
    scale.key_tare(30)
    scale.platform.put(770, 0.0)
    frames = [scale.tick(RESTED_S + n / 50) for n in range(50)]
    assert set(frames) == {b"", b"=0000.740kg;0090.00;0066.60"}
    assert len([sent for sent in frames if sent]) == pytest.approx(1 / FRAME_EVERY_S, abs=2)


@pytest.mark.parametrize("profile", ["price", "tf0", "reversed", "plain"])
@pytest.mark.parametrize("load_g", [15_050, -105])
def test_off_its_range_it_sends_nothing(profile: str, load_g: int) -> None:
    scale = make(profile)
    scale.platform.put(load_g, 0.0)
    assert scale.tick(RESTED_S) == b""


@pytest.mark.parametrize(("load_g", "word"), [(15_050, b"OL"), (-105, b"LO")])
def test_an_a12e_says_that_it_is_off_its_range(load_g: int, word: bytes) -> None:
    scale = make("a12e")
    scale.platform.put(load_g, 0.0)
    assert scale.tick(RESTED_S) == b" " * 9 + word + b"23\r\n"


def test_what_its_keys_cannot_take_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        make("price").key_price(1_000_000)
    with pytest.raises(ValueError, match="prices by weight"):
        SIMULATED_SCALES["yaohua_xk3190"].make("price", random.Random(1), PriceUnit.PIECE)


def test_it_takes_no_commands() -> None:
    assert make("plain").hear(b"W\r\n", 0.0) == b""
