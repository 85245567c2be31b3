"""When customers come: opening hours, the rush of the morning and of the evening, festivals. Pure.

Times are seconds of the market's day, from midnight. The hours of the rush, and that a stall has some fifty customers
a day, are those of the markets that publish theirs; the weights between them are an assumption.
"""

import math
import random
from dataclasses import dataclass
from typing import Final

_HOUR_S: Final = 3600
_MORNING: Final = range(6, 9)
_EVENING: Final = range(17, 21)
_MORNING_WEIGHT: Final = 4
_EVENING_WEIGHT: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A market's day. `customers` a stall has on a usual day, `festival` how many times as many today."""

    opens_h: int = 5
    closes_h: int = 21
    customers: int = 50
    festival: float = 1.0
    speed: float = 60.0

    def __post_init__(self) -> None:
        if not 0 <= self.opens_h < self.closes_h <= 24:  # noqa: PLR2004 - hours of a day
            raise ValueError(f"the market opens at {self.opens_h} and closes at {self.closes_h}; expected 0 to 24")
        if self.customers < 1 or not self.festival > 0 or not self.speed > 0:
            raise ValueError("customers, festival and speed: expected more than nothing of each")

    @property
    def opens_s(self) -> float:
        """When it opens."""
        return self.opens_h * _HOUR_S

    @property
    def closes_s(self) -> float:
        """When it closes."""
        return self.closes_h * _HOUR_S

    def per_hour(self, hour: int) -> float:
        """Return how many customers a stall has in this hour, on average."""
        hours = range(self.opens_h, self.closes_h)
        if hour not in hours:
            return 0.0
        return self.customers * self.festival * _weight(hour) / sum(map(_weight, hours))

    def next_customer(self, rng: random.Random, after_s: float) -> float:
        """Return when the next one comes to a stall that is free since `after_s`; infinity: not today."""
        at_s = max(after_s, self.opens_s)
        while at_s < self.closes_s:
            hour_ends_s = (at_s // _HOUR_S + 1) * _HOUR_S
            at_s += rng.expovariate(self.per_hour(int(at_s // _HOUR_S)) / _HOUR_S)
            if at_s < hour_ends_s:
                return at_s
            at_s = hour_ends_s  # who has not come in one hour may come in the next: waiting has no memory
        return math.inf


def _weight(hour: int) -> int:
    if hour in _MORNING:
        return _MORNING_WEIGHT
    return _EVENING_WEIGHT if hour in _EVENING else 1


def clock(at_s: float) -> str:
    """Return a time of the day as `07:12`."""
    minutes = int(at_s) // 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
