"""Small rotations for tests, and an exhaustive search to hold the solver against."""

from collections.abc import Iterator, Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from credit.rotation.model import Claim, Rotation, Stall, against, neighbours_of, weights_of, worth
from credit.rotation.policy import RotationRules, read_rotation_rules

RULES = read_rotation_rules(Path(__file__).parents[3] / "policy" / "rotation.toml")
CLASSES = [one.code for one in RULES.classes]
SEED = "5eed"


def stall(stall_id: str, position_class: str = "A", **facts: Any) -> Stall:
    return Stall(stall_id=stall_id, position_class=position_class, **facts)


def claim(number: int, score: int = 100, **facts: Any) -> Claim:
    return Claim(number=number, score=score, **facts)


def rotation(stalls: list[Stall], claims: list[Claim], rules: RotationRules = RULES, **more: Any) -> Rotation:
    return Rotation(rules=rules, stalls=tuple(stalls), claims=tuple(claims), **more)


@st.composite
def rotations(draw: st.DrawFn, *, most: int = 5, apart: bool = False, hardship: bool = True) -> Rotation:
    """A rotation of a few stalls and claims, some of which may be left without one."""
    names = [f"S-{n}" for n in range(draw(st.integers(0, most)))]
    stalls = [
        stall(
            name,
            draw(st.sampled_from(CLASSES)),
            zone=draw(st.sampled_from(["", "live", "dry"])),
            has_tank=draw(st.booleans()),
            floor=draw(st.sampled_from([None, 1, 2])),
            area_dm2=draw(st.sampled_from([None, 400, 900])),
            neighbours=tuple(names[n + 1 : n + 2]),
        )
        for n, name in enumerate(names)
    ]
    held = draw(st.permutations(names + [None] * most))
    claims = [
        claim(
            number,
            draw(st.integers(97, 100)),
            held=held[number - 1],
            zone=draw(st.sampled_from(["", "", "live", "dry"])),
            needs_tank=draw(st.sampled_from([False, False, True])),
            ground_floor=draw(st.sampled_from([False, False, True])),
            least_area_dm2=draw(st.sampled_from([None, None, 500])),
            hardship=hardship and draw(st.sampled_from([False, False, True])),
        )
        for number in range(1, draw(st.integers(0, most)) + 1)
    ]
    pairs = draw(st.lists(st.sampled_from([(1, 2), (2, 3), (1, 3)]), max_size=2, unique=True)) if apart else []
    return rotation(stalls, claims, apart=tuple(p for p in pairs if max(p) <= len(claims)))


def every_place(of: Rotation) -> Iterator[Mapping[int, str | None]]:
    """Every way to give the stalls that keeps all that must be kept."""
    beside = neighbours_of(of.stalls)
    pinned = {pin.stall_id: pin.claim for pin in of.pins}
    for chosen in set(permutations([*of.stalls, *[None] * len(of.claims)], len(of.claims))):
        places = {one.number: None if had is None else had.stall_id for one, had in zip(of.claims, chosen, strict=True)}
        if any(had is not None and against(one, had) for one, had in zip(of.claims, chosen, strict=True)):
            continue
        if any(pinned.get(had, number) != number for number, had in places.items() if had is not None):
            continue
        if any((places[one], places[other]) in beside for one, other in of.apart):
            continue
        yield places


def value_of(of: Rotation, places: Mapping[int, str | None]) -> tuple[int, int]:
    """What a way to give the stalls is worth: first what leaving somebody out costs (by weight), then the sum."""
    weights, stalls = weights_of(of), {one.stall_id: one for one in of.stalls}
    rank = {weight: n for n, weight in enumerate(sorted(set(weights.values())), start=1)}
    loss = sum(rank[weights[number]] for number, had in places.items() if had is None)
    have = [(one, stalls[had]) for one in of.claims if (had := places[one.number]) is not None]
    return -loss, sum(worth(of, one, had, weights[one.number]) for one, had in have)
