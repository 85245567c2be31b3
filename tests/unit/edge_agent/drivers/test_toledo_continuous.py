"""Toledo continuous: what each status bit means, what is no frame, and that a simulated scale is read as it weighs."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import Grams
from domain.weighing import TareKind
from edge_agent.drivers.framing import NOISE_BLOCK
from edge_agent.drivers.protocol import DriverOptions, ScaleDriver
from edge_agent.drivers.toledo_continuous import DRIVER
from edge_agent.drivers.toledo_dialects import DIALECTS
from edge_agent.weighing.readings import Condition, Garbage, Heard, NoWeight, Reading
from simulators.scales.platform import Capacity
from simulators.scales.toledo_continuous import ToledoContinuousScale
from tests.unit.edge_agent.drivers.conversations import cut, readings, reasons

FRAMES = Path(__file__).parents[3] / "frames"
GROSS = (FRAMES / "toledo_continuous_gross.bin").read_bytes()
NET_MOTION = (FRAMES / "toledo_continuous_net_motion.bin").read_bytes()
PROFILES = list(DIALECTS)
METRIC_KG = 0x30  # B: kg, gross, positive, in range, at rest, zeroed


def driver(profile: str = "standard") -> ScaleDriver:
    return DRIVER.make(DriverOptions(profile=profile))


def read(data: bytes, profile: str = "standard") -> list[Heard]:
    return driver(profile).feed(data)


def frame(a: int = 0x2D, b: int = METRIC_KG, c: int = 0x20, digits: bytes = b"001234000000") -> bytes:
    body = b"\x02" + bytes([a, b, c]) + digits + b"\r"
    return body + bytes([-sum(body) & 0x7F])


def gross(net_g: int, stable: bool = True) -> Reading:
    return Reading(net_g=Grams(net_g), stable=stable, tare_g=Grams(0), tare_kind=TareKind.NONE)


def simulated(profile: str, seed: int = 1, e_g: int = 5) -> ToledoContinuousScale:
    return ToledoContinuousScale(profile, random.Random(seed), capacity=Capacity(e_g=e_g))


class TestFramesOfTheManuals:
    def test_gross_at_rest(self) -> None:
        assert read(GROSS) == [gross(1234)]

    def test_net_in_motion_with_its_tare(self) -> None:
        assert read(NET_MOTION) == [Reading(net_g=Grams(1234), stable=False, tare_g=Grams(50))]

    def test_the_short_form_cannot_tell_the_tare(self) -> None:
        short = (FRAMES / "toledo_continuous_short.bin").read_bytes()
        assert read(short, "short") == [gross(1235)]
        net = short[:2] + bytes([short[2] | 1]) + short[3:-1]
        assert read(net, "short_no_checksum") == [Reading(net_g=Grams(1235), stable=True)]

    def test_liden(self) -> None:
        tared = Reading(net_g=Grams(1234), stable=True, tare_g=Grams(50))
        assert read((FRAMES / "toledo_liden.bin").read_bytes(), "liden") == [tared]

    def test_t_scale(self) -> None:
        assert read((FRAMES / "toledo_tscale_con2.bin").read_bytes(), "tscale_con2") == [gross(1234)]

    def test_a_status_word_that_is_an_stx_does_not_take_the_next_frame_with_it(self) -> None:
        stream = (FRAMES / "toledo_fairbanks_stx_inside.bin").read_bytes()
        keyed = Reading(net_g=Grams(1234), stable=True, tare_g=Grams(50), tare_kind=TareKind.PRESET)
        pounds, *rest = read(stream, "fairbanks")
        assert reasons([pounds]) == ["unit_not_metric"]
        assert rest == [keyed]

    def test_pounds_of_a_jaguar_are_no_grams(self) -> None:
        jaguar = (FRAMES / "toledo_jaguar_pounds.bin").read_bytes()
        assert read(jaguar, "no_checksum") == [Garbage(reason="unit_not_metric", data=jaguar)]

    def test_blanks_may_stand_for_leading_noughts_and_for_no_tare(self) -> None:
        jaguar = (FRAMES / "toledo_jaguar_pounds.bin").read_bytes()
        kilograms = jaguar[:2] + bytes([METRIC_KG]) + jaguar[3:]
        assert read(kilograms, "no_checksum") == [gross(200_000)]


class TestStatusWords:
    @pytest.mark.parametrize(
        ("code", "digits", "grams"),
        [
            (0, b"001200", 1_200_000),
            (1, b"001230", 1_230_000),
            (2, b"001234", 1_234_000),
            (3, b"001234", 123_400),
            (4, b"001234", 12_340),
            (5, b"001234", 1_234),
            (6, b"012345", 1_235),
            (7, b"123456", 1_235),
        ],
    )
    def test_the_decimal_point_of_kilograms(self, code: int, digits: bytes, grams: int) -> None:
        assert read(frame(a=0x28 | code, digits=digits + b"000000")) == [gross(grams)]

    @pytest.mark.parametrize(("code", "digits"), [(0, b"001210"), (1, b"001234")])
    def test_places_that_are_always_nought_are(self, code: int, digits: bytes) -> None:
        assert reasons(read(frame(a=0x28 | code, digits=digits + b"000000"))) == ["off_increment"]

    @pytest.mark.parametrize(("bits", "weight", "is_shown"), [(1, 1233, True), (2, 1233, False), (2, 1234, True)])
    def test_a_weight_is_a_whole_number_of_increments(self, bits: int, weight: int, is_shown: bool) -> None:
        found = read(frame(a=0x25 | bits << 3, digits=b"%06d000000" % weight))
        assert found == [gross(weight)] if is_shown else reasons(found) == ["off_increment"]

    def test_an_increment_that_no_manual_knows(self) -> None:
        assert reasons(read(frame(a=0x25))) == ["unknown_increment"]

    @pytest.mark.parametrize(("profile", "a"), [("liden", 0x57), ("tscale_con2", 0x21)])
    def test_a_decimal_point_that_this_maker_never_sends(self, profile: str, a: int) -> None:
        name = "toledo_liden.bin" if profile == "liden" else "toledo_tscale_con2.bin"
        body = bytearray((FRAMES / name).read_bytes()[:17])
        body[1] = a
        data = bytes(body) + (bytes([-sum(body) & 0x7F]) if profile == "liden" else b"\n")
        assert reasons(read(data, profile)) == ["unknown_decimals"]

    @pytest.mark.parametrize(("unit", "net_g"), [(0, 1234), (1, 1), (2, 1_234_000)], ids=["kg", "g", "t"])
    def test_metric_units(self, unit: int, net_g: int) -> None:
        assert read(frame(c=0x20 | unit)) == [gross(net_g)]

    @pytest.mark.parametrize("unit", [3, 4, 5, 6, 7])
    def test_other_units_are_garbage(self, unit: int) -> None:
        assert reasons(read(frame(c=0x20 | unit))) == ["unit_not_metric"]

    @pytest.mark.parametrize("b", range(0x80))
    def test_every_status_word_b(self, b: int) -> None:
        data = frame(b=b)
        found = read(data)
        if not b & 0x20:
            assert reasons(found)
            assert readings(found) == []
        elif b & 0x40:
            assert found == [NoWeight(Condition.NOT_READY)]
        elif b & 0x04:
            assert found == [NoWeight(Condition.UNDERLOAD if b & 0x02 else Condition.OVERLOAD)]
        elif not b & 0x10:
            assert reasons(found) == ["unit_not_metric"]
        else:
            assert found == [gross(-1234 if b & 0x02 else 1234, stable=not b & 0x08)]

    @pytest.mark.parametrize("c", range(0x80))
    def test_every_status_word_c(self, c: int) -> None:
        found = read(frame(c=c, digits=b"001000000000"))
        if c & 0x60 != 0x20:
            assert readings(found) == []
            assert reasons(found)
        elif c & 0x10:
            assert found == [NoWeight(Condition.NOT_READY)], "an expanded display is not for trade"
        elif c & 7 > 2:
            assert reasons(found) == ["unit_not_metric"]
        else:
            assert found == [gross({0: 1000, 1: 1, 2: 1_000_000}[c & 7])]

    @pytest.mark.parametrize("a", range(0x80))
    def test_every_status_word_a(self, a: int) -> None:
        found = read(frame(a=a, digits=b"100000000000"))
        if a & 0x60 == 0x20 and a & 0x18:
            assert [item.stable for item in readings(found)] == [True]
        else:
            assert readings(found) == []
            assert reasons(found)

    def test_a_tare_beside_a_gross_weight_says_nothing_sure(self) -> None:
        assert reasons(read(frame(digits=b"001234000050"))) == ["tare_beside_gross"]

    @pytest.mark.parametrize(("c", "kind"), [(0x20, TareKind.WEIGHED), (0x60, TareKind.PRESET)])
    def test_fairbanks_tells_a_keyed_tare_from_a_weighed_one(self, c: int, kind: TareKind) -> None:
        found = read(frame(b=0x11, c=c, digits=b"001234000050"), "fairbanks")
        assert found == [Reading(net_g=Grams(1234), stable=True, tare_g=Grams(50), tare_kind=kind)]

    def test_digits_of_an_overload_may_be_anything(self) -> None:
        assert read(frame(b=METRIC_KG | 4, digits=b"------      ")) == [NoWeight(Condition.OVERLOAD)]


class TestBadInput:
    def test_a_wrong_checksum(self) -> None:
        broken = GROSS[:-1] + b"\x2b"
        assert read(broken + GROSS) == [Garbage(reason="bad_checksum", data=broken), gross(1234)]

    def test_a_changed_digit_is_a_wrong_checksum(self) -> None:
        assert reasons(read(GROSS.replace(b"1234", b"1239"))) == ["bad_checksum"]

    def test_a_checksum_that_is_an_stx_belongs_to_its_frame(self) -> None:
        data = next(
            made for weight in range(1_000_000) if (made := frame(digits=b"%06d000000" % weight)).endswith(b"\x02")
        )
        assert read(data + data) == [gross(int(data[4:10]))] * 2

    def test_frames_without_a_checksum_read_with_one_are_all_refused(self) -> None:
        assert set(reasons(read(GROSS[:-1] * 3 + b"\x02"))) == {"bad_checksum"}

    @pytest.mark.parametrize("kept", range(1, 18))
    def test_half_a_frame_before_a_whole_one(self, kept: int) -> None:
        found = read(GROSS[:kept] + NET_MOTION)
        assert [item.net_g for item in readings(found)] == [1234]
        assert reasons(found) == ["bad_checksum" if kept == 17 else "torn"]

    def test_two_frames_in_one_read(self) -> None:
        assert read(GROSS + GROSS) == [gross(1234)] * 2

    def test_a_megabyte_without_an_end(self) -> None:
        reader = driver()
        noise = b"\x00" * 4096
        count = sum(len(reasons(reader.feed(noise))) for _ in range(256))
        assert count == 1024 * 1024 // NOISE_BLOCK
        assert reader.feed(GROSS)[-1] == gross(1234)

    def test_commas_and_letters_are_no_weight(self) -> None:
        assert reasons(read(frame(digits=b"1,2340000000"))) == ["not_digits"]
        assert reasons(read(frame(b=METRIC_KG | 1, digits=b"0012340,0500"))) == ["not_digits"]

    def test_a_change_of_unit_in_mid_stream(self) -> None:
        found = read(GROSS + frame(b=0x20) + GROSS)
        assert readings(found) == [gross(1234)] * 2
        assert reasons(found) == ["unit_not_metric"]

    @pytest.mark.parametrize("odd", [0, 1], ids=["even", "odd"])
    def test_seven_bits_with_parity_through_a_port_of_eight(self, odd: int) -> None:
        sent = bytes(value | 0x80 if value.bit_count() % 2 != odd else value for value in GROSS)
        assert read(sent) == [gross(1234)]

    def test_wrong_parity(self) -> None:
        sent = bytearray(value | 0x80 if value.bit_count() % 2 else value for value in GROSS)
        sent[7] ^= 0x80
        assert read(bytes(sent)) == [Garbage(reason="bad_parity", data=bytes(sent))]

    def test_an_unknown_profile_is_refused(self) -> None:
        with pytest.raises(ValueError, match="expected one of standard"):
            driver("mettler")


def frames_of(profile: str) -> st.SearchStrategy[bytes]:
    """Frames as the simulated scale of that profile sends them."""

    def made(load_g: int, tare_g: int) -> bytes:
        scale = simulated(profile)
        scale.key_tare(tare_g)
        scale.platform.put(load_g, -5.0)
        return scale.tick(0.0)

    return st.builds(made, st.integers(-300, 15_100), st.sampled_from([0, 50]))


@st.composite
def streams(draw: st.DrawFn) -> tuple[str, bytes]:
    profile = draw(st.sampled_from(PROFILES))
    whole = frames_of(profile)
    halves = st.tuples(whole, st.integers(0, 18), st.integers(0, 18)).map(lambda made: made[0][made[1] : made[2]])
    noise = st.one_of(st.binary(max_size=30), st.sampled_from([b"\x02", b"\r", b"\x00" * 20, b"\x82"]))
    return profile, b"".join(draw(st.lists(st.one_of(whole, halves, noise), max_size=8)))


@given(streams(), st.lists(st.integers(0, 300)))
def test_the_way_the_stream_is_cut_never_matters(made: tuple[str, bytes], cuts: list[int]) -> None:
    profile, stream = made
    assert cut(driver(profile), stream, cuts) == read(stream, profile)


@given(st.sampled_from(PROFILES), st.binary(max_size=500))
def test_noise_never_crashes_and_what_is_kept_is_bounded(profile: str, noise: bytes) -> None:
    found = read(noise, profile)
    size = DIALECTS[profile].frame_bytes
    kept = len(noise) - sum(len(item.data) if isinstance(item, Garbage) else size for item in found)
    assert 0 <= kept < NOISE_BLOCK


@given(st.integers(0, 127), st.integers(0, 127), st.text(" 0123456789.,-", min_size=12, max_size=12))
def test_whatever_stands_in_the_fields_is_one_answer(a: int, b: int, digits: str) -> None:
    assert len(read(frame(a=0x20 | a & 0x1F, b=b | 0x20, digits=digits.encode()))) == 1


@given(st.sampled_from(PROFILES), st.binary(max_size=100) | st.just(b"\x02" * 40), st.integers(0, 15_000))
def test_whatever_came_before_the_next_good_frame_is_read(profile: str, noise: bytes, load_g: int) -> None:
    scale = simulated(profile)
    scale.platform.put(load_g, -5.0)
    assert readings(read(noise + scale.tick(0.0), profile))[-1] == gross((load_g + 2) // 5 * 5)
