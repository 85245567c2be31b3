"""Why a claim has the stall it has: its score and rank, and for each better stall who has it and by what. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from credit.rotation.model import Claim, Need, Rotation, Stall, against, steps_of, weights_of, worth
from credit.rotation.solving import Solution
from credit.rotation.tables import Tables


class Why(StrEnum):
    """Why somebody does not have a stall that is better than theirs."""

    #: It does not meet a need of theirs.
    NEED = "need"
    #: Who has it has a higher score.
    HIGHER = "higher"
    #: Who has it has the same score and had a poorer place so far.
    TURN = "turn"
    #: Who has it has the same score and the same turn, and stays.
    STAYED = "stayed"
    #: Who has it is their equal, and the lot fell so.
    LOT = "lot"
    #: Who has it weighs less, and giving it away would cost all together more: its holder's needs, or others', leave
    #: no other way.
    TOGETHER = "together"
    #: It, or their own, was given by hand.
    PINNED = "pinned"
    #: It was kept back by hand.
    KEPT_BACK = "kept_back"
    #: Nobody has it: beside it stands somebody that they may not be a neighbour of.
    APART = "apart"


@dataclass(frozen=True, kw_only=True, slots=True)
class Better:
    """A stall that is better than one's own. `costs`: by how much the sum would be less at least, had one got it."""

    stall: Stall
    why: Why
    needs: tuple[Need, ...]
    taken_by: int | None
    costs: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Why. `step` of `steps`: the score among all scores; `ahead`, `equals`: claims with a higher and the same score.

    Without a stall, `rivals` claims (with this one) share the `fitting` stalls that they could have.
    """

    claim: Claim
    stall: Stall | None
    weight: int
    adds: int
    step: int
    steps: int
    ahead: int
    equals: int
    better: tuple[Better, ...]
    suitable: int
    fitting: int = 0
    rivals: int = 0
    ruled_out: Mapping[Need, int] | None = None


def explain(rotation: Rotation, solution: Solution, number: int) -> Explanation:
    """Explain a claim's stall. Raise KeyError where it does not take part."""
    claims = {one.number: one for one in rotation.claims}
    stalls = {one.stall_id: one for one in rotation.stalls}
    claim, steps, weights = claims[number], steps_of(rotation.claims), weights_of(rotation)
    had = solution.places[number]
    mine = None if had is None else stalls[had]
    value = {one.code: one.value for one in rotation.rules.classes}
    own = 0 if mine is None else value[mine.position_class]
    taken = {stall: one for one, stall in solution.places.items() if stall is not None}
    better = [
        _better(rotation, solution, claim, one, claims, weights, taken)
        for one in rotation.stalls
        if value[one.position_class] > own
    ]
    # What a need rules out stands last: it was never theirs to have.
    better.sort(key=lambda one: (one.why is Why.NEED, -value[one.stall.position_class], one.stall.stall_id))
    needs = [against(claim, one) for one in rotation.stalls]
    fitting, rivals = _shared(rotation, taken, number) if mine is None else (0, 0)
    return Explanation(
        claim=claim,
        stall=mine,
        weight=weights[number],
        adds=0 if mine is None else worth(rotation, claim, mine, weights[number]),
        step=steps[claim.score],
        steps=len(steps),
        ahead=sum(1 for one in rotation.claims if one.score > claim.score),
        equals=sum(1 for one in rotation.claims if one.score == claim.score) - 1,
        better=tuple(better),
        suitable=sum(1 for one in needs if not one),
        fitting=fitting,
        rivals=rivals,
        ruled_out={need: sum(1 for one in needs if need in one) for need in Need if any(need in one for one in needs)},
    )


def _better(
    rotation: Rotation,
    solution: Solution,
    claim: Claim,
    stall: Stall,
    claims: Mapping[int, Claim],
    weights: Mapping[int, int],
    taken: Mapping[str, int],
) -> Better:
    needs, by = against(claim, stall), taken.get(stall.stall_id)
    offered = solution.claim_prices[claim.number] + solution.stall_prices[stall.stall_id]
    costs = 0 if needs else max(0, offered - worth(rotation, claim, stall, weights[claim.number]) - solution.gap)
    why = _why(rotation, claim, stall, None if by is None else claims[by], weights, costs) if not needs else Why.NEED
    return Better(stall=stall, why=why, needs=needs, taken_by=by, costs=costs)


def _why(  # noqa: PLR0911 - a reason a line
    rotation: Rotation, claim: Claim, stall: Stall, by: Claim | None, weights: Mapping[int, int], costs: int
) -> Why:
    pins = {pin.stall_id: pin.claim for pin in rotation.pins}
    if stall.stall_id in pins or claim.number in pins.values():
        return Why.KEPT_BACK if stall.stall_id in pins and pins[stall.stall_id] is None else Why.PINNED
    if by is None:
        return Why.APART
    if by.score > claim.score:
        return Why.HIGHER
    if weights[by.number] > weights[claim.number]:
        return Why.TURN if by.score == claim.score else Why.TOGETHER
    if weights[by.number] < weights[claim.number]:
        return Why.TOGETHER
    if by.held == stall.stall_id:
        return Why.STAYED
    return Why.TOGETHER if costs else Why.LOT


def _shared(rotation: Rotation, taken: Mapping[str, int], number: int) -> tuple[int, int]:
    """Return how many stalls, and how many claims that could have no other: one more than there are stalls."""
    tables = Tables(rotation)
    found, waiting = {number}, [number]
    seen = np.zeros(len(tables.stalls), dtype=np.bool_)
    while waiting:
        reached = np.nonzero(tables.fits[tables.row_of[waiting.pop()]] & ~seen)[0].tolist()
        seen[reached] = True
        holders = {taken[stall] for column in reached if (stall := tables.stalls[column].stall_id) in taken}
        waiting += sorted(holders - found)
        found |= holders
    return int(seen.sum()), len(found)
