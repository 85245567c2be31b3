"""A driver and a simulated scale on one wire, with time that only goes forward; and streams cut anywhere."""

import itertools
from collections.abc import Iterable
from typing import Final

from edge_agent.drivers.protocol import ScaleDriver
from edge_agent.weighing.readings import Garbage, Heard, Reading
from simulators.scales.protocol import SimulatedScale

STEP_S: Final = 0.02


class Wire:
    """Carries the bytes of both sides and tells what the driver heard."""

    def __init__(self, driver: ScaleDriver, scale: SimulatedScale) -> None:
        self.driver, self.scale = driver, scale
        self.now = 0.0
        self.written = b""

    def run(self, seconds: float) -> list[Heard]:
        """Let time pass, and return what was heard meanwhile."""
        heard: list[Heard] = []
        for _ in range(round(seconds / STEP_S)):
            self.now += STEP_S
            heard += self.driver.feed(self.scale.tick(self.now))
            while question := self.driver.poll(self.now):
                self.written += question
                heard += self.driver.feed(self.scale.hear(question, self.now))
        return heard

    def put(self, load_g: int, seconds: float = 2.0) -> list[Heard]:
        """Put a load on the pan, and return what was heard while it swung and lay there."""
        self.scale.platform.put(load_g, self.now)
        return self.run(seconds)


def cut(driver: ScaleDriver, stream: bytes, cuts: Iterable[int]) -> list[Heard]:
    """Feed a stream in pieces."""
    places = [0, *sorted(min(place, len(stream)) for place in cuts), len(stream)]
    return [item for start, end in itertools.pairwise(places) for item in driver.feed(stream[start:end])]


def readings(heard: Iterable[Heard]) -> list[Reading]:
    """Return the readings only."""
    return [item for item in heard if isinstance(item, Reading)]


def stable_grams(heard: Iterable[Heard]) -> set[int]:
    """Return the different weights that were said to be at rest."""
    return {item.net_g for item in readings(heard) if item.stable}


def reasons(heard: Iterable[Heard]) -> list[str]:
    """Return why bytes were garbage."""
    return [item.reason for item in heard if isinstance(item, Garbage)]
