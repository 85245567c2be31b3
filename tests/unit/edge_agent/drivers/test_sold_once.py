"""From a simulated scale's bytes to weighings: every load is recorded once, as it lay there."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from domain.ids import ScaleId, SpeciesCode
from domain.units import Fen, PriceUnit
from edge_agent.caps.caution import no_caps
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.drivers.protocol import PriceFrom
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.station import Station
from edge_agent.weighing.goods import Goods
from edge_agent.weighing.moments import Moment
from simulators.scales.protocol import SimulatedScale
from simulators.scales.registry import SIMULATED_SCALES

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
STEP_S = 0.02
CONCLUDE_SALES_THEMSELVES = {"dp401"}
SCALES = [
    (name, profile)
    for name, spec in SCALE_DRIVERS.items()
    if name not in CONCLUDE_SALES_THEMSELVES
    for profile in spec.profiles
]


class Stall:
    """A station, its simulated scale, and a clock."""

    def __init__(self, name: str, profile: str, seed: int) -> None:
        self.is_priced_here = SCALE_DRIVERS[name].price_from is not PriceFrom.SCALE
        price = Fen(15_800) if self.is_priced_here else None
        goods = Goods(plu="2001", species=SpeciesCode("F01"), grade="", name="东星斑", unit_price_fen=price)
        self.station = Station(
            ScaleConfig(
                scale_id=ScaleId("SC-001"), protocol=name, profile=profile, port="/dev/null", goods={"2001": goods}
            ),
            standing=None,
            book=no_caps,
        )
        self.scale: SimulatedScale = SIMULATED_SCALES[name].make(profile, random.Random(seed), PriceUnit.KG)
        self.scale.key_price(15_800)
        self.elapsed_s = 0.0
        self.recorded: list[tuple[int, int, int]] = []

    def put(self, load_g: int) -> None:
        """Key the goods, put a load, and let it lie."""
        self.station.feed_keypad(b"2001\r", self._moment())
        self.scale.platform.put(load_g, self.elapsed_s)
        for _ in range(150):
            self.elapsed_s += STEP_S
            self._hear(self.scale.tick(self.elapsed_s))
            while question := self.station.driver.poll(self.elapsed_s):
                self._hear(self.scale.hear(question, self.elapsed_s))

    def _hear(self, data: bytes) -> None:
        for draft in self.station.feed_scale(data, self._moment()).drafts:
            sold = draft.weighing
            self.recorded.append((sold.net_g, sold.unit_price_fen, sold.amount_fen))

    def _moment(self) -> Moment:
        return Moment(now=START + timedelta(seconds=self.elapsed_s), clock_synced=True, elapsed_s=self.elapsed_s)


@pytest.mark.parametrize(("name", "profile"), SCALES)
def test_every_load_is_recorded_once_as_it_lay_there(name: str, profile: str) -> None:
    for seed in range(3):
        stall = Stall(name, profile, seed)
        loads = [random.Random(seed).randrange(2, 140) * 100 for _ in range(3)]
        for load_g in loads:
            stall.put(load_g)
            stall.put(0)
        stall.put(16_000)  # over capacity: no sale
        assert stall.recorded == [(load_g, 15_800, (load_g * 15_800 + 500) // 1000) for load_g in loads]
