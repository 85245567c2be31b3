"""How long a rotation takes, beside the same solver on plain random numbers in the same run."""

import random
import time
from dataclasses import dataclass
from typing import Any, Final

from credit.rotation.model import Claim, Rotation, Stall
from credit.rotation.policy import RotationRules, read_rotation_rules
from credit.rotation.round_file import sha256_of
from credit.rotation.solving import Solution, solve
from steelyard.resources import policy_directory

_ZONES: Final = ("live", "chilled", "shell", "dried", "frozen", "mixed")
_FULL_SCORE: Final = 100
_APART_EACH: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class RotationMeasured:
    """Seconds for a market of zones, for one of equals without zones (the hardest), and for the reference."""

    stalls: int
    seconds: float
    seconds_of_equals: float
    reference_seconds: float
    objective: int
    gap: int
    left_without: int

    def as_object(self) -> dict[str, Any]:
        """The figures, with the ratio to the reference."""
        return {
            "stalls": self.stalls,
            "rotation_seconds": round(self.seconds, 3),
            "equals_seconds": round(self.seconds_of_equals, 3),
            "reference_seconds": round(self.reference_seconds, 3),
            "ratio": round(self.seconds / max(self.reference_seconds, 1e-9), 2),
            "objective": self.objective,
            "gap": self.gap,
            "left_without": self.left_without,
        }


def measure_rotation(stalls: int = 3_000, *, seed: int = 1) -> RotationMeasured:
    """Reckon rounds of so many stalls. The reference: one plain assignment of as many rows, random whole numbers."""
    rules = read_rotation_rules(policy_directory() / "rotation.toml")
    seconds, found = _timed(market(stalls, rules, seed=seed))
    of_equals, _ = _timed(market(stalls, rules, seed=seed, zones=(), are_equal=True))
    return RotationMeasured(
        stalls=stalls,
        seconds=seconds,
        seconds_of_equals=of_equals,
        reference_seconds=_reference(stalls, seed),
        objective=found.objective,
        gap=found.gap,
        left_without=sum(1 for place in found.places.values() if place is None),
    )


def market(
    stalls: int, rules: RotationRules, *, seed: int, zones: tuple[str, ...] = _ZONES, are_equal: bool = False
) -> Rotation:
    """A market as it may be: halls by goods, most at the full score, some tanks, floors, hardships and quarrels."""
    chance = random.Random(seed)  # noqa: S311 - a market to measure with, nothing secret
    codes = [one.code for one in rules.classes]
    of_market = [
        Stall(
            stall_id=f"S-{n:05}",
            position_class=chance.choice(codes),
            zone=zones[n * len(zones) // stalls] if zones else "",
            has_tank=chance.random() < 0.5,  # noqa: PLR2004
            floor=chance.choice((1, 1, 2)),
            area_dm2=chance.choice((600, 900, 1200)),
            neighbours=(f"S-{n + 1:05}",) if n + 1 < stalls else (),
        )
        for n in range(stalls)
    ]
    claims = [
        Claim(
            number=number,
            score=_FULL_SCORE if are_equal or chance.random() < 0.7 else chance.randint(40, 99),  # noqa: PLR2004
            held=one.stall_id,
            zone=one.zone,
            needs_tank=one.has_tank and chance.random() < 0.6,  # noqa: PLR2004
            ground_floor=one.floor == 1 and chance.random() < 0.1,  # noqa: PLR2004
            hardship=chance.random() < 0.02,  # noqa: PLR2004
        )
        for number, one in enumerate(of_market, start=1)
    ]
    apart = tuple((n, n + 1) for n in range(1, stalls, _APART_EACH) if n < stalls)
    return Rotation(rules=rules, stalls=tuple(of_market), claims=tuple(claims), apart=apart)


def _timed(rotation: Rotation) -> tuple[float, Solution]:
    started = time.perf_counter()
    found = solve(rotation, sha256_of("bench"))
    return time.perf_counter() - started, found


def _reference(size: int, seed: int) -> float:
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    costs = np.random.default_rng(seed).integers(0, 1 << 20, (size, size)).astype(np.float64)
    started = time.perf_counter()
    linear_sum_assignment(costs)
    return time.perf_counter() - started
