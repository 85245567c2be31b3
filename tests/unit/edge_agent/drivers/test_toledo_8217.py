"""Toledo 8213/8217: a scale without a weight says why, the dialogue never waits in vain, and echoes are not answers."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.device_event import EventKind
from domain.units import Grams
from edge_agent.drivers.framing import NOISE_BLOCK
from edge_agent.drivers.protocol import READ_EVERY_S, Command, DriverOptions, ScaleDriver
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.drivers.toledo_8217 import ANSWER_S, DIALECTS, DRIVER
from edge_agent.weighing.readings import Condition, DeviceSaid, Garbage, Heard, NoWeight, Reading
from simulators.scales.platform import Capacity
from simulators.scales.registry import SIMULATED_SCALES
from simulators.scales.toledo_8217 import Toledo8217Scale
from tests.unit.edge_agent.drivers.conversations import Wire, cut, readings, reasons, stable_grams

FRAMES = Path(__file__).parents[3] / "frames"
WEIGHT = (FRAMES / "toledo_8217_weight.bin").read_bytes()
UNDER_ZERO = (FRAMES / "toledo_8217_under_zero.bin").read_bytes()
PROFILES = list(DIALECTS)
DIVISION_G = {"standard": 5, "8213": 10, "brecknell": 100}
ANSWERS_TO_BEGINNING = (b"\x02F\r", b"\x02?\r", b"\x02\x00\r")


def driver(profile: str = "standard") -> ScaleDriver:
    return DRIVER.make(DriverOptions(profile=profile))


def asked(profile: str = "standard") -> ScaleDriver:
    """A driver that has just asked for a weight, at 0.0."""
    made = driver(profile)
    for answer in ANSWERS_TO_BEGINNING:
        assert made.poll(0.0) in {b"F", b"A", b"B"}
        assert made.feed(answer) == []
    assert made.poll(0.0) == b"W"
    return made


def read(data: bytes, profile: str = "standard") -> list[Heard]:
    return asked(profile).feed(data)


def weight(net_g: int) -> Reading:
    return Reading(net_g=Grams(net_g), stable=True)


def simulated(profile: str, seed: int = 1) -> Toledo8217Scale:
    return Toledo8217Scale(profile, random.Random(seed), capacity=Capacity(e_g=DIVISION_G[profile]))


class TestWeights:
    def test_of_the_manual(self) -> None:
        assert read(WEIGHT) == [weight(1234)]
        assert read((FRAMES / "toledo_8213_weight.bin").read_bytes(), "8213") == [weight(1230)]
        assert read(b"\x02  1.23\r", "8213") == [weight(1230)]
        assert reasons(read(b"\x020 1.23\r", "8213")) == ["not_a_frame"]
        assert read((FRAMES / "toledo_brecknell_weight.bin").read_bytes(), "brecknell") == [weight(1200)]

    @pytest.mark.parametrize("text", [b"01.234N", b" 1.234"])
    def test_net_is_marked_and_a_leading_nought_may_be_blank(self, text: bytes) -> None:
        assert read(b"\x02" + text + b"\r") == [weight(1234)]

    @pytest.mark.parametrize(
        ("text", "net_g"), [(b"01.234kg", 1234), (b"1234.0g", 1234), (b"1234.5 g", 1235), (b" 12.34KG", 12_340)]
    )
    def test_a_brecknell_sends_its_unit_and_its_point(self, text: bytes, net_g: int) -> None:
        assert read(b"\x02" + text + b"\r", "brecknell") == [weight(net_g)]

    @pytest.mark.parametrize("unit", [b"lb", b"oz", b"pcs"])
    def test_other_units_are_garbage(self, unit: bytes) -> None:
        assert reasons(read(b"\x0201.234" + unit + b"\r", "brecknell")) == ["unit_not_metric"]

    @pytest.mark.parametrize(
        "text", [b"01,234", b"1.234", b"001.234", b"01.23", b"0x.234", b"-1.234", b"01.234 ", b"01 234"]
    )
    def test_what_is_no_weight(self, text: bytes) -> None:
        data = b"\x02" + text + b"\r"
        assert read(data) == [Garbage(reason="not_a_frame", data=data)]

    def test_places_finer_than_the_division_are_not_for_trade(self) -> None:
        assert reasons(read(b"\x0201.2345\r")) == ["finer_than_division"]


class TestStatus:
    @pytest.mark.parametrize("status", range(0x80))
    def test_every_status_is_a_reason_and_never_a_weight(self, status: int) -> None:
        expected = (
            Condition.OVERLOAD
            if status & 2
            else Condition.UNDERLOAD
            if status & 4
            else Condition.MOTION
            if status & 1
            else Condition.NOT_READY
        )
        assert read(b"\x02?" + bytes([status]) + b"\r") == [NoWeight(expected)]

    def test_the_one_that_users_report(self) -> None:
        assert read(UNDER_ZERO) == [NoWeight(Condition.UNDERLOAD)]

    @pytest.mark.parametrize(
        ("status", "heard"),
        [
            (0x50, DeviceSaid(kind=EventKind.ZERO)),
            (0x40, NoWeight(Condition.NOT_READY)),
            (0x51, NoWeight(Condition.MOTION)),
        ],
        ids=["zeroed", "refused", "moving"],
    )
    def test_the_answer_to_zero(self, status: int, heard: Heard) -> None:
        made = asked()
        made.feed(WEIGHT)
        assert made.command(Command.ZERO)
        assert made.poll(0.01) == b"Z"
        assert made.feed(b"\x02?" + bytes([status]) + b"\r") == [heard]


class TestDialogue:
    def test_it_begins_with_echo_off_and_a_test_of_the_memory(self) -> None:
        wire = Wire(driver(), simulated("standard"))
        wire.run(0.1)
        assert wire.written.startswith(b"FABW")

    def test_a_scale_that_knows_no_tests_is_read_all_the_same(self) -> None:
        made = driver()
        for _ in range(3):
            assert made.poll(0.0) != b"W"
            assert made.feed(b"\x02?@\r") == []
        assert made.poll(0.0) == b"W"

    def test_silence_is_not_waited_for_longer_than_an_answer_takes(self) -> None:
        made = asked()
        assert made.poll(ANSWER_S - 0.01) == b""
        assert made.poll(ANSWER_S) == b"F", "perhaps it echoes, or was switched on again"
        assert made.poll(2 * ANSWER_S) == b"W"

    def test_the_next_question_is_asked_when_due(self) -> None:
        made = asked()
        made.feed(WEIGHT)
        assert made.poll(READ_EVERY_S - 0.01) == b""
        assert made.poll(READ_EVERY_S) == b"W"

    @pytest.mark.parametrize("failed", [0x02, 0x08, 0x10])
    def test_a_scale_whose_memory_fails_gives_no_weight_until_it_passes(self, failed: int) -> None:
        scale = simulated("standard")
        scale.confidence = failed
        wire = Wire(driver(), scale)
        assert set(wire.put(1000)[-3:]) == {NoWeight(Condition.NOT_READY)}
        scale.confidence = 0
        assert stable_grams(wire.run(1.0)) == {1000}

    def test_a_test_that_noise_failed_is_made_again(self) -> None:
        wire = Wire(driver(), simulated("standard"))
        assert (wire.driver.poll(0.0), wire.driver.feed(b"\x02F\r")) == (b"F", [])
        assert (wire.driver.poll(0.0), wire.driver.feed(b"\x02F\r")) == (b"A", []), "an answer that came twice"
        assert (wire.driver.poll(0.0), wire.driver.feed(b"\x02?\r")) == (b"B", [])
        assert stable_grams(wire.put(1000)) == {1000}

    def test_an_echo_is_not_an_answer(self) -> None:
        assert read(b"W" + WEIGHT) == [weight(1234)]
        assert reasons(read(b"Z" + WEIGHT)) == ["no_start"]

    def test_a_scale_that_echoes_is_told_to_stop(self) -> None:
        scale = simulated("standard")
        wire = Wire(driver(), scale)
        wire.put(500)
        scale.hear(b"E", wire.now)
        assert stable_grams(wire.run(3.0)[-3:]) == {500}
        assert not scale.is_echoing

    def test_it_knows_only_zero_among_commands(self) -> None:
        made = driver()
        assert [command for command in Command if made.command(command, Grams(5))] == [Command.ZERO]

    def test_a_zero_is_asked_once(self) -> None:
        wire = Wire(driver(), simulated("standard"))
        wire.put(30)
        for _ in range(5):
            wire.driver.command(Command.ZERO)
        assert DeviceSaid(kind=EventKind.ZERO) in wire.run(1.0)
        assert wire.written.count(b"Z") == 1
        assert stable_grams(wire.run(1.0)) == {0}

    def test_an_unknown_profile_is_refused(self) -> None:
        with pytest.raises(ValueError, match="expected one of standard"):
            driver("8142")


class TestBadInput:
    def test_two_in_one_read_and_half_a_frame_before_a_whole_one(self) -> None:
        assert read(WEIGHT + UNDER_ZERO) == [weight(1234), NoWeight(Condition.UNDERLOAD)]
        for kept in range(1, len(WEIGHT)):
            found = read(WEIGHT[:kept] + WEIGHT)
            assert readings(found) == [weight(1234)]
            assert reasons(found) == ["torn"]

    @pytest.mark.parametrize("torn", [b"\x02?", b"\x02?D", b"\x02", b"\x02\x02\x02?\x02"])
    def test_a_torn_status_does_not_take_the_next_frame_with_it(self, torn: bytes) -> None:
        assert read(torn + WEIGHT)[-1] == weight(1234)

    def test_a_megabyte_without_an_end(self) -> None:
        made = asked()
        noise = b"\x00" * 4096
        assert sum(len(reasons(made.feed(noise))) for _ in range(256)) == 1024 * 1024 // NOISE_BLOCK
        assert made.feed(WEIGHT)[-1:] == [weight(1234)]

    def test_seven_bits_with_parity_through_a_port_of_eight(self) -> None:
        sent = bytes(value | 0x80 if value.bit_count() % 2 else value for value in WEIGHT + UNDER_ZERO)
        assert read(sent) == [weight(1234), NoWeight(Condition.UNDERLOAD)]

    @pytest.mark.parametrize("place", range(len(WEIGHT)))
    def test_wrong_parity(self, place: int) -> None:
        sent = bytearray(value | 0x80 if value.bit_count() % 2 else value for value in WEIGHT)
        sent[place] ^= 0x80
        made = asked()
        assert reasons(made.feed(bytes(sent))) == ["bad_parity"]
        assert made.poll(READ_EVERY_S) == b"W", "it was the answer; no time-out is waited for"

    def test_a_change_of_unit_in_mid_stream(self) -> None:
        scale = simulated("brecknell")
        wire = Wire(driver("brecknell"), scale)
        wire.put(1000)
        scale.is_pounds = True
        assert set(reasons(wire.run(1.0)[-3:])) == {"unit_not_metric"}
        scale.is_pounds = False
        assert stable_grams(wire.run(1.0)[-3:]) == {1000}

    def test_after_a_reset_the_half_frame_and_the_question_are_forgotten(self) -> None:
        made = asked()
        assert made.feed(WEIGHT[:5]) == []
        made.reset()
        assert made.feed(WEIGHT) == [weight(1234)]
        assert made.poll(0.0) == b"F"


parts = st.one_of(
    st.sampled_from(
        [WEIGHT, UNDER_ZERO, b"\x02?\r", b"\x02?\r\r", b"\x02F\r", b"\x02\x00\r", b"W", b"\x02", b"\xd7", b"\r"]
    ),
    st.binary(max_size=20),
    st.integers(0, 8).map(lambda kept: WEIGHT[:kept]),
)
streams = st.lists(parts, max_size=10).map(b"".join)


def at_question(number: int) -> ScaleDriver:
    """A driver that waits for the answer to the first, second, third or fourth question."""
    made = driver()
    made.poll(0.0)
    for answer in ANSWERS_TO_BEGINNING[:number]:
        made.feed(answer)
        made.poll(0.0)
    return made


@given(st.integers(0, 3), streams, st.lists(st.integers(0, 200)))
def test_the_way_the_stream_is_cut_never_matters(question: int, stream: bytes, cuts: list[int]) -> None:
    assert cut(at_question(question), stream, cuts) == at_question(question).feed(stream)


@given(st.sampled_from(PROFILES), st.integers(0, 3), st.binary(max_size=500))
def test_noise_never_crashes_and_what_is_kept_is_bounded(profile: str, question: int, noise: bytes) -> None:
    made = at_question(question)
    for item in made.feed(noise):
        assert not isinstance(item, Garbage) or len(item.data) <= NOISE_BLOCK
    assert sum(len(item.data) for item in made.feed(b"\xff" * 64) if isinstance(item, Garbage)) < NOISE_BLOCK + 64


@given(st.sampled_from(PROFILES), st.text(" 0123456789.,-NkKgGlb:", min_size=2, max_size=14))
def test_whatever_stands_where_the_weight_does_is_one_answer(profile: str, text: str) -> None:
    assert len(read(b"\x02" + text.encode() + b"\r", profile)) == 1


@given(st.binary(max_size=100) | streams)
def test_whatever_came_before_the_next_good_frame_is_read(noise: bytes) -> None:
    made = asked()
    made.feed(noise)
    assert made.feed(WEIGHT)[-1] == weight(1234)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_simulated_day_is_read_as_it_lay_there(profile: str) -> None:
    for seed in range(8):
        chance = random.Random(seed)
        wire = Wire(driver(profile), simulated(profile, seed))
        for _ in range(6):
            load_g = chance.randrange(0, 15_000) // DIVISION_G[profile] * DIVISION_G[profile]
            is_moved = load_g != stable_load(wire)
            heard = wire.put(load_g)
            assert stable_grams(heard[-4:]) == {load_g}
            assert reasons(heard) == []
            assert not is_moved or isinstance(heard[0], NoWeight)  # in motion, or swung over capacity


def stable_load(wire: Wire) -> int | None:
    return next(iter(stable_grams(wire.run(0.5))), None)


@pytest.mark.parametrize("profile", PROFILES)
def test_overload_and_below_zero_are_never_an_empty_pan(profile: str) -> None:
    scale = simulated(profile)
    wire = Wire(driver(profile), scale)
    assert set(wire.put(16_000)[-4:]) == {NoWeight(Condition.OVERLOAD)}
    scale.key_tare(500)
    assert set(wire.put(0)[-4:]) == {NoWeight(Condition.UNDERLOAD)}
    assert stable_grams(wire.put(1500)[-4:]) == {1000}


def test_a_scale_switched_off_and_on_is_read_again() -> None:
    scale = simulated("standard")
    wire = Wire(driver(), scale)
    wire.run(0.5)
    scale.restart(wire.now)
    assert stable_grams(wire.put(735)[-4:]) == {735}


def test_high_resolution_of_the_simulated_scale_has_one_place_more() -> None:
    scale = simulated("standard")
    scale.platform.put(1235, -5.0)
    assert scale.hear(b"H", 0.0) == b"\x0201.2350\r"
    assert scale.hear(b"E?F", 0.0) == b"\x02E\r?\x02F\r"
    assert scale.hear(b"?", 0.0) == b"\x02?\x48\r"


def test_driver_and_simulated_scale_have_the_same_profiles_and_line() -> None:
    ours, theirs = SCALE_DRIVERS["toledo_8217"], SIMULATED_SCALES["toledo_8217"]
    assert ours.profiles == theirs.profiles
    assert (ours.serial.data_bits, ours.serial.parity) == (theirs.serial.data_bits, theirs.serial.parity)
