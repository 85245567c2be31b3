"""Stalls, scales and the agent's stations on a virtual clock: the same seed is the same day, and each sale arrives."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.ids import ScaleId
from domain.units import PriceUnit
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
from simulators.market.goods import is_over_cap, read_goods
from simulators.market.pitches import Pitch, open_pitches
from simulators.market.plan import MarketPlan
from simulators.market.selling import Shown, Sold
from simulators.market.vendors import KEYED_TRICKS, Shares, Trick
from simulators.scales.registry import SIMULATED_SCALES
from tests.announcements import announced, item

DATA = Path(__file__).parents[3] / "data"
BEGINS = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
STEP_S = 0.02
STALLS = 15
PROTOCOLS = tuple(SIMULATED_SCALES)
BY_TABLE = tuple(name for name, spec in SIMULATED_SCALES.items() if spec.table is not None)
TRICKS = tuple(trick for trick in Trick if trick is not Trick.NONE)


class Place:
    """A stall with its scale and the agent's station between them; the keypad's line is the customer display's."""

    def __init__(self, pitch: Pitch, config: ScaleConfig, book: CapBook) -> None:
        self.pitch, self.station = pitch, Station(config, standing=None, book=lambda: book)
        self.sold, self.recorded, self.voids = list[Sold](), list[Weighing](), 0

    def step(self, now: float) -> None:
        moment = Moment(now=BEGINS + timedelta(seconds=now), clock_synced=True, elapsed_s=now)
        device, stall = self.pitch.rig.device, self.pitch.stall
        tick = stall.tick(self.pitch.rig.worked, now, attached=True)
        self.sold += tick.sold
        self._show(self.station.feed_keypad(tick.keys, moment), now)
        sent = tick.line + device.tick(now) + device.hear(self.station.driver.poll(now), now)
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
        sold = self.pitch.stall.hear(self.pitch.rig.worked, data, now)
        if sold is not None:
            self.sold.append(sold)


def play(
    folder: Path, seed: int, *, seconds: float = 60.0, protocols: tuple[str, ...] = PROTOCOLS, is_rotated: bool = False
) -> list[Place]:
    """Play a market of every trick on these protocols for so many seconds of its own clock.

    `is_rotated`: every two neighbours have changed their scales before it begins.
    """
    plan = MarketPlan(
        directory=folder / "tty",
        goods=DATA / "goods.csv",
        cap_list=DATA / "cap_list_sanya_2013-08-26.csv",
        truth=folder / "truth.jsonl",
        stalls=STALLS,
        seed=seed,
        pause_s=(0.0, 0.5),
        shares=Shares(careless=13, cheat=87, unlisted_sales=5, heeded_warnings=50),
        tricks=TRICKS,
        protocols=protocols,
    )
    (path,) = write_agent_configs(plan, folder, "127.0.0.1", 1883, agents=1)
    capped = [one for one in read_goods(plan.goods, plan.cap_list) if one.cap_fen_per_500g is not None]
    items = [item(one.species, 2 * (one.cap_fen_per_500g or 0), grade=one.grade) for one in capped]
    book, pitches = CapBook((announced(*items),)), open_pitches(plan)
    try:
        if is_rotated:
            for one, other in zip(pitches[::2], pitches[1::2], strict=False):
                one.rig, other.rig = other.rig, one.rig
        configs = {config.scale_id: config for config in load_config(path).scales}
        places = [Place(pitch, configs[ScaleId(pitch.rig.scale_id)], book) for pitch in pitches]
        for n in range(int(seconds / STEP_S)):
            for place in places:
                place.step(n * STEP_S)
        return places
    finally:
        for pitch in pitches:
            pitch.rig.close()


def facts(weighing: Weighing) -> tuple[str, int, int, int]:
    return (weighing.plu, weighing.net_g, weighing.unit_price_fen, weighing.amount_fen)


def assert_truth_is_recorded(place: Place) -> None:
    """Each sale is recorded once, as the stall says, and what was voided is taken back."""
    sold = on_scale(place)
    assert all(one.shown is Shown.TOTAL for one in sold)
    said = [(one.lot.goods.plu, one.net_g, one.lot.unit_price_fen, one.amount_fen) for one in sold]
    assert [facts(weighing) for weighing in place.recorded] == said
    assert sum(one.voided for one in sold) - place.voids in {0, 1}  # one may be about to be taken back


def on_scale(place: Place) -> list[Sold]:
    return [sold for sold in place.sold if sold.shown is not Shown.OFF_SCALE]


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_the_same_seed_is_the_same_market(tmp_path: Path, seed: int) -> None:
    one, same = (play(tmp_path, seed, seconds=15.0) for _ in range(2))
    assert [place.sold for place in one] == [place.sold for place in same]
    assert [place.recorded for place in one] == [place.recorded for place in same]


def test_another_seed_is_another_market(tmp_path: Path) -> None:
    assert [place.sold for place in play(tmp_path, 1, seconds=15)] != [
        place.sold for place in play(tmp_path, 2, seconds=15)
    ]


@pytest.mark.parametrize("seed", [4, 11])  # the careless one who heeds has a scale that he is warned of
def test_what_is_sold_is_what_is_recorded_and_warned_of(tmp_path: Path, seed: int) -> None:
    places = play(tmp_path, seed)
    assert {sold.lot.trick for place in places for sold in place.sold} >= {*TRICKS}
    for place in places:
        assert_truth_is_recorded(place)
        for one, weighing in zip(on_scale(place), place.recorded, strict=True):
            is_over = is_over_cap(one.lot.goods, one.lot.unit_price_fen, PriceUnit.KG) is True
            is_warned = is_over and place.pitch.rig.worked.is_warned_of
            assert (weighing.cap_warning is not None) == is_warned
            assert one.warned or not is_warned
            assert not (one.lowered and is_over)
    assert any(one.lowered for place in places for one in on_scale(place))
    assert any(on_scale(place) for place in places if place.pitch.rig.worked.table is not None)


@pytest.mark.parametrize("profile", SIMULATED_SCALES["dp401"].profiles)
def test_a_scale_that_sells_by_its_table_shows_every_trick_that_is_no_later_price(tmp_path: Path, profile: str) -> None:
    places = play(tmp_path, 3, seconds=90.0, protocols=(f"dp401:{profile}",))
    assert {sold.lot.trick for place in places for sold in place.sold} == {Trick.NONE, *TRICKS} - {*KEYED_TRICKS}
    for place in places:
        assert_truth_is_recorded(place)
        assert not any(one.warned or one.lowered for one in place.sold)
    assert sum(place.voids for place in places) > 0


def test_a_scale_that_sells_by_its_table_has_one_price_for_its_goods_all_day(tmp_path: Path) -> None:
    places = play(tmp_path, 3, seconds=90.0, protocols=BY_TABLE)
    sales = [(n, one.lot.goods.plu, one.lot.unit_price_fen) for n, place in enumerate(places) for one in place.sold]
    assert len({(n, plu) for n, plu, _price in sales}) == len({*sales}) < len(sales)


def test_a_scale_is_worked_in_its_own_way_on_another_stall_too(tmp_path: Path) -> None:
    places = play(tmp_path, 3, protocols=("st_gs_lines", "yaohua_xk3190", *BY_TABLE), is_rotated=True)
    assert len({type(place.pitch.rig.device.scale) for place in places if on_scale(place)}) == 3
    for place in places:
        assert_truth_is_recorded(place)
