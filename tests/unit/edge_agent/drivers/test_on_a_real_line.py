"""MT-SICS and the ST,GS family over a real pseudo-terminal, as the agent has it: the port, the driver and the scale."""

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from domain.units import PriceUnit
from edge_agent.drivers import mt_sics, st_gs_lines
from edge_agent.drivers.protocol import Command, DriverOptions
from edge_agent.ports import open_port
from edge_agent.weighing.readings import Heard
from simulators.ports import PtyLine
from simulators.scales.registry import SIMULATED_SCALES
from tests.unit.edge_agent.drivers.dialogues import readings
from tests.waiting import wait_until

PROFILES = [
    *((mt_sics.DRIVER, profile) for profile in ("standard", "repeat", "on_change")),
    *((st_gs_lines.DRIVER, profile) for profile in ("standard", "and", "cas", "and_polled", "cas_polled")),
]


class RealLine:
    """Both ends of a pseudo-terminal, each served once at every turn."""

    def __init__(self, protocol: str, profile: str, link: Path) -> None:
        spec = {spec.name: spec for spec, _profile in PROFILES}[protocol]
        simulated = SIMULATED_SCALES[protocol]
        self.scale = simulated.make(profile, random.Random(1), PriceUnit.KG)
        self.driver = spec.make(DriverOptions(profile=profile))
        self.scale.platform.capacity = replace(self.scale.platform.capacity, settle_s=0.05)
        self.line = PtyLine(link)
        self.port = open_port(str(link), spec.serial)
        self.heard: list[Heard] = []

    def turn(self) -> None:
        now = time.monotonic()
        self.port.write(self.driver.poll(now))
        answers = self.scale.hear(self.line.receive(), now) + self.scale.tick(now)
        if answers:
            self.line.send(answers)
        self.heard += self.driver.feed(self.port.read())

    def reads(self, net_g: int) -> bool:
        self.turn()
        last = readings(self.heard)[-1:]
        return [(reading.net_g, reading.stable) for reading in last] == [(net_g, True)]

    def close(self) -> None:
        self.port.close()
        self.line.close()


@pytest.fixture(params=PROFILES, ids=lambda param: f"{param[0].name}-{param[1]}")
def real(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RealLine]:
    spec, profile = request.param
    line = RealLine(spec.name, profile, tmp_path / "scale")
    yield line
    line.close()


def test_loads_are_read_one_after_the_other(real: RealLine) -> None:
    for load_g in (0, 1235, 14_995):
        real.scale.platform.put(load_g, time.monotonic())
        wait_until(partial(real.reads, load_g), what=f"{load_g} g, stable", every_s=0.005)


def test_a_basket_is_tared_where_the_scale_can_be_told(real: RealLine) -> None:
    real.scale.platform.put(500, time.monotonic())
    wait_until(lambda: real.reads(500), what="the basket", every_s=0.005)
    if real.driver.command(Command.TARE):
        wait_until(lambda: real.reads(0), what="the basket tared", every_s=0.005)
        assert real.scale.tare_g == 500
    else:
        assert real.driver.poll(time.monotonic()) == b""
