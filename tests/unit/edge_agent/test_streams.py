"""Whole byte streams, from a simulated platform to weighings: what really lay there is the truth.

Scales that speak by themselves and scales that are asked; what they send is cut at any place, torn, doubled, dropped,
mixed with noise, or handed over as one piece. No weighing may be of what never lay there at rest, no load may be
recorded twice, and of a clean stream every load is recorded exactly once.
"""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ids import ScaleId, SpeciesCode
from domain.units import Fen, PriceUnit
from domain.weighing import Weighing
from edge_agent.caps.caution import no_caps
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.drivers.protocol import PriceFrom
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.station import Station
from edge_agent.weighing.goods import Goods
from edge_agent.weighing.moments import Moment
from simulators.scales.registry import SIMULATED_SCALES

START: Final = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PRICE_FEN: Final = 9000
TICK_S: Final = 0.02
SETTLED_S: Final = 1.6  # half a second of swinging, and what the slowest scale takes to say that it rests
ORDER: Final = b"2001\r"
SCALES: Final = [
    ("yaohua_xk3190", "price"),
    ("yaohua_xk3190_weight", "tf0"),
    ("yaohua_xk3190_weight", "plain"),
    ("yaohua_xk3190_weight", "a12e"),
    ("toledo_continuous", "standard"),
    ("toledo_8217", "standard"),
    ("st_gs_lines", "standard"),
    ("st_gs_lines", "cas"),
    ("mt_sics", "standard"),
    ("mt_sics", "on_change"),
    ("cas_ecr", "weight"),
    ("cas_ecr_price", "price"),
    ("dialog06", "standard"),
    ("dibal", "xor_all"),
]
#: In their frames every byte is checked: by a checksum, or as weight, price and amount have to agree.
CHECKED: Final = {
    ("yaohua_xk3190", "price"),
    ("yaohua_xk3190_weight", "tf0"),
    ("yaohua_xk3190_weight", "a12e"),
    ("toledo_continuous", "standard"),
    ("cas_ecr", "weight"),
    ("cas_ecr_price", "price"),
    ("dibal", "xor_all"),
}
#: The other profiles, which differ in little. (A scale that concludes its sales itself has a file of its own.)
OTHERS: Final = [
    (spec.name, profile)
    for spec in SCALE_DRIVERS.values()
    for profile in spec.profiles
    if (spec.name, profile) not in SCALES and SIMULATED_SCALES[spec.name].table is None
]
every_scale = pytest.mark.parametrize(("name", "profile"), SCALES)
#: Whatever comes after whatever is another load; a hundred grams are the coarsest of a profile's divisions.
some_loads = st.lists(st.integers(2, 140).map(lambda n: n * 100), min_size=1, max_size=4)

Fault = Callable[[bytes], bytes]


def as_it_is(frame: bytes) -> bytes:
    return frame


def goods_at(name: str) -> dict[str, Goods]:
    price = None if SCALE_DRIVERS[name].price_from is PriceFrom.SCALE else Fen(PRICE_FEN)
    return {"2001": Goods(plu="2001", species=SpeciesCode("F01"), name="东星斑", unit_price_fen=price)}


def station(name: str, profile: str) -> Station:
    config = ScaleConfig(
        scale_id=ScaleId("SC-001"), protocol=name, profile=profile, port="/dev/null", goods=goods_at(name)
    )
    return Station(config, standing=None, book=no_caps)


def moment(elapsed_s: float = 0.0) -> Moment:
    return Moment(now=START + timedelta(seconds=elapsed_s), clock_synced=True, elapsed_s=elapsed_s)


class Stall:
    """A station and its simulated scale. `held`: each load that lay there at rest, the empty pan too, in order."""

    def __init__(self, name: str, profile: str, seed: int, *, fault: Fault = as_it_is) -> None:
        self.station, self.fault, self.chance = station(name, profile), fault, random.Random(seed)
        self.scale = SIMULATED_SCALES[name].make(profile, random.Random(seed), PriceUnit.KG)
        self.scale.key_price(PRICE_FEN)
        self.now, self.sent = 0.0, b""
        self.held, self.recorded = list[int](), list[Weighing]()

    def put(self, load_g: int, for_s: float = SETTLED_S, *, order: bytes = b"") -> None:
        """Key an order, put a load in all on the pan, and let time pass."""
        self.station.feed_keypad(order, moment(self.now))
        self.scale.platform.put(load_g, self.now)
        for _ in range(round(for_s / TICK_S)):
            self.now += TICK_S
            self._carry(self.scale.tick(self.now))
            while question := self.station.driver.poll(self.now):
                self._carry(self.scale.hear(question, self.now))
        self.held.append(load_g)

    def sell(self, loads_g: Sequence[int]) -> None:
        """Put one load after the other, and nothing between them."""
        self.put(0)
        for load_g in loads_g:
            self.put(load_g, order=ORDER)
            self.put(0)

    def _carry(self, frame: bytes) -> None:
        self.sent += frame
        for piece in cut(self.fault(frame), [self.chance.randrange(64) for _ in range(self.chance.randrange(4))]):
            outcome = self.station.feed_scale(piece, moment(self.now))
            assert not any(draft.voids_last for draft in outcome.drafts)
            self.recorded += [draft.weighing for draft in outcome.drafts]


def cut(stream: bytes, places: Sequence[int]) -> list[bytes]:
    ends = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in pairwise(ends)]


def assert_lay_there(recorded: Sequence[Weighing], held: Sequence[int]) -> None:
    """Each weighing uses up a load that lay there at rest, later than the one before: so none is recorded twice."""
    story, at = f"recorded {[weighing.net_g for weighing in recorded]} g, of {list(held)}", 0
    for weighing in recorded:
        while at < len(held) and held[at] != weighing.net_g:
            at += 1
        assert at < len(held), story
        at += 1
        assert (weighing.unit_price_fen, weighing.amount_fen) == (PRICE_FEN, weighing.net_g * PRICE_FEN // 1000)


class Noise:
    """What happens to frames on a bad line: each of these to one in so many, and never to a byte inside a frame."""

    def __init__(self, seed: int, one_in: int = 6) -> None:
        self.chance, self.one_in = random.Random(seed), one_in

    def __call__(self, frame: bytes) -> bytes:
        if not frame or self.chance.randrange(self.one_in):
            return frame
        noise = self.chance.randbytes(self.chance.randrange(1, 40))
        place = self.chance.randrange(len(frame))
        return self.chance.choice([b"", frame * 2, noise + frame, frame + noise, frame[:place], frame[place:]])


class NoiseInside(Noise):
    """Bytes that come into a frame or fall out of it; and flipped bits, where a frame has something to show them by.

    Of a frame without a checksum the parity bit shows them, before its bytes come to us.
    """

    def __init__(self, seed: int, *, flips: bool) -> None:
        super().__init__(seed)
        self.flips = flips

    def __call__(self, frame: bytes) -> bytes:
        if not frame or self.chance.randrange(self.one_in):
            return frame
        place = self.chance.randrange(len(frame))
        noise = self.chance.randbytes(self.chance.randrange(1, 6))
        flipped = bytes([frame[place] ^ 1 << self.chance.randrange(8)])
        middle = self.chance.choice([noise + frame[place : place + 1], b"", flipped if self.flips else b""])
        return frame[:place] + middle + frame[place + 1 :]


@every_scale
@settings(max_examples=8, deadline=None)
@given(loads_g=some_loads, seed=st.integers(0, 9999))
def test_of_a_clean_stream_every_load_is_recorded_exactly_once_however_it_is_cut(
    name: str, profile: str, loads_g: list[int], seed: int
) -> None:
    stall = Stall(name, profile, seed)
    stall.sell(loads_g)
    assert [weighing.net_g for weighing in stall.recorded] == loads_g
    assert_lay_there(stall.recorded, stall.held)


@every_scale
@settings(max_examples=12, deadline=None)
@given(loads_g=some_loads, seed=st.integers(0, 9999))
def test_torn_doubled_and_lost_frames_and_noise_between_them_never_make_a_weighing(
    name: str, profile: str, loads_g: list[int], seed: int
) -> None:
    stall = Stall(name, profile, seed, fault=Noise(seed))
    stall.sell(loads_g)
    assert_lay_there(stall.recorded, stall.held)


@every_scale
@settings(max_examples=12, deadline=None)
@given(loads_g=some_loads, seed=st.integers(0, 9999))
def test_bytes_that_change_inside_frames_never_make_a_weighing(
    name: str, profile: str, loads_g: list[int], seed: int
) -> None:
    stall = Stall(name, profile, seed, fault=NoiseInside(seed, flips=(name, profile) in CHECKED))
    stall.sell(loads_g)
    assert_lay_there(stall.recorded, stall.held)


@pytest.mark.parametrize(("name", "profile"), OTHERS)
@settings(max_examples=4, deadline=None)
@given(loads_g=some_loads, seed=st.integers(0, 9999), is_inside=st.booleans())
def test_whatever_profile_is_spoken_a_bad_line_never_makes_a_weighing(
    name: str, profile: str, loads_g: list[int], seed: int, *, is_inside: bool
) -> None:
    stall = Stall(name, profile, seed, fault=NoiseInside(seed, flips=False) if is_inside else Noise(seed))
    stall.sell(loads_g)
    assert_lay_there(stall.recorded, stall.held)


@settings(max_examples=30, deadline=None)
@given(loads_g=some_loads, seed=st.integers(0, 9999), places=st.lists(st.integers(0, 1 << 20), max_size=3))
def test_sales_that_come_in_one_read_are_as_many_weighings(loads_g: list[int], seed: int, places: list[int]) -> None:
    stall = Stall("yaohua_xk3190", "price", seed)
    stall.sell(loads_g)
    here = station("yaohua_xk3190", "price")
    found = [draft for piece in cut(stall.sent, places) for draft in here.feed_scale(piece, moment()).drafts]
    assert [draft.weighing.net_g for draft in found] == loads_g


@every_scale
@settings(max_examples=6, deadline=None)
@given(load_g=st.integers(2, 140).map(lambda n: n * 100), other=st.integers(2, 140), seed=st.integers(0, 9999))
def test_a_line_that_is_opened_anew_with_a_load_on_the_pan_sells_nothing_twice_and_nothing_less(
    name: str, profile: str, load_g: int, other: int, seed: int
) -> None:
    stall = Stall(name, profile, seed)
    stall.put(0)
    stall.put(load_g, order=ORDER)
    stall.station.port_opened()
    stall.put(load_g, 3.0, order=ORDER if name != "dialog06" else b"")
    stall.put(0)
    stall.put(other * 100, 3.0, order=ORDER)
    assert [weighing.net_g for weighing in stall.recorded] == [load_g, other * 100]


@every_scale
@settings(max_examples=4, deadline=None)
@given(load_g=st.integers(2, 140).map(lambda n: n * 100), seed=st.integers(0, 9999))
def test_equal_loads_that_lie_there_before_their_goods_are_keyed_are_as_many_weighings(
    name: str, profile: str, load_g: int, seed: int
) -> None:
    stall = Stall(name, profile, seed)
    stall.put(0)
    for _ in range(3):
        stall.put(load_g)
        stall.put(load_g, 2.0, order=ORDER if SCALE_DRIVERS[name].price_from is not PriceFrom.SCALE else b"")
        stall.put(0)
    assert [weighing.net_g for weighing in stall.recorded] == [load_g] * 3
