"""The CAS drivers with simulated scales, both ways."""

import random

import pytest

from domain.units import PriceUnit
from edge_agent.drivers.cas_ecr import ACK, DC1, DC2, ENQ, NAK
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.weighing.readings import Condition, NoWeight, Reading
from simulators.scales.cas_ecr import WARM_UP_S
from simulators.scales.registry import SIMULATED_SCALES
from tests.unit.edge_agent.drivers.conversations import Wire, readings, reasons, stable_grams
from tests.unit.edge_agent.drivers.test_cas_ecr import PRICE, PROFILES, WEIGHT, driver, simulated

UNITS = [PriceUnit.KG, PriceUnit.HALF_KG, PriceUnit.HUNDRED_GRAMS]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_simulated_day_is_read_as_it_lay_there(profile: str) -> None:
    for seed in range(9):
        chance = random.Random(seed)
        unit = UNITS[seed % 3]
        scale = simulated(profile, seed, unit)
        wire = Wire(driver(profile, unit), scale)
        for _ in range(6):
            load_g, fen = chance.randrange(100, 15_000) // 5 * 5, chance.randrange(0, 50_000)
            scale.key_price(fen)
            heard = wire.put(load_g)
            assert reasons(heard) == []
            last = readings(heard[-3:])[-1]
            assert (last.net_g, last.stable) == (load_g, None if profile == "pd2_type0" else True)
            assert last.unit_price_fen == (fen if profile == "price" else None)
            assert not (isinstance(heard[0], Reading) and heard[0].stable), "it swings"


@pytest.mark.parametrize("profile", PROFILES)
def test_overload_and_a_basket_taken_off(profile: str) -> None:
    scale = simulated(profile)
    wire = Wire(driver(profile), scale)
    is_told = profile != "pd2_type0"
    overload = Condition.OVERLOAD if is_told else Condition.NOT_READY
    assert set(wire.put(16_000)[-3:]) == {NoWeight(overload)}
    scale.key_tare(50)
    below = wire.put(0)[-3:]
    assert stable_grams(below) == {-50} if is_told else set(below) == {NoWeight(Condition.NOT_READY)}
    assert {item.net_g for item in readings(wire.put(1050)[-3:])} == {1000}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_scale_that_warms_up_is_not_ready(profile: str) -> None:
    scale = simulated(profile)
    wire = Wire(driver(profile), scale)
    wire.run(0.5)
    scale.restart(wire.now)
    assert set(wire.run(WARM_UP_S - 0.3)[1:]) == {NoWeight(Condition.NOT_READY)}
    assert {item.net_g for item in readings(wire.run(1.0))} == {0}


def test_a_total_that_does_not_fit_is_not_ready() -> None:
    scale = simulated("price")
    scale.key_price(999_999)
    wire = Wire(driver("price"), scale)
    assert set(wire.put(15_000)[-3:]) == {NoWeight(Condition.NOT_READY)}


def test_the_simulated_scale_sends_the_frames_of_the_manual() -> None:
    scale = simulated("price", e_g=1)
    scale.key_price(15_800)
    scale.platform.put(1234, -5.0)
    assert scale.hear(ENQ, 0.0) == ACK
    assert scale.hear(DC1, 0.0) == WEIGHT
    assert scale.hear(DC1, 0.0) == NAK, "each request has its enquiry"
    assert scale.hear(ENQ + DC2, 0.0) == ACK + PRICE


def test_a_scale_set_to_pounds_is_garbage() -> None:
    scale = simulated("weight")
    scale.is_pounds = True
    assert set(reasons(Wire(driver("weight"), scale).run(1.0))) == {"unit_not_metric"}


def test_driver_and_simulated_scale_have_the_same_profiles() -> None:
    for name in ("cas_ecr", "cas_ecr_price"):
        assert SCALE_DRIVERS[name].profiles == SIMULATED_SCALES[name].profiles
