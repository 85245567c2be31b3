"""The Toledo continuous driver with simulated scales, both ways."""

import random

import pytest

from domain.units import Grams
from domain.weighing import TareKind
from edge_agent.drivers.protocol import Command
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.drivers.toledo_continuous import DRIVER
from edge_agent.drivers.toledo_dialects import DIALECTS
from edge_agent.weighing.readings import Condition, NoWeight
from simulators.scales.registry import SIMULATED_SCALES
from simulators.scales.toledo_continuous import FRAME_EVERY_S, SIMULATED
from tests.unit.edge_agent.drivers.conversations import Wire, readings, reasons, stable_grams
from tests.unit.edge_agent.drivers.test_toledo_continuous import GROSS, PROFILES, driver, gross, simulated


@pytest.mark.parametrize("profile", PROFILES)
def test_a_simulated_day_is_read_as_it_lay_there(profile: str) -> None:
    for seed in range(6):
        chance = random.Random(seed)
        scale = simulated(profile, seed, e_g=chance.choice([1, 2, 5]))
        wire = Wire(driver(profile), scale)
        e_g = scale.platform.capacity.e_g
        for _ in range(6):
            load_g = chance.randrange(0, 15_000) // e_g * e_g
            heard = wire.put(load_g)
            assert reasons(heard) == []
            assert stable_grams(heard[-8:]) == {load_g}
            assert any(item.stable is False for item in readings(heard[:4]))


@pytest.mark.parametrize("profile", PROFILES)
def test_a_simulated_overload_and_a_lifted_pan_have_no_weight(profile: str) -> None:
    wire = Wire(driver(profile), simulated(profile))
    assert set(wire.put(16_000)[-8:]) == {NoWeight(Condition.OVERLOAD)}
    assert set(wire.put(-500)[-8:]) == {NoWeight(Condition.UNDERLOAD)}
    assert stable_grams(wire.put(0)[-8:]) == {0}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_simulated_tare_and_the_basket_taken_off(profile: str) -> None:
    scale = simulated(profile)
    wire = Wire(driver(profile), scale)
    scale.key_tare(50)
    told = readings(wire.put(1050)[-8:])[0]
    assert (told.net_g, told.stable) == (1000, True)
    assert told.tare_g == (50 if DIALECTS[profile].has_tare else None)
    assert told.tare_kind == (TareKind.PRESET if profile == "fairbanks" else None)
    assert stable_grams(wire.put(0)[-8:]) == {-50}


def test_a_scale_that_found_no_zero_is_not_ready_until_it_has_one() -> None:
    scale = simulated("standard")
    wire = Wire(driver(), scale)
    wire.put(5000)
    scale.restart(wire.now)
    assert set(wire.run(1.0)) == {NoWeight(Condition.NOT_READY)}
    wire.put(0)
    scale.key_zero(wire.now)
    assert stable_grams(wire.run(1.0)) == {0}


@pytest.mark.parametrize("profile", ["ind445", "kern_ftc"])
def test_commands_of_the_scales_that_listen(profile: str) -> None:
    wire = Wire(driver(profile), simulated(profile))
    wire.put(30)
    assert wire.driver.command(Command.ZERO)
    assert stable_grams(wire.run(1.0)[-3:]) == {0}
    wire.put(530)
    assert wire.driver.command(Command.TARE)
    assert {item.tare_g for item in readings(wire.run(1.0)[-3:])} == {500}
    assert wire.driver.command(Command.CLEAR_TARE)
    assert stable_grams(wire.run(1.0)[-3:]) == {500}


def test_a_tare_is_keyed_from_here_where_the_scale_knows_how() -> None:
    wire = Wire(driver("kern_ftc"), simulated("kern_ftc"))
    assert wire.driver.command(Command.PRESET_TARE, Grams(1050))
    wire.run(0.1)
    assert wire.written == b"T1.050\r\n"
    assert {(item.net_g, item.tare_g) for item in readings(wire.run(1.0))} == {(-1050, 1050)}
    assert not driver("ind445").command(Command.PRESET_TARE, Grams(50))


def test_most_of_them_only_speak() -> None:
    reader = driver()
    assert not any(reader.command(command, Grams(30)) for command in Command)
    assert reader.poll(0.0) == b""


def test_after_a_reset_the_half_frame_and_the_commands_are_forgotten() -> None:
    reader = driver("ind445")
    assert reader.feed(GROSS[:9]) == []
    assert reader.command(Command.ZERO)
    reader.reset()
    assert reader.poll(0.0) == b""
    assert reader.feed(GROSS) == [gross(1234)]


def test_commands_that_wait_are_bounded() -> None:
    reader = driver("ind445")
    assert [reader.command(Command.ZERO) for _ in range(6)] == [True] * 4 + [False] * 2


def test_the_simulated_scale_sends_seven_times_a_second() -> None:
    scale = simulated("standard")
    sent = [scale.tick(step * 0.01) for step in range(1000)]
    assert 65 <= sum(map(bool, sent)) <= 10 / FRAME_EVERY_S + 1


def test_the_simulated_scale_sends_the_frames_of_the_manual() -> None:
    scale = simulated("standard", e_g=1)
    scale.platform.put(1234, -5.0)
    assert scale.tick(0.0) == GROSS


def test_pounds_and_an_expanded_display_of_a_simulated_scale() -> None:
    for profile in PROFILES:
        scale = simulated(profile)
        scale.is_pounds = True
        assert set(reasons(Wire(driver(profile), scale).run(1.0))) == {"unit_not_metric"}
    scale = simulated("standard")
    scale.is_expanded = True
    assert set(Wire(driver(), scale).run(1.0)) == {NoWeight(Condition.NOT_READY)}


def test_a_division_that_three_decimals_cannot_tell_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of 1, 2, 5"):
        simulated("standard", e_g=10)


def test_driver_and_simulated_scale_have_the_same_profiles() -> None:
    assert SCALE_DRIVERS["toledo_continuous"].profiles == SIMULATED_SCALES["toledo_continuous"].profiles
    assert SIMULATED.name == DRIVER.name
