"""The XK3190's price format: what is a frame, what is garbage, and that the way a stream is cut never matters."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Fen, Grams, PriceUnit
from edge_agent.drivers.framing import NOISE_BLOCK
from edge_agent.drivers.protocol import DriverOptions
from edge_agent.drivers.yaohua_xk3190 import DRIVER, FRAME_BYTES, Xk3190PriceDecoder
from edge_agent.weighing.readings import Garbage, Heard, Reading
from simulators.amounts import MAX_FIELD_FEN, amount_fen
from simulators.scales.yaohua_xk3190 import price_frame

FRAMES = Path(__file__).parents[3] / "frames"
MANUAL = (FRAMES / "xk3190_price.bin").read_bytes()


def read(data: bytes, unit: PriceUnit = PriceUnit.KG) -> list[Heard]:
    return Xk3190PriceDecoder(unit).feed(data)


def reading(net_g: int, unit_price_fen: int, amount: int) -> Reading:
    return Reading(net_g=Grams(net_g), unit_price_fen=Fen(unit_price_fen), amount_fen=Fen(amount))


def reasons(found: list[Heard]) -> list[str]:
    return [item.reason for item in found if isinstance(item, Garbage)]


def test_the_frame_of_the_manual() -> None:
    assert read(MANUAL) == [reading(2000, 100, 200)]


def test_a_frame_has_no_stable_flag() -> None:
    assert [item.stable for item in read(MANUAL) if isinstance(item, Reading)] == [None]


def test_a_basket_taken_off_is_below_zero() -> None:
    assert read((FRAMES / "xk3190_price_negative.bin").read_bytes()) == [reading(-30, 4500, 0)]


def test_halves_around_whole_frames_are_garbage_or_wait() -> None:
    found = read((FRAMES / "xk3190_price_stream.bin").read_bytes())
    assert found == [
        Garbage(reason="no_start", data=b"000kg;0090.00;0066.60"),
        reading(740, 9000, 6660),
        reading(740, 9000, 6660),
    ]


def test_a_torn_frame_does_not_take_the_next_one_with_it() -> None:
    found = read(MANUAL[:9] + MANUAL)
    assert found == [Garbage(reason="torn", data=MANUAL[:9]), reading(2000, 100, 200)]


@pytest.mark.parametrize("weight", [b"0002.000", b" 002.000", b"+002.000"])
def test_a_positive_sign_may_be_a_nought_a_space_or_a_plus(weight: bytes) -> None:
    assert read(b"=" + weight + MANUAL[9:]) == [reading(2000, 100, 200)]


@pytest.mark.parametrize(
    "frame",
    [
        MANUAL.replace(b".00;", b",00;"),
        MANUAL.replace(b"2.000kg", b"2,000kg"),
        MANUAL.replace(b"0002.000", b"002.0000"),
        MANUAL.replace(b"0001.00;", b"10000.0;"),
        MANUAL[:20] + b"----.--",
        b"=" + b"0" * 26,
    ],
    ids=["comma in price", "comma in weight", "four decimals", "price over its field", "no amount", "noughts"],
)
def test_what_has_the_length_but_not_the_form_is_garbage(frame: bytes) -> None:
    assert reasons(read(frame)) == ["not_a_frame"]


@pytest.mark.parametrize("frame", [MANUAL.replace(b"kg", b"lb"), (FRAMES / "xk3190_pieces.bin").read_bytes()])
def test_pounds_and_pieces_are_no_kilograms_and_the_next_frame_is_read(frame: bytes) -> None:
    assert read(frame + MANUAL) == [Garbage(reason="not_kg", data=frame), reading(2000, 100, 200)]


def test_a_scale_of_10_g_has_two_decimals() -> None:
    assert read(b"=00002.05kg;0001.00;0002.05") == [reading(2050, 100, 205)]


@pytest.mark.parametrize(
    ("amount", "heard"),
    [
        (b"15000.0", 1_500_000),
        (b"0015000", 1_500_000),
        (b"14999.0", "amount_overflow"),
        (b"5000.00", "amount_overflow"),  # the ten thousands lost
        (b"9999.99", "amount_overflow"),
        (b"-------", "amount_overflow"),
    ],
)
def test_an_amount_over_its_field_is_what_weight_and_price_make_or_overflow(amount: bytes, heard: int | str) -> None:
    found = read(b"=0015.000kg;1000.00;" + amount)
    expected = Garbage(reason=heard, data=b"=0015.000kg;1000.00;" + amount) if isinstance(heard, str) else None
    assert found == [expected or reading(15_000, 100_000, int(heard))]


@pytest.mark.parametrize(
    ("amount", "fits"),
    [(b"14999.6", False), (b"14999.7", True), (b"14999.8", True), (b"14999.9", False), (b"0014999", True)],
)
def test_the_digits_that_are_left_may_be_cut_off_or_rounded(amount: bytes, fits: bool) -> None:
    """14.999 kg at 1000.05 yuan/kg are 14999.75 yuan."""
    assert (reasons(read(b"=0014.999kg;1000.05;" + amount)) == []) == fits


def test_decimals_are_not_given_up_for_an_amount_that_fits() -> None:
    assert reasons(read(b"=0002.000kg;1000.00;02000.0")) == ["amount_mismatch"]


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of price"):
        DRIVER.make(DriverOptions(profile="tf0"))


@pytest.mark.parametrize(
    ("amount", "reason"),
    [(b"0001.98", ["amount_mismatch"]), (b"0001.99", []), (b"0002.01", []), (b"0002.02", ["amount_mismatch"])],
    ids=["two fen under", "one fen under", "one fen over", "two fen over"],
)
def test_the_amount_must_be_what_weight_and_price_make(amount: bytes, reason: list[str]) -> None:
    assert reasons(read(MANUAL[:20] + amount)) == reason


def test_a_price_for_500_g_makes_twice_the_amount() -> None:
    assert read(b"=0002.000kg;0001.00;0004.00", PriceUnit.HALF_KG) == [reading(2000, 100, 400)]
    assert reasons(read(MANUAL, PriceUnit.HALF_KG)) == ["amount_mismatch"]


def test_this_scale_does_not_price_by_the_piece() -> None:
    with pytest.raises(ValueError, match="prices by weight"):
        Xk3190PriceDecoder(PriceUnit.PIECE)


def test_after_a_reset_the_half_frame_is_forgotten() -> None:
    decoder = Xk3190PriceDecoder(PriceUnit.KG)
    assert decoder.feed(MANUAL[:20]) == []
    decoder.reset()
    assert decoder.feed(MANUAL) == [reading(2000, 100, 200)]


def test_it_asks_for_nothing() -> None:
    assert Xk3190PriceDecoder(PriceUnit.KG).poll(0.0) == b""


streams = st.lists(
    st.one_of(
        st.just(MANUAL), st.binary(max_size=40), st.integers(0, FRAME_BYTES).map(lambda n: MANUAL[:n]), st.just(b"=")
    ),
    max_size=8,
).map(b"".join)


@given(streams, st.lists(st.integers(0, 300)))
def test_the_way_the_stream_is_cut_never_matters(stream: bytes, cuts: list[int]) -> None:
    decoder = Xk3190PriceDecoder(PriceUnit.KG)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    found = [item for start, end in itertools.pairwise(places) for item in decoder.feed(stream[start:end])]
    assert found == read(stream)


@given(st.binary(max_size=500))
def test_noise_never_crashes_and_what_is_kept_is_bounded(noise: bytes) -> None:
    decoder = Xk3190PriceDecoder(PriceUnit.KG)
    found = decoder.feed(noise)
    kept = len(noise) - sum(len(item.data) if isinstance(item, Garbage) else FRAME_BYTES for item in found)
    assert 0 <= kept < NOISE_BLOCK


@given(st.binary(max_size=100).filter(lambda noise: b"=" not in noise))
def test_whatever_came_before_the_next_frame_is_read(noise: bytes) -> None:
    assert read(noise + MANUAL)[-1] == reading(2000, 100, 200)


@given(st.integers(-2000, 15_000), st.integers(0, MAX_FIELD_FEN), st.sampled_from([PriceUnit.KG, PriceUnit.HALF_KG]))
def test_every_frame_of_the_simulated_market_is_read_as_it_was_meant(net_g: int, price: int, unit: PriceUnit) -> None:
    amount = amount_fen(net_g, price, unit) if net_g > 0 else 0
    if amount <= MAX_FIELD_FEN:
        assert read(price_frame(net_g, price, unit), unit) == [reading(net_g, price, amount)]


@given(st.integers(-2000, 15_000), st.integers(0, MAX_FIELD_FEN), st.sampled_from([PriceUnit.KG, PriceUnit.HALF_KG]))
def test_every_frame_of_the_simulated_scale_is_read_whatever_it_costs(net_g: int, price: int, unit: PriceUnit) -> None:
    (found,) = read(price_frame(net_g, price, unit), unit)
    assert isinstance(found, Reading)
    assert (found.net_g, found.unit_price_fen) == (net_g, price)
    assert found.amount_fen is not None
    assert abs(found.amount_fen - (amount_fen(net_g, price, unit) if net_g > 0 else 0)) < 100
