"""What changes: from the stalls held so far to a proposal, and from one proposal to the next. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from credit.rotation.model import Rotation
from credit.rotation.solving import Solution


class Turn(StrEnum):
    """What a round comes to for a claim."""

    STAYS = "stays"
    BETTER = "better"
    ALIKE = "alike"
    POORER = "poorer"
    NEW = "new"
    WITHOUT = "without"


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """From which stall to which, None for none."""

    claim: int
    before: str | None
    after: str | None
    turn: Turn


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a change by hand comes to: `costs` is by how much the sum is less; negative where one is taken back.

    `moved` are those whose stall is another; a turn is from the proposal before it.
    """

    costs: int
    moved: tuple[Move, ...]

    @property
    def falls(self) -> tuple[Move, ...]:
        """Whose stall is of a poorer class than before, or who is left without one."""
        return tuple(one for one in self.moved if one.turn in {Turn.POORER, Turn.WITHOUT})


def moves(rotation: Rotation, places: Mapping[int, str | None]) -> list[Move]:
    """Return what a round comes to for each claim, by number."""
    values = _values(rotation)
    return [
        _move(values, one.number, one.held if one.held in values else None, places[one.number])
        for one in sorted(rotation.claims, key=lambda one: one.number)
    ]


def change(rotation: Rotation, before: Solution, after: Solution) -> Change:
    """Return what differs between two proposals of one round."""
    values = _values(rotation)
    moved = [
        _move(values, number, before.places[number], after.places[number])
        for number in sorted(before.places)
        if before.places[number] != after.places[number]
    ]
    return Change(costs=before.objective - after.objective, moved=tuple(moved))


def _values(rotation: Rotation) -> Mapping[str, int]:
    of_classes = {one.code: one.value for one in rotation.rules.classes}
    return {one.stall_id: of_classes[one.position_class] for one in rotation.stalls}


def _move(values: Mapping[str, int], number: int, before: str | None, after: str | None) -> Move:
    if after is None:
        turn = Turn.WITHOUT
    elif before is None:
        turn = Turn.NEW
    elif before == after:
        turn = Turn.STAYS
    else:
        gain = values[after] - values[before]
        turn = Turn.BETTER if gain > 0 else Turn.POORER if gain < 0 else Turn.ALIKE
    return Move(claim=number, before=before, after=after, turn=turn)
