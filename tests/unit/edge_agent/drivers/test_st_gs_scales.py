"""The ST,GS lines of scales that are asked, and of simulated ones."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.device_event import EventKind
from edge_agent.drivers.protocol import READ_EVERY_S, Command
from edge_agent.drivers.st_gs_lines import DRIVER, PROFILES
from edge_agent.weighing.readings import Condition, DeviceSaid, NoWeight
from simulators.scales.st_gs_lines import SIMULATED, SimulatedStGsLines
from tests.unit.edge_agent.drivers.dialogues import LineUnderTest, lose_or_double_a_byte, readings, reasons
from tests.unit.edge_agent.drivers.test_st_gs_lines import POLLED, driver


class TestPolled:
    def test_a_scale_that_sends_by_itself_is_asked_and_told_nothing(self) -> None:
        made = driver()
        assert not made.command(Command.ZERO)
        assert not made.show("x")
        assert made.poll(0.0) == b""

    def test_it_is_asked_ten_times_a_second_and_again_when_it_is_silent(self) -> None:
        made = driver("and_polled")
        assert made.poll(0.0) == b"Q\r\n"
        assert made.poll(0.9) == b""
        assert made.poll(1.0) == b"Q\r\n"
        made.feed(b"ST,+00123.45  g\r\n")
        assert made.poll(1.0 + READ_EVERY_S - 0.01) == b""
        assert made.poll(1.0 + READ_EVERY_S) == b"Q\r\n"

    def test_each_is_asked_in_its_own_words(self) -> None:
        assert [driver(profile).poll(0.0) for profile in POLLED] == [b"Q\r\n", b"01RW\r\n", b"RW\r\n"]

    def test_a_command_waits_for_the_answer_and_its_echo_says_it_is_done(self) -> None:
        made = driver("excell_polled")
        made.poll(0.0)
        for _ in range(100):
            assert made.command(Command.TARE)
        assert made.poll(0.1) == b""
        made.feed(b"ST,GS,+  0.250kg\r\n")
        assert made.poll(0.05) == b"MT\r\n"
        assert made.feed(b"MT\r\n") == [DeviceSaid(kind=EventKind.TARE)]
        assert made.poll(0.05) == b""

    @pytest.mark.parametrize(
        ("profile", "refusal"),
        [("and_polled", b"EC,E11"), ("cas_polled", b"!"), ("cas_polled", b"?"), ("excell_polled", b"E MZ")],
    )
    def test_a_refusal_is_counted(self, profile: str, refusal: bytes) -> None:
        made = driver(profile)
        assert made.command(Command.ZERO)
        made.poll(0.0)
        assert reasons(made.feed(refusal + b"\r\n")) == ["not_executed"]
        assert made.poll(0.0) == PROFILES[profile].ask + b"\r\n"

    def test_a_weight_in_pounds_is_an_answer_all_the_same(self) -> None:
        made = driver("excell_polled")
        made.poll(0.0)
        made.feed(b"ST,GS,+  3.307lb\r\n")
        assert made.poll(0.2) == b"RW\r\n"

    def test_after_a_reset_nothing_waits(self) -> None:
        made = driver("excell_polled")
        made.poll(0.0)
        made.command(Command.ZERO)
        made.reset()
        assert made.poll(0.0) == b"RW\r\n"


def connected(profile: str, seed: int = 0) -> LineUnderTest:
    return LineUnderTest(driver(profile), SimulatedStGsLines(profile, random.Random(seed)), seed)


class TestWithScales:
    def test_both_sides_know_the_same_profiles(self) -> None:
        assert (SIMULATED.name, SIMULATED.profiles) == (DRIVER.name, DRIVER.profiles)

    @pytest.mark.parametrize("profile", DRIVER.profiles)
    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(st.integers(0, 3000).map(lambda n: 5 * n), min_size=1, max_size=4),
        st.integers(0, 200).map(lambda n: 5 * n),
        st.integers(0, 1_000_000),
    )
    def test_what_is_read_stable_is_what_lies_there(
        self, profile: str, loads: list[int], tare_g: int, seed: int
    ) -> None:
        line = connected(profile, seed)
        line.scale.key_tare(tare_g)
        for load_g in loads:
            line.put(load_g)
            line.run(0.6)
            heard = line.run(0.6)
            assert reasons(heard) == []
            assert {(reading.net_g, reading.stable) for reading in readings(heard)} == {(load_g - tare_g, True)}
            tells = not profile.startswith("and") and tare_g == 0
            assert {reading.tare_g for reading in readings(heard)} == {0 if tells else None}

    @pytest.mark.parametrize("profile", DRIVER.profiles)
    def test_while_it_swings_no_weight_is_stable(self, profile: str) -> None:
        line = connected(profile)
        line.put(2000)
        assert {reading.stable for reading in readings(line.run(0.44))} == {False}

    @pytest.mark.parametrize("profile", DRIVER.profiles)
    @pytest.mark.parametrize(("load_g", "condition"), [(20_000, Condition.OVERLOAD), (-500, Condition.UNDERLOAD)])
    def test_outside_its_range_there_is_no_weight(self, profile: str, load_g: int, condition: Condition) -> None:
        line = connected(profile)
        line.put(load_g)
        line.run(1.0)
        assert set(line.run(1.0)) == {NoWeight(condition)}

    @pytest.mark.parametrize("profile", POLLED)
    def test_zero_and_tare(self, profile: str) -> None:
        line = connected(profile)
        line.put(200)
        line.driver.command(Command.ZERO)
        assert readings(line.run(3.0))[-1].net_g == 0
        line.put(200 + 250)
        line.driver.command(Command.TARE)
        assert readings(line.run(3.0))[-1].net_g == 0
        line.put(200 + 250 + 1500)
        assert readings(line.run(3.0))[-1].net_g == 1500

    @pytest.mark.parametrize("profile", POLLED)
    def test_too_much_is_not_zeroed(self, profile: str) -> None:
        line = connected(profile)
        line.put(5000)
        line.run(1.0)
        line.driver.command(Command.ZERO)
        heard = line.run(3.0)
        assert reasons(heard) == ["not_executed"]
        assert readings(heard)[-1].net_g == 5000

    def test_pieces(self) -> None:
        line = connected("and")
        assert isinstance(line.scale, SimulatedStGsLines)
        line.scale.unit_pieces_g = 250
        line.put(1500)
        line.run(1.0)
        assert {reading.pieces for reading in readings(line.run(1.0))} == {6}

    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, 1_000_000), st.sampled_from(DRIVER.profiles))
    def test_noise_on_the_line_never_invents_a_weight(self, seed: int, profile: str) -> None:
        chance = random.Random(seed)
        line = connected(profile, seed)
        line.put(1500)
        line.run(1.0)
        heard = []
        for _ in range(20):
            heard += line.run(0.3)
            heard += line.carry(chance.randbytes(chance.randrange(30)))
        assert {reading.net_g for reading in readings(heard)} <= {1500}
        assert readings(line.run(3.0))[-1].net_g == 1500

    @settings(max_examples=30, deadline=None)
    @given(
        st.integers(0, 3000).map(lambda n: 5 * n),
        st.integers(0, 1_000_000),
        st.sampled_from([name for name in DRIVER.profiles if name != "loose"]),
    )
    def test_lost_and_doubled_bytes_never_invent_a_weight(self, load_g: int, seed: int, profile: str) -> None:
        line = connected(profile, seed)
        line.put(load_g)
        line.run(1.0)
        line.fault = lose_or_double_a_byte(random.Random(seed))
        assert {reading.net_g for reading in readings(line.run(10.0))} <= {load_g}
        line.fault = bytes
        assert readings(line.run(3.0))[-1].net_g == load_g
