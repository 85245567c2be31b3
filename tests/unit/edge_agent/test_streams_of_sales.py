"""Whole byte streams of a scale that concludes its sales itself, on a bad line: what it sold is the truth.

Every line is told twice or more, as a line, again while nobody acknowledges it, and as a printed label. However that is
cut, torn, doubled, lost or mixed with noise: nothing is recorded that was not sold, nothing twice, and of a clean
stream every sale exactly once.
"""

import random
from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ids import ScaleId, SpeciesCode
from domain.units import Fen, PriceUnit
from domain.weighing import Weighing
from edge_agent.caps.caution import no_caps
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.station import Station
from edge_agent.weighing.goods import Goods
from simulators.scales.registry import SIMULATED_SCALES
from tests.unit.edge_agent.test_streams import Fault, Noise, as_it_is, cut, moment

PLU: Final = "00001"
PRICE_FEN: Final = 9000
TICK_S: Final = 0.1
SETTLED_S: Final = 2.0
ANSWER_EVERY_S: Final = 1.5  # so that the label has another second than the line
PATIENCE_S: Final = 16.0  # three sendings, five seconds apart
PROFILES: Final = ["grams", "running_total"]
_WORDS: Final = [3, 4, 6, 10, 11, 12, 13]  # name, barcode, operator, flags

loads = st.lists(st.integers(2, 140).map(lambda n: n * 100), min_size=1, max_size=4)
every_profile = pytest.mark.parametrize("profile", PROFILES)


class Counter:
    """A station and a DP-401 on which one load after the other is sold."""

    def __init__(self, profile: str, seed: int, *, fault: Fault = as_it_is) -> None:
        goods = Goods(plu=PLU, species=SpeciesCode("F01"), name="东星斑", unit_price_fen=Fen(PRICE_FEN))
        config = ScaleConfig(
            scale_id=ScaleId("SC-001"),
            protocol="dp401",
            profile=profile,
            port="tcp-listen://127.0.0.1:8899",
            goods={PLU: goods},
        )
        self.station, self.fault, self.chance = Station(config, standing=None, book=no_caps), fault, random.Random(seed)
        self.scale = SIMULATED_SCALES["dp401"].make(profile, random.Random(seed), PriceUnit.KG)
        self.scale.plu = PLU
        self.now, self.answers_at, self.recorded = 0.0, 0.0, list[Weighing]()

    def sell(self, loads_g: Sequence[int]) -> None:
        """Sell one load after the other; each line is as often told as the scale tells it."""
        for load_g in loads_g:
            self.scale.platform.put(load_g, self.now)
            self._wait(SETTLED_S)
            self._carry(self.scale.key_total(self.now))
            self._wait(PATIENCE_S)
            self.scale.platform.put(0, self.now)
            self._wait(SETTLED_S)

    def _wait(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self.now += TICK_S
            self._carry(self.scale.tick(self.now))
            if self.now >= self.answers_at:
                self.answers_at += ANSWER_EVERY_S
                self._carry(self.scale.hear(self.station.driver.poll(self.now), self.now))

    def _carry(self, frame: bytes) -> None:
        for piece in cut(self.fault(frame), [self.chance.randrange(400) for _ in range(self.chance.randrange(4))]):
            outcome = self.station.feed_scale(piece, moment(self.now))
            self.recorded += [draft.weighing for draft in outcome.drafts]


def assert_sold(recorded: Sequence[Weighing], sold_g: Sequence[int]) -> None:
    """Each weighing uses up a sale, later than the one before: so none is recorded twice."""
    story, at = f"recorded {[weighing.net_g for weighing in recorded]} g, of {list(sold_g)}", 0
    for weighing in recorded:
        while at < len(sold_g) and sold_g[at] != weighing.net_g:
            at += 1
        assert at < len(sold_g), story
        at += 1
        assert (weighing.unit_price_fen, weighing.amount_fen) == (PRICE_FEN, weighing.net_g * PRICE_FEN // 1000)


@every_profile
@settings(max_examples=15, deadline=None)
@given(loads_g=loads, seed=st.integers(0, 9999))
def test_of_a_clean_stream_every_sale_is_recorded_exactly_once_however_it_is_cut(
    profile: str, loads_g: list[int], seed: int
) -> None:
    counter = Counter(profile, seed)
    counter.sell(loads_g)
    assert [weighing.net_g for weighing in counter.recorded] == loads_g


@every_profile
@settings(max_examples=25, deadline=None)
@given(loads_g=loads, seed=st.integers(0, 9999))
def test_torn_doubled_and_lost_lines_and_noise_between_them_make_no_sale_and_none_twice(
    profile: str, loads_g: list[int], seed: int
) -> None:
    counter = Counter(profile, seed, fault=Noise(seed, one_in=2))
    counter.sell(loads_g)
    assert_sold(counter.recorded, loads_g)


class NoiseInWords:
    """A byte is lost, or comes in, in what proves nothing: the names in a line, or its flags. No comma is."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def __call__(self, frame: bytes) -> bytes:
        fields = frame.split(b",")
        if len(fields) <= len(_WORDS) or self.chance.randrange(2):
            return frame
        place = self.chance.choice(_WORDS)
        word = fields[place]
        at = self.chance.randrange(len(word))
        fields[place] = word[:at] + self.chance.choice([b"", b"?" + word[at : at + 1]]) + word[at + 1 :]
        return b",".join(fields)


@every_profile
@settings(max_examples=25, deadline=None)
@given(loads_g=loads, seed=st.integers(0, 9999))
def test_a_byte_lost_or_added_in_the_words_of_a_line_makes_no_second_sale_of_it(
    profile: str, loads_g: list[int], seed: int
) -> None:
    counter = Counter(profile, seed, fault=NoiseInWords(seed))
    counter.sell(loads_g)
    assert [weighing.net_g for weighing in counter.recorded] == loads_g
