"""Stalls, scales and the agent's stations on a virtual clock: the same seed is the same day, and each sale arrives."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.weighing import Weighing
from edge_agent import display
from edge_agent.caps.cap_book import CapBook
from edge_agent.caps.cap_warnings import Show
from edge_agent.config.agent_config import load_config
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.station import Station
from edge_agent.weighing.moments import Moment
from edge_agent.weighing.outcomes import Outcome
from simulators.market.agent_configs import write_agent_configs
from simulators.market.goods import read_goods
from simulators.market.pitches import Pitch, open_pitches
from simulators.market.plan import MARKET_PROTOCOLS, MarketPlan
from simulators.market.selling import Shown, Sold
from simulators.market.vendors import Shares, Trick
from tests.announcements import announced, item

DATA = Path(__file__).parents[3] / "data"
BEGINS = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
STEP_S = 0.02
STALLS = 15
PROTOCOLS = tuple(MARKET_PROTOCOLS)
TRICKS = tuple(trick for trick in Trick if trick is not Trick.NONE)


class Place:
    """A stall with its scale and the agent's station between them; the keypad's line is the customer display's."""

    def __init__(self, pitch: Pitch, config: ScaleConfig, book: CapBook) -> None:
        self.pitch, self.station = pitch, Station(config, standing=None, book=lambda: book)
        self.sold, self.recorded, self.voids = list[Sold](), list[Weighing](), 0

    def step(self, now: float) -> None:
        moment = Moment(now=BEGINS + timedelta(seconds=now), clock_synced=True, elapsed_s=now)
        device, stall = self.pitch.rig.device, self.pitch.stall
        tick = stall.tick(device, now, attached=True)
        self.sold += tick.sold
        self._show(self.station.feed_keypad(tick.keys, moment), now)
        sent = device.tick(now) + device.hear(self.station.driver.poll(now), now)
        self._show(self.station.feed_scale(sent, moment), now)

    def _show(self, outcome: Outcome, now: float) -> None:
        for step in outcome.steps:
            cap = step.warned.entry.cap_fen_per_kg if isinstance(step, Show) else None
            if cap is not None and isinstance(step, Show):
                self._hear(display.over_cap(cap, step.warned.price_unit), now)
        for draft in outcome.drafts:
            self.voids += draft.voids_last
            if not draft.voids_last:
                self.recorded.append(draft.weighing)
                self._hear(display.recorded(draft.weighing), now)

    def _hear(self, data: bytes, now: float) -> None:
        sold = self.pitch.stall.hear(self.pitch.rig.device, data, now)
        if sold is not None:
            self.sold.append(sold)


def play(folder: Path, seed: int, *, seconds: float = 60.0, heeded: int = 50) -> list[Place]:
    """Play a market of every trick on every protocol for so many seconds of its own clock."""
    plan = MarketPlan(
        directory=folder / "tty",
        goods=DATA / "goods.csv",
        cap_list=DATA / "cap_list_sanya_2013-08-26.csv",
        truth=folder / "truth.jsonl",
        stalls=STALLS,
        seed=seed,
        pause_s=(0.0, 0.5),
        shares=Shares(careless=13, cheat=87, unlisted_sales=5, heeded_warnings=heeded),
        tricks=TRICKS,
        protocols=PROTOCOLS,
    )
    (path,) = write_agent_configs(plan, folder, "127.0.0.1", 1883, agents=1)
    capped = [one for one in read_goods(plan.goods, plan.cap_list) if one.cap_fen_per_500g is not None]
    items = [item(one.species, 2 * (one.cap_fen_per_500g or 0), grade=one.grade) for one in capped]
    book, pitches = CapBook((announced(*items),)), open_pitches(plan)
    try:
        configs = load_config(path).scales
        places = [Place(pitch, config, book) for pitch, config in zip(pitches, configs, strict=True)]
        for n in range(int(seconds / STEP_S)):
            for place in places:
                place.step(n * STEP_S)
        return places
    finally:
        for pitch in pitches:
            pitch.rig.close()


def facts(weighing: Weighing) -> tuple[str, int, int, int]:
    return (weighing.plu, weighing.net_g, weighing.unit_price_fen, weighing.amount_fen)


def on_scale(place: Place) -> list[Sold]:
    return [sold for sold in place.sold if sold.shown is not Shown.OFF_SCALE]


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_the_same_seed_is_the_same_market(tmp_path: Path, seed: int) -> None:
    one, same = (play(tmp_path, seed, seconds=30.0) for _ in range(2))
    assert [place.sold for place in one] == [place.sold for place in same]
    assert [place.recorded for place in one] == [place.recorded for place in same]


def test_another_seed_is_another_market(tmp_path: Path) -> None:
    assert [place.sold for place in play(tmp_path, 1, seconds=15)] != [
        place.sold for place in play(tmp_path, 2, seconds=15)
    ]


@pytest.mark.parametrize("seed", [3, 4])
def test_what_is_sold_is_what_is_recorded_and_warned_of(tmp_path: Path, seed: int) -> None:
    places = play(tmp_path, seed)
    assert {sold.lot.trick for place in places for sold in place.sold} >= {*TRICKS}
    for place in places:
        sold = on_scale(place)
        assert all(one.shown is Shown.TOTAL for one in sold)
        said = [(one.lot.goods.plu, one.net_g, one.lot.unit_price_fen, one.amount_fen) for one in sold]
        assert [facts(weighing) for weighing in place.recorded] == said
        assert sum(one.voided for one in sold) - place.voids in {0, 1}  # one may be about to be taken back
        for one, weighing in zip(sold, place.recorded, strict=True):
            cap = one.lot.goods.cap_fen_per_500g
            is_over = cap is not None and one.lot.unit_price_fen > 2 * cap
            assert (weighing.cap_warning is not None) == is_over
            assert one.warned or not is_over
            assert not (one.lowered and is_over)
    assert any(one.lowered for place in places for one in on_scale(place))
