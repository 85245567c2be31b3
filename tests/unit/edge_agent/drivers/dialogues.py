"""A driver and a simulated scale on one line, with time driven by hand; and cutting a stream anywhere."""

import itertools
import random
from collections.abc import Callable, Sequence

from edge_agent.drivers.protocol import ScaleDriver
from edge_agent.weighing.readings import Garbage, Heard, Reading
from simulators.scales.protocol import SimulatedScale

STEP_S = 0.02


class LineUnderTest:
    """What both say is carried in pieces, cut by `seed`. `written`: every command the driver wrote, in order."""

    def __init__(self, driver: ScaleDriver, scale: SimulatedScale, seed: int = 0) -> None:
        self.driver, self.scale = driver, scale
        self.now = 1000.0
        self.fault: Callable[[bytes], bytes] = bytes
        self.written: list[bytes] = []
        self._rng = random.Random(seed)

    def run(self, seconds: float) -> list[Heard]:
        """Let time pass, and return what the driver heard."""
        heard: list[Heard] = []
        for _ in range(round(seconds / STEP_S)):
            self.now += STEP_S
            heard += self.carry(self.scale.tick(self.now))
            while asked := self.driver.poll(self.now):
                self.written.append(asked)
                heard += self.carry(b"".join(self.scale.hear(piece, self.now) for piece in self._pieces(asked)))
        return heard

    def carry(self, data: bytes) -> list[Heard]:
        """Carry what the scale sent, as `fault` leaves it."""
        return [item for piece in self._pieces(self.fault(data)) for item in self.driver.feed(piece)]

    def put(self, load_g: int) -> None:
        """Put a load on the pan."""
        self.scale.platform.put(load_g, self.now)

    def _pieces(self, data: bytes) -> list[bytes]:
        places = sorted(self._rng.randrange(len(data) + 1) for _ in range(3))
        return cut(data, places)


def lose_or_double_a_byte(chance: random.Random) -> Callable[[bytes], bytes]:
    """Return a fault that hits a write in one byte, as an overrun does; never two writes in a row."""
    was_hit = False

    def fault(data: bytes) -> bytes:
        nonlocal was_hit
        if not data:
            return data
        was_hit = not was_hit and chance.randrange(2) == 0
        place = chance.randrange(len(data))
        return data[:place] + data[place : place + 1] * chance.choice((0, 2)) + data[place + 1 :] if was_hit else data

    return fault


def cut(stream: bytes, places: Sequence[int]) -> list[bytes]:
    """Return the stream cut at these places, in order."""
    within = [0, *sorted(min(place, len(stream)) for place in places), len(stream)]
    return [stream[start:end] for start, end in itertools.pairwise(within)]


def readings(heard: Sequence[Heard]) -> list[Reading]:
    """Return the weights that were heard."""
    return [item for item in heard if isinstance(item, Reading)]


def reasons(heard: Sequence[Heard]) -> list[str]:
    """Return why there was garbage."""
    return [item.reason for item in heard if isinstance(item, Garbage)]
