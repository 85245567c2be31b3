"""What happens to a market's scales: some break down for a time, some change places. Pure, drawn from a seed.

Times are seconds of the market's own clock.
"""

import random
from dataclasses import dataclass
from typing import Final

from simulators.faults import Fault, FaultKind

_BREAKDOWN_S: Final = (60.0, 600.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Breakdown:
    """The scale of a stall is silent, or talks garbage, for a time."""

    at_s: float
    stall: int
    fault: Fault


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotation:
    """Two stalls change their scales."""

    at_s: float
    stalls: tuple[int, int]


Incident = Breakdown | Rotation


class Incidents:
    """What is to come. `breakdown_every_s`, `rotate_every_s`: how often on average; None for never."""

    def __init__(self, seed: int, stalls: int, breakdown_every_s: float | None, rotate_every_s: float | None) -> None:
        self._stalls = stalls
        self._chances = {kind: random.Random(f"{seed}/{kind}") for kind in ("breakdown", "rotation")}  # noqa: S311
        self._every_s = {"breakdown": breakdown_every_s, "rotation": rotate_every_s if stalls > 1 else None}
        self._next_at = {kind: self._wait(kind) for kind, every_s in self._every_s.items() if every_s}

    def due(self, market_s: float) -> list[Incident]:
        """Return what has happened up to now and was not returned before."""
        found: list[Incident] = []
        for kind in self._next_at:
            while self._next_at[kind] <= market_s:
                found.append(self._breakdown() if kind == "breakdown" else self._rotation())
                self._next_at[kind] += self._wait(kind)
        return found

    def _wait(self, kind: str) -> float:
        return self._chances[kind].expovariate(1 / (self._every_s[kind] or 1))

    def _breakdown(self) -> Breakdown:
        rng = self._chances["breakdown"]
        kind = rng.choice((FaultKind.SILENCE, FaultKind.GARBAGE))
        fault = Fault(kind=kind, lasts_s=rng.uniform(*_BREAKDOWN_S))
        return Breakdown(at_s=self._next_at["breakdown"], stall=rng.randrange(self._stalls), fault=fault)

    def _rotation(self) -> Rotation:
        one, other = self._chances["rotation"].sample(range(self._stalls), 2)
        return Rotation(at_s=self._next_at["rotation"], stalls=(one, other))
