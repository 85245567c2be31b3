"""The MT-SICS driver and the simulated balance talk, over many seeds: what is read stable is what lies there."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.device_event import EventKind
from domain.units import Grams
from domain.weighing import TareKind
from edge_agent.drivers.mt_sics import DRIVER
from edge_agent.drivers.protocol import Command, DriverOptions
from edge_agent.weighing.readings import Condition, DeviceSaid, Identity, NoWeight
from simulators.scales.mt_sics import SIMULATED, SimulatedMtSics
from tests.unit.edge_agent.drivers.dialogues import LineUnderTest, lose_or_double_a_byte, readings, reasons

PROFILES = DRIVER.profiles
divisions = st.integers(0, 3000).map(lambda n: 5 * n)


def connected(profile: str = "standard", seed: int = 0) -> LineUnderTest:
    driver = DRIVER.make(DriverOptions(profile=profile))
    return LineUnderTest(driver, SimulatedMtSics(profile, random.Random(seed)), seed)


def test_both_sides_know_the_same_profiles() -> None:
    assert (SIMULATED.name, SIMULATED.profiles) == (DRIVER.name, DRIVER.profiles)


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=15, deadline=None)
@given(st.lists(divisions, min_size=1, max_size=4), st.integers(0, 1_000_000))
def test_what_is_read_stable_is_what_lies_there(profile: str, loads: list[int], seed: int) -> None:
    line = connected(profile, seed)
    line.run(2.0)
    for load_g in loads:
        line.put(load_g)
        heard = line.run(6.0)  # an SR with a small change says it when it is asked again
        assert readings(heard)[-1].net_g == load_g
        assert readings(heard)[-1].stable
        assert reasons(heard) == []


@pytest.mark.parametrize("profile", PROFILES)
def test_a_stable_weight_never_comes_while_the_load_swings(profile: str) -> None:
    line = connected(profile)
    line.run(2.0)
    line.put(2000)
    heard = line.run(0.44)  # it rests after half a second
    assert not [reading for reading in readings(heard) if reading.stable and reading.net_g != 0]


def test_live_weights_come_while_it_swings() -> None:
    line = connected()
    line.run(2.0)
    line.put(2000)
    assert [reading.stable for reading in readings(line.run(0.44))].count(False) >= 1


def test_it_learns_who_the_scale_is() -> None:
    line = connected(seed=7)
    heard = [item for item in line.run(2.0) if isinstance(item, Identity)]
    assert isinstance(line.scale, SimulatedMtSics)
    assert heard[-1] == Identity(
        serial=line.scale.serial_number, model="ICS425 Standard 15.000 kg", firmware="1.20 10.28.0.493.142"
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_a_basket_is_tared_and_its_content_weighed(profile: str) -> None:
    line = connected(profile)
    line.run(2.0)
    line.put(250)
    line.run(6.0)
    assert line.driver.command(Command.TARE)
    assert DeviceSaid(kind=EventKind.TARE, detail="" if profile == "kcp" else "250 g") in line.run(3.0)
    line.put(250 + 1500)
    last = readings(line.run(6.0))[-1]
    assert (last.net_g, last.stable, last.tare_g, last.tare_kind) == (1500, True, 250, TareKind.WEIGHED)
    line.driver.command(Command.CLEAR_TARE)
    last = readings(line.run(6.0))[-1]
    assert (last.net_g, last.tare_g, last.tare_kind) == (1750, 0, TareKind.NONE)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_preset_tare(profile: str) -> None:
    line = connected(profile)
    line.run(2.0)
    line.put(1000)
    line.run(1.0)
    line.driver.command(Command.PRESET_TARE, Grams(30))
    last = readings(line.run(6.0))[-1]
    assert (last.net_g, last.tare_g, last.tare_kind) == (970, 30, TareKind.PRESET)


def test_a_tare_keyed_at_the_scale_is_known_within_a_second() -> None:
    line = connected()
    line.run(2.0)
    line.scale.key_tare(100)
    heard = line.run(1.3)
    assert DeviceSaid(kind=EventKind.TARE, detail="100 g") in heard
    assert (readings(heard)[-1].net_g, readings(heard)[-1].tare_g) == (-100, 100)


def test_zeroing_waits_for_rest_and_takes_the_tare_away() -> None:
    line = connected()
    line.run(2.0)
    line.scale.key_tare(50)
    line.put(200)
    line.driver.command(Command.ZERO)
    heard = line.run(3.0)
    assert DeviceSaid(kind=EventKind.ZERO) in heard
    assert (readings(heard)[-1].net_g, readings(heard)[-1].tare_g) == (0, 0)


def test_too_much_is_not_zeroed() -> None:
    line = connected()
    line.run(2.0)
    line.put(5000)
    line.driver.command(Command.ZERO)
    heard = line.run(3.0)
    assert reasons(heard) == ["not_executed"]
    assert readings(heard)[-1].net_g == 5000


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("load_g", "condition"), [(20_000, Condition.OVERLOAD), (-500, Condition.UNDERLOAD)])
def test_outside_its_range_there_is_no_weight(profile: str, load_g: int, condition: Condition) -> None:
    line = connected(profile)
    line.run(2.0)
    line.put(load_g)
    line.run(1.0)
    heard = line.run(6.0)
    assert NoWeight(condition) in heard
    assert readings(heard) == []


def test_a_scale_that_never_rests_is_not_ready_for_s_and_live_for_si() -> None:
    waiting, live = connected("stable"), connected("standard")
    for line in (waiting, live):
        line.scale.platform.is_stuck_moving = True
        line.put(1000)
    heard = waiting.run(8.0)
    assert NoWeight(Condition.NOT_READY) in heard
    assert readings(heard) == []
    assert {reading.stable for reading in readings(live.run(8.0))} == {False}


@pytest.mark.parametrize("profile", PROFILES)
def test_after_a_power_cut_the_dialogue_goes_on_and_the_tare_is_gone(profile: str) -> None:
    line = connected(profile)
    line.scale.key_tare(100)
    line.run(2.0)
    heard = line.carry(line.scale.restart(line.now))
    assert DeviceSaid(kind=EventKind.POWER_ON) in heard
    line.put(700)
    last = readings(line.run(6.0))[-1]
    assert (last.net_g, last.tare_g, last.tare_kind) == (700, 0, TareKind.NONE)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_scale_that_was_off_for_a_while_is_found_again(profile: str) -> None:
    line = connected(profile)
    line.run(2.0)
    for _ in range(3000):
        line.now += 0.02
        line.driver.poll(line.now)  # nobody answers
    line.scale.restart(line.now)  # nor is its serial number heard
    line.put(300)
    heard = line.run(25.0)
    assert readings(heard)[-1].net_g == 300
    assert [item for item in heard if isinstance(item, Identity)][-1].model
    assert DeviceSaid(kind=EventKind.POWER_ON) not in heard


def test_a_text_is_shown_and_taken_away() -> None:
    for profile in ("standard", "kcp"):
        line = connected(profile)
        assert isinstance(line.scale, SimulatedMtSics)
        line.driver.show("CAP 115")
        assert reasons(line.run(2.0)) == []
        assert line.scale.display == "CAP 115"
        line.driver.show("")
        assert reasons(line.run(1.0)) == []
        assert line.scale.display == ""


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1_000_000), st.sampled_from(PROFILES))
def test_noise_on_the_line_costs_readings_and_never_invents_one(seed: int, profile: str) -> None:
    chance = random.Random(seed)
    line = connected(profile, seed)
    line.put(1500)
    line.run(3.0)
    heard = []
    for _ in range(20):
        heard += line.run(0.5)
        heard += line.carry(chance.randbytes(chance.randrange(30)))
    assert {reading.net_g for reading in readings(heard)} <= {1500}
    assert readings(line.run(20.0))[-1].net_g == 1500


@settings(max_examples=30, deadline=None)
@given(divisions, st.integers(0, 1_000_000), st.sampled_from([name for name in PROFILES if name != "loose"]))
def test_lost_and_doubled_bytes_never_invent_a_weight(load_g: int, seed: int, profile: str) -> None:
    line = connected(profile, seed)
    line.put(load_g)
    line.run(3.0)
    line.fault = lose_or_double_a_byte(random.Random(seed))
    assert {reading.net_g for reading in readings(line.run(10.0))} <= {load_g}
    line.fault = bytes
    assert readings(line.run(20.0))[-1].net_g == load_g
