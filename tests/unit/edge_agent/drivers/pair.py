"""A driver and the simulated scale of its name, joined by a line, and driven forward in time that is not waited for."""

import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from domain.units import Fen
from edge_agent.drivers.protocol import DriverOptions, DriverSpec, PriceFrom, ScaleDriver
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.weighing.readings import DeviceSale, Heard, Reading
from simulators.scales.protocol import SimulatedScale
from simulators.scales.registry import SIMULATED_SCALES

TICK_S: Final = 0.02
PRICE_FEN: Final = 9000
PLU: Final = "2006"
_MOST_ROUNDS: Final = 20  # of question and answer within one tick

Cut = Callable[[bytes], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One profile of one driver."""

    spec: DriverSpec
    profile: str

    def __str__(self) -> str:
        """Return what a test is called by."""
        return f"{self.spec.name}-{self.profile}"

    def driver(self) -> ScaleDriver:
        """Return a new driver; one whose scale is told the price has it."""
        driver = self.spec.make(DriverOptions(profile=self.profile))
        if self.spec.price_from is PriceFrom.HOST:
            driver.set_price(Fen(PRICE_FEN))
        return driver

    def scale(self, seed: int = 1) -> SimulatedScale:
        """Return a new simulated scale, its price keyed where it has keys for it."""
        simulated = SIMULATED_SCALES[self.spec.name]
        scale = simulated.make(self.profile, random.Random(seed), DriverOptions(profile="").price_unit)
        if self.spec.price_from is PriceFrom.SCALE:
            scale.key_plu(PLU)
            scale.key_price(PRICE_FEN)
        return scale


DIALECTS: Final = tuple(Dialect(spec, profile) for spec in SCALE_DRIVERS.values() for profile in spec.profiles)


def whole(data: bytes) -> Iterator[bytes]:
    """Cut nothing."""
    yield data


def cut_by(seed: int) -> Cut:
    """Cut into pieces of 1 to 7 bytes."""
    rng = random.Random(seed)

    def cut(data: bytes) -> Iterator[bytes]:
        at = 0
        while at < len(data):
            end = at + rng.randint(1, 7)
            yield data[at:end]
            at = end

    return cut


class Pair:
    """The two ends of a line. `heard` is all the driver heard, `sent` all the scale sent, `asked` what it was asked."""

    def __init__(self, dialect: Dialect, *, seed: int = 1, cut: Cut = whole) -> None:
        self.driver, self.scale = dialect.driver(), dialect.scale(seed)
        self.now = 0.0
        self.heard: list[Heard] = []
        self.sent, self.asked = b"", b""
        self.cut = cut

    def run(self, seconds: float) -> None:
        """Let time pass: the scale sends by itself, the driver asks, each answers the other."""
        for _ in range(round(seconds / TICK_S)):
            self.now += TICK_S
            self.hear(self.scale.tick(self.now) + self._ask())

    def hear(self, data: bytes) -> None:
        """Have the driver hear bytes, ask what it wants to ask then, and hear the answers."""
        for _ in range(_MOST_ROUNDS):
            if not data:
                return
            answers = b""
            self.sent += data
            for piece in self.cut(data):
                self.heard += self.driver.feed(piece)
                answers += self._ask()
            data = answers
        raise AssertionError(f"question and answer without end; the last was {data!r}")

    def put(self, load_g: int, *, for_s: float = 3.0) -> None:
        """Put a load on the pan, let it rest, and conclude the sale on a scale that has a key for it."""
        self.scale.platform.put(load_g, self.now)
        self.run(for_s)
        self.hear(self.scale.key_total(self.now))

    def weights(self) -> list[int]:
        """Return every net weight that was heard and that a weighing could be made of."""
        return [
            item.net_g
            for item in self.heard
            if isinstance(item, DeviceSale) or (isinstance(item, Reading) and item.stable is not False)
        ]

    def _ask(self) -> bytes:
        question = self.driver.poll(self.now)
        self.asked += question
        return self.scale.hear(question, self.now) if question else b""


def kept_bytes(thing: object, seen: set[int] | None = None) -> int:
    """Return how many bytes, characters and items an object holds, all the way down."""
    seen = set() if seen is None else seen
    if id(thing) in seen or isinstance(thing, type):
        return 0
    seen.add(id(thing))
    if isinstance(thing, (bytes, bytearray, str)):
        return len(thing)
    parts: list[object] = []
    if isinstance(thing, dict):
        parts += [*thing.keys(), *thing.values()]
    elif isinstance(thing, list | tuple | set | frozenset | deque):
        parts += thing
    else:
        parts += getattr(thing, "__dict__", {}).values()
        slots = [slot for kind in type(thing).__mro__ for slot in getattr(kind, "__slots__", ())]
        parts += [getattr(thing, slot, None) for slot in slots]
    return len(parts) + sum(kept_bytes(part, seen) for part in parts)
