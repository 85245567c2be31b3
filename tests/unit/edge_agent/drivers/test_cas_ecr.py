"""CAS ECR: the dialogue, its check bytes, prices that fit their weight, and a simulated scale read as it weighs."""

import random
from functools import reduce
from operator import xor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Fen, Grams, PriceUnit
from edge_agent.drivers.cas_ecr import ACK, ANSWER_S, DC1, DC2, ENQ, NAK
from edge_agent.drivers.framing import NOISE_BLOCK
from edge_agent.drivers.protocol import READ_EVERY_S, Command, DriverOptions, PriceFrom, ScaleDriver
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.weighing.readings import Condition, Garbage, Heard, NoWeight, Reading
from simulators.scales.cas_ecr import CasEcrScale
from simulators.scales.platform import Capacity
from tests.unit.edge_agent.drivers.conversations import Wire, cut, readings, reasons

FRAMES = Path(__file__).parents[3] / "frames"
WEIGHT = (FRAMES / "cas_ecr_weight.bin").read_bytes()
PRICE = (FRAMES / "cas_ecr_price.bin").read_bytes()
TYPE_0 = (FRAMES / "cas_pd2_type0.bin").read_bytes()
NAMES = {"weight": "cas_ecr", "pd2_type0": "cas_ecr", "price": "cas_ecr_price"}
GOOD = {"weight": WEIGHT, "pd2_type0": TYPE_0, "price": PRICE}
FRAME_BYTES = {"weight": 15, "pd2_type0": 9, "price": 37}
PROFILES = list(NAMES)


def driver(profile: str, unit: PriceUnit = PriceUnit.KG) -> ScaleDriver:
    return SCALE_DRIVERS[NAMES[profile]].make(DriverOptions(profile=profile, price_unit=unit))


def asked(profile: str, unit: PriceUnit = PriceUnit.KG) -> ScaleDriver:
    """A driver that waits for the data, at 0.0."""
    made = driver(profile, unit)
    made.poll(0.0)
    if profile != "pd2_type0":
        assert made.feed(ACK) == []
        assert made.poll(0.0) in {DC1, DC2}
    return made


def read(profile: str, data: bytes, unit: PriceUnit = PriceUnit.KG) -> list[Heard]:
    return asked(profile, unit).feed(data)


def block(text: bytes) -> bytes:
    return b"\x02" + text + bytes([reduce(xor, text)]) + b"\x03"


def weight_frame(text: bytes) -> bytes:
    return b"\x01" + block(text) + b"\x04"


def price_frame(total: bytes, weight: bytes, price: bytes) -> bytes:
    return b"\x01" + block(total.rjust(8)) + block(weight) + block(price.rjust(8)) + b"\x04"


def weighed(net_g: int, stable: bool | None = True) -> Reading:
    return Reading(net_g=Grams(net_g), stable=stable)


def sold(net_g: int, unit_price_fen: int, amount_fen: int, stable: bool = True) -> Reading:
    return Reading(net_g=Grams(net_g), stable=stable, unit_price_fen=Fen(unit_price_fen), amount_fen=Fen(amount_fen))


GOOD_READING = {"weight": weighed(1234), "pd2_type0": weighed(1234, None), "price": sold(1234, 15_800, 19_497)}


def simulated(profile: str, seed: int = 1, unit: PriceUnit = PriceUnit.KG, e_g: int = 5) -> CasEcrScale:
    return CasEcrScale(profile, random.Random(seed), unit, Capacity(e_g=e_g))


class TestFramesOfTheManuals:
    @pytest.mark.parametrize("profile", PROFILES)
    def test_each(self, profile: str) -> None:
        assert read(profile, GOOD[profile]) == [GOOD_READING[profile]]

    def test_the_check_byte_is_all_but_stx_and_etx(self) -> None:
        assert WEIGHT == weight_frame(b"S 01.234kg")
        assert WEIGHT[12] == 0x65

    @pytest.mark.parametrize(
        ("text", "heard"),
        [
            (b"U 01.234kg", weighed(1234, stable=False)),
            (b"S-00.030kg", weighed(-30)),
            (b"S  1.234Kg", weighed(1234)),
            (b"SFFFFFFFkg", NoWeight(Condition.OVERLOAD)),
            (b"UF      kg", NoWeight(Condition.OVERLOAD)),
        ],
        ids=["moving", "negative", "blank for nought", "overload", "overload, moving"],
    )
    def test_status_and_sign(self, text: bytes, heard: Heard) -> None:
        assert read("weight", weight_frame(text)) == [heard]

    def test_an_overload_has_no_price(self) -> None:
        assert read("price", price_frame(b"", b"SFFFFFFFkg", b"158.00")) == [NoWeight(Condition.OVERLOAD)]

    def test_below_zero_nothing_is_sold(self) -> None:
        assert read("price", price_frame(b"0.00", b"S-00.030kg", b"45.00")) == [sold(-30, 4500, 0)]
        assert read("price", price_frame(b"-1.35", b"S-00.030kg", b"45.00")) == [sold(-30, 4500, -135)]
        assert reasons(read("price", price_frame(b"1.35", b"S-00.030kg", b"45.00"))) == ["amount_mismatch"]

    @pytest.mark.parametrize(
        ("amount", "reason"),
        [(b"194.95", ["amount_mismatch"]), (b"194.96", []), (b"194.98", []), (b"194.99", ["amount_mismatch"])],
    )
    def test_the_amount_must_be_what_weight_and_price_make(self, amount: bytes, reason: list[str]) -> None:
        assert reasons(read("price", price_frame(amount, b"S 01.234kg", b"158.00"))) == reason

    def test_a_price_for_500_g_makes_twice_the_amount(self) -> None:
        half_kg = price_frame(b"389.94", b"S 01.234kg", b"158.00")
        assert read("price", half_kg, PriceUnit.HALF_KG) == [sold(1234, 15_800, 38_994)]
        assert reasons(read("price", PRICE, PriceUnit.HALF_KG)) == ["amount_mismatch"]


class TestDialogue:
    @pytest.mark.parametrize(("profile", "request_byte"), [("weight", DC1), ("price", DC2)])
    def test_enquiry_then_request_then_data(self, profile: str, request_byte: bytes) -> None:
        made = driver(profile)
        assert made.poll(0.0) == ENQ
        assert made.poll(0.01) == b""
        assert made.feed(ACK) == []
        assert made.poll(0.02) == request_byte
        assert made.poll(0.03) == b""
        assert made.feed(GOOD[profile]) == [GOOD_READING[profile]]
        assert made.poll(READ_EVERY_S - 0.01) == b""
        assert made.poll(READ_EVERY_S) == ENQ

    def test_type_0_asks_in_one_go(self) -> None:
        made = driver("pd2_type0")
        assert made.poll(0.0) == ENQ + DC2
        assert made.feed(TYPE_0) == [weighed(1234, None)]
        assert made.poll(READ_EVERY_S) == ENQ + DC2

    @pytest.mark.parametrize("profile", PROFILES)
    def test_nak_is_not_ready_and_asked_again(self, profile: str) -> None:
        made = driver(profile)
        made.poll(0.0)
        assert made.feed(NAK) == [NoWeight(Condition.NOT_READY)]
        assert made.poll(READ_EVERY_S)[:1] == ENQ

    @pytest.mark.parametrize("profile", PROFILES)
    def test_silence_is_not_waited_for_longer_than_an_answer_takes(self, profile: str) -> None:
        made = asked(profile)
        assert made.poll(ANSWER_S - 0.01) == b""
        assert made.poll(ANSWER_S)[:1] == ENQ

    @pytest.mark.parametrize("profile", PROFILES)
    def test_answers_to_nothing_are_garbage(self, profile: str) -> None:
        assert reasons(driver(profile).feed(ACK + NAK)) == ["unasked", "unasked"]

    @pytest.mark.parametrize("profile", PROFILES)
    def test_a_late_weight_is_still_what_the_scale_said(self, profile: str) -> None:
        made = asked(profile)
        made.poll(ANSWER_S)
        assert made.feed(GOOD[profile]) == [GOOD_READING[profile]]

    @pytest.mark.parametrize("profile", PROFILES)
    def test_an_answer_that_broke_off_costs_one_time_out(self, profile: str) -> None:
        size = FRAME_BYTES[profile]
        for kept in range(1, size):
            scale = simulated(profile)
            wire = Wire(driver(profile), scale)
            wire.driver.poll(0.0)
            wire.driver.feed(GOOD[profile][-size:][:kept])
            assert readings(wire.run(2 * ANSWER_S + 2 * READ_EVERY_S)), kept

    @pytest.mark.parametrize("profile", PROFILES)
    def test_it_takes_no_commands(self, profile: str) -> None:
        assert not any(driver(profile).command(command) for command in Command)

    @pytest.mark.parametrize("profile", PROFILES)
    def test_after_a_reset_half_a_frame_and_the_question_are_forgotten(self, profile: str) -> None:
        made = asked(profile)
        assert made.feed(GOOD[profile][:7]) == []
        made.reset()
        assert made.poll(0.0)[:1] == ENQ
        assert made.feed(GOOD[profile]) == [GOOD_READING[profile]]


class TestBadInput:
    def test_every_changed_byte_is_refused(self) -> None:
        for profile, good in GOOD.items():
            for place in range(len(good) - FRAME_BYTES[profile], len(good)):
                for bit in range(8):
                    broken = bytearray(good)
                    broken[place] ^= 1 << bit
                    assert readings(read(profile, bytes(broken))) == []

    @pytest.mark.parametrize("profile", PROFILES)
    def test_a_wrong_check_byte(self, profile: str) -> None:
        place = good_bcc(profile)
        broken = bytearray(GOOD[profile])
        broken[place] ^= 0x40
        found = read(profile, bytes(broken) + GOOD[profile])
        assert reasons(found)[0] == "bad_checksum"
        assert found[-1] == GOOD_READING[profile]
        again = asked(profile)
        again.feed(bytes(broken))
        assert again.poll(READ_EVERY_S)[:1] == ENQ, "it was the answer; no time-out is waited for"

    def test_a_check_byte_with_the_value_of_any_control(self) -> None:
        seen = set()
        for net_g in range(16_000):
            frame = weight_frame(b"S %02d.%03dkg" % divmod(net_g, 1000))
            seen.add(frame[12])
            assert read("weight", frame) == [weighed(net_g)]
        assert len(seen) > 10
        made = [
            price_frame(b"%d.%02d" % divmod(fen, 100), b"S 01.000kg", b"%d.%02d" % divmod(fen, 100))
            for fen in range(3000)
        ]
        checks = {frame[10] for frame in made}
        assert checks & {0x01, 0x02, 0x03, 0x04, 0x06, 0x15}
        assert all(len(readings(read("price", frame))) == 1 for frame in made)

    @pytest.mark.parametrize("profile", PROFILES)
    def test_two_frames_in_one_read_and_half_a_frame_before_a_whole_one(self, profile: str) -> None:
        good = GOOD[profile]
        assert read(profile, good + good[-FRAME_BYTES[profile] :]) == [GOOD_READING[profile]] * 2
        for kept in range(1, FRAME_BYTES[profile]):
            half = good[len(good) - FRAME_BYTES[profile] :][:kept]
            found = read(profile, half + good)
            assert readings(found) == [GOOD_READING[profile]], kept
            assert reasons(found)

    @pytest.mark.parametrize("profile", PROFILES)
    def test_a_megabyte_without_an_end(self, profile: str) -> None:
        made = asked(profile)
        noise = b"\x00" * 4096
        assert sum(len(reasons(made.feed(noise))) for _ in range(256)) == 1024 * 1024 // NOISE_BLOCK
        assert made.feed(GOOD[profile])[-1] == GOOD_READING[profile]

    @pytest.mark.parametrize("text", [b"S 01,234kg", b"S 1234.0kg", b"S 01.23 kg", b"S       kg", b"S 0x.234kg"])
    def test_what_is_no_weight(self, text: bytes) -> None:
        found = read("weight", weight_frame(text) + WEIGHT)
        assert reasons(found) == ["not_a_weight"]
        assert found[-1] == weighed(1234)

    @pytest.mark.parametrize("text", [b"X 01.234kg", b"S+01.234kg", b"S 01.234k!"])
    def test_what_is_no_status(self, text: bytes) -> None:
        assert reasons(read("weight", weight_frame(text))) == ["not_a_frame"]

    def test_a_change_of_unit_in_mid_stream(self) -> None:
        found = read("weight", WEIGHT + weight_frame(b"S 02.720lb") + WEIGHT)
        assert reasons(found) == ["unit_not_metric"]
        assert readings(found) == [weighed(1234)] * 2

    @pytest.mark.parametrize(
        ("price", "reason"),
        [
            (b"12345678", "price_without_point"),
            (b"1580", "price_without_point"),
            (b"1000000.", "not_a_price"),
            (b"15,80", "not_a_price"),
            (b"15.8", "not_a_price"),
            (b"", "not_a_price"),
            (b"-15.80", "price_below_zero"),
        ],
    )
    def test_prices_above_a_million_and_others_that_are_none(self, price: bytes, reason: str) -> None:
        found = read("price", price_frame(b"0.00", b"S 00.000kg", price) + PRICE)
        assert reasons(found) == [reason]
        assert found[-1] == GOOD_READING["price"]

    def test_the_largest_price_is_read(self) -> None:
        found = read("price", price_frame(b"99999.99", b"S 01.000kg", b"99999.99"))
        assert found == [sold(1000, 9_999_999, 9_999_999)]

    @pytest.mark.parametrize("text", [b"01234 ", b"012,34", b" 01234"])
    def test_a_type_0_weight_is_five_digits(self, text: bytes) -> None:
        assert reasons(read("pd2_type0", ACK + block(text))) == ["not_a_weight"]


def good_bcc(profile: str) -> int:
    return len(GOOD[profile]) - (2 if profile == "pd2_type0" else 3)


def test_a_price_by_the_piece_and_unknown_profiles_are_refused() -> None:
    with pytest.raises(ValueError, match="prices by weight"):
        driver("price", PriceUnit.PIECE)
    for name in ("cas_ecr", "cas_ecr_price"):
        with pytest.raises(ValueError, match="expected one of"):
            SCALE_DRIVERS[name].make(DriverOptions(profile="dc3"))


def test_where_the_price_is_from_is_said_by_the_protocol() -> None:
    assert SCALE_DRIVERS["cas_ecr"].price_from is PriceFrom.KEYPAD
    assert SCALE_DRIVERS["cas_ecr_price"].price_from is PriceFrom.SCALE


@st.composite
def streams(draw: st.DrawFn) -> tuple[str, bytes]:
    profile = draw(st.sampled_from(PROFILES))
    good = GOOD[profile]
    part = st.one_of(
        st.just(good),
        st.tuples(st.integers(0, 37), st.integers(0, 37)).map(lambda ends: good[ends[0] : ends[1]]),
        st.sampled_from([ACK, NAK, b"\x01", b"\x02", b"\x03\x04", b"\x01\x02", bytes(20)]),
        st.binary(max_size=30),
    )
    return profile, b"".join(draw(st.lists(part, max_size=8)))


@given(streams(), st.booleans(), st.lists(st.integers(0, 300)))
def test_the_way_the_stream_is_cut_never_matters(made: tuple[str, bytes], is_asked: bool, cuts: list[int]) -> None:
    profile, stream = made
    begin = asked if is_asked else driver
    assert cut(begin(profile), stream, cuts) == begin(profile).feed(stream)


@given(st.sampled_from(PROFILES), st.binary(max_size=500))
def test_noise_never_crashes_and_what_is_kept_is_bounded(profile: str, noise: bytes) -> None:
    made = driver(profile)
    kept = len(noise) - sum(len(item.data) for item in made.feed(noise) if isinstance(item, Garbage))
    assert 0 <= kept < NOISE_BLOCK, "nothing was asked, so that every byte is garbage or kept"


places = st.text(" 0123456789.,-FSUkKgGlb", min_size=8, max_size=8).map(str.encode)


@given(places, places, places)
def test_whatever_stands_in_checked_blocks_is_one_answer(total: bytes, weight: bytes, price: bytes) -> None:
    for status in (b"S ", b"U-", b"SF"):
        assert len(read("price", price_frame(total, status + weight, price))) == 1
        assert len(read("weight", weight_frame(status + weight))) == 1
    assert len(read("pd2_type0", ACK + block(weight[:6]))) == 1


@given(streams() | st.tuples(st.sampled_from(PROFILES), st.binary(max_size=100)))
def test_whatever_came_before_the_next_good_frame_is_read(made: tuple[str, bytes]) -> None:
    profile, noise = made
    reader = asked(profile)
    reader.feed(noise)
    assert GOOD_READING[profile] in reader.feed(GOOD[profile])
