"""What is under every simulated scale: a load cell with a pan, that swings after each change, and may be made to cheat.

Pure: chance is a seeded Random, time is given in seconds of any monotonic clock.
"""

import random
from dataclasses import dataclass
from typing import Final

_SWING_PERCENT: Final = 15  # goods that fall onto the pan weigh more for a moment
_NET_GRAMS_OF_HAND: Final = 40  # somebody's hand on the pan, where the load is small


@dataclass(frozen=True, kw_only=True, slots=True)
class Capacity:
    """What a scale can weigh: `max_g` (Max), division `e_g`, and how far beyond Max it shows a weight at all (9 e)."""

    max_g: int = 15_000
    e_g: int = 5
    settle_s: float = 0.5

    @property
    def overload_g(self) -> int:
        """Above it no weight is shown (OIML R 76-1, 4.2.3: Max + 9 e)."""
        return self.max_g + 9 * self.e_g


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What the load cell says: `gross_g` over the scale's zero, in whole divisions, and whether it is at rest."""

    gross_g: int
    is_stable: bool
    is_overload: bool = False
    is_underload: bool = False


class Platform:
    """The pan. `gain_percent` over 100 is a scale whose calibration cheats; `is_stuck_moving` one that never rests."""

    def __init__(self, rng: random.Random, capacity: Capacity | None = None) -> None:
        self.capacity = capacity or Capacity()
        self.gain_percent = 100
        self.is_stuck_moving = False
        self._rng = rng
        self._load_g = 0
        self._zero_g = 0
        self._rests_at = 0.0
        self._last_swing_g: int | None = None

    def put(self, load_g: int, now: float) -> None:
        """Change what lies on the pan to `load_g` in all (negative: the pan was lifted); it swings for a moment."""
        if load_g != self._load_g:
            self._load_g, self._rests_at = load_g, now + self.capacity.settle_s

    @property
    def load_g(self) -> int:
        """What really lies on the pan, in all."""
        return self._load_g

    def is_at_rest(self, now: float) -> bool:
        """Say whether the scale would call its weight stable now; unlike `look`, it leaves no trace."""
        return now >= self._rests_at and not self.is_stuck_moving

    def zero(self, now: float) -> bool:
        """Take what lies there for nothing, and say whether the scale may: at rest and within 4 % of Max (R 76-1)."""
        if not self.look(now).is_stable or abs(self._weight()) * 100 > 4 * self.capacity.max_g:
            return False
        self._zero_g = self._weight()
        return True

    def look(self, now: float) -> Seen:
        """Return what the scale sees now; while it swings, no look is like the one before it."""
        e_g = self.capacity.e_g
        is_stable = self.is_at_rest(now)
        gross_g = self._weight() - self._zero_g
        if not is_stable:
            swing_g = max(_NET_GRAMS_OF_HAND, abs(gross_g) * _SWING_PERCENT // 100)
            gross_g += self._rng.randint(-swing_g, swing_g)
        gross_g = (2 * gross_g + e_g) // (2 * e_g) * e_g
        if not is_stable and gross_g == self._last_swing_g:
            gross_g += e_g
        self._last_swing_g = None if is_stable else gross_g
        return Seen(
            gross_g=gross_g,
            is_stable=is_stable,
            is_overload=gross_g > self.capacity.overload_g,
            is_underload=gross_g < -20 * e_g,
        )

    def _weight(self) -> int:
        return self._load_g * self.gain_percent // 100
