"""What a rotation is made of: stalls as they stand, who is to have one, who stands apart, what is pinned. Pure."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from credit.rotation.policy import RotationRules

#: A market has some hundred stalls, the largest some thousand. Sums of lots stay exact in 53 bits up to here.
MOST: Final = 4_000

_Name = TypeVar("_Name", int, str)
_Text = Annotated[str, Meta(max_length=64)]
_Area = Annotated[int, Meta(ge=1)]
_Number = Annotated[int, Meta(ge=1)]


class Need(StrEnum):
    """Why a stall is none for somebody."""

    ZONE = "zone"
    TANK = "tank"
    AREA = "area"
    FLOOR = "floor"


class Stall(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stall to be given: class and goods zone ('': any goods), square decimetres, floor (1: ground floor), live tank.

    What is not known (None) meets no need. `neighbours` are stalls beside it; that one side says so is enough.
    """

    stall_id: Annotated[str, Meta(min_length=1, max_length=64)]
    position_class: _Text
    zone: _Text = ""
    area_dm2: _Area | None = None
    floor: int | None = None
    has_tank: bool = False
    neighbours: tuple[str, ...] = ()


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stall that somebody is to have, by a number that names nobody; who holds two stalls has two claims.

    `held`: the stall held so far, None for who holds none. `hardship`: moving is one, for a reason the register keeps.
    """

    number: _Number
    score: int
    held: str | None = None
    zone: _Text = ""
    needs_tank: bool = False
    least_area_dm2: _Area | None = None
    ground_floor: bool = False
    hardship: bool = False


class Pin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stall that is given by hand; `claim` None: to nobody, it is kept back."""

    stall_id: str
    claim: _Number | None


class Rotation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides a rotation but its seed. `apart`: pairs of claims that do not stand side by side."""

    rules: RotationRules
    stalls: tuple[Stall, ...]
    claims: tuple[Claim, ...]
    apart: tuple[tuple[int, int], ...] = ()
    pins: tuple[Pin, ...] = ()


def against(claim: Claim, stall: Stall) -> tuple[Need, ...]:
    """Return which needs of a claim a stall does not meet: none of them, and the claim may have it."""
    found = []
    if claim.zone and stall.zone and claim.zone != stall.zone:
        found.append(Need.ZONE)
    if claim.needs_tank and not stall.has_tank:
        found.append(Need.TANK)
    if claim.least_area_dm2 is not None and (stall.area_dm2 is None or stall.area_dm2 < claim.least_area_dm2):
        found.append(Need.AREA)
    if claim.ground_floor and stall.floor != 1:
        found.append(Need.FLOOR)
    return tuple(found)


def steps_of(claims: Iterable[Claim]) -> dict[int, int]:
    """Return the step of each score of a round: 1 for the lowest, one more for each that is higher."""
    return {score: step for step, score in enumerate(sorted({one.score for one in claims}), start=1)}


def weights_of(rotation: Rotation) -> dict[int, int]:
    """Return what each claim weighs, by its number: the step of its score, and its turn."""
    rules, steps = rotation.rules, steps_of(rotation.claims)
    place = {one.code: number for number, one in enumerate(rules.classes)}
    class_of = {one.stall_id: one.position_class for one in rotation.stalls}
    return {
        one.number: rules.score_weight * steps[one.score]
        + (rules.turn * place[class_of[one.held]] if one.held in class_of else 0)
        for one in rotation.claims
    }


def worth(rotation: Rotation, claim: Claim, stall: Stall, weight: int) -> int:
    """Return what giving a claim that weighs `weight` a stall adds to the sum that is made as large as it can be."""
    position = rotation.rules.class_of(stall.position_class)
    if position is None:
        raise ValueError(f"stall {stall.stall_id} is of class {stall.position_class!r}, which has no value")
    return position.value * weight + (stay_of(rotation.rules, claim) if claim.held == stall.stall_id else 0)


def stay_of(rules: RotationRules, claim: Claim) -> int:
    """Return what a claim adds where it stays."""
    return rules.hardship_stay if claim.hardship else rules.stay


def neighbours_of(stalls: Sequence[Stall]) -> frozenset[tuple[str, str]]:
    """Return which stalls stand side by side, both ways round."""
    known = {one.stall_id for one in stalls}
    told = {(one.stall_id, beside) for one in stalls for beside in one.neighbours if beside in known}
    return frozenset(told | {(beside, one) for one, beside in told})


def problems_of(rotation: Rotation) -> list[str]:
    """Return why nothing can be reckoned with this: a sentence each, naming the field. Unmet needs are none."""
    stalls = {one.stall_id: one for one in rotation.stalls}
    claims = {one.number: one for one in rotation.claims}
    problems = []
    for what, sizes in (("stalls", len(rotation.stalls)), ("claims", len(rotation.claims))):
        if sizes > MOST:
            problems.append(f"{what} are {sizes}; expected {MOST} at most")
    problems += [f"stall {one} stands twice" for one in _twice(one.stall_id for one in rotation.stalls)]
    problems += [f"claim {one} stands twice" for one in _twice(one.number for one in rotation.claims)]
    problems += [f"stall {one} is held by two claims" for one in _twice(x.held for x in rotation.claims if x.held)]
    codes = {one.code for one in rotation.rules.classes}
    unclassed = [one for one in rotation.stalls if one.position_class not in codes]
    problems += [
        f"stall {one.stall_id}: position_class is {one.position_class!r}; expected one of {', '.join(sorted(codes))}"
        for one in unclassed
    ]
    for pair in rotation.apart:
        if pair[0] == pair[1] or not claims.keys() >= set(pair):
            problems.append(f"apart names the claims {pair[0]} and {pair[1]}; expected two that take part")
    return problems + _pin_problems(rotation, stalls, claims)


def _pin_problems(rotation: Rotation, stalls: dict[str, Stall], claims: dict[int, Claim]) -> list[str]:
    problems = [f"stall {one} is pinned twice" for one in _twice(pin.stall_id for pin in rotation.pins)]
    pinned = [pin.claim for pin in rotation.pins if pin.claim is not None]
    problems += [f"claim {one} is pinned to two stalls" for one in _twice(pinned)]
    for pin in rotation.pins:
        if pin.stall_id not in stalls:
            problems.append(f"pin: stall {pin.stall_id} does not take part")
        elif pin.claim is not None and pin.claim not in claims:
            problems.append(f"pin: claim {pin.claim} does not take part")
        elif pin.claim is not None:
            needs = against(claims[pin.claim], stalls[pin.stall_id])
            problems += [
                f"pin: stall {pin.stall_id} does not meet the {need} that claim {pin.claim} needs" for need in needs
            ]
    at = {pin.claim: pin.stall_id for pin in rotation.pins}
    beside = neighbours_of(rotation.stalls)
    return problems + [
        f"pin: claims {one} and {other} would be neighbours"
        for one, other in rotation.apart
        if (at.get(one), at.get(other)) in beside
    ]


def _twice(names: Iterable[_Name]) -> list[_Name]:
    return sorted({one for one, following in pairwise(sorted(names)) if one == following})
