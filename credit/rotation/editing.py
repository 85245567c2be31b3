"""A proposal changed by hand: a stall given, exchanged, kept back, or left to the sum again. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from credit.rotation.model import Pin
from domain.errors import RuleViolation


class EditKind(StrEnum):
    """What is changed."""

    PIN = "pin"
    EXCHANGE = "exchange"
    KEEP_BACK = "keep_back"
    RELEASE = "release"


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """A change by hand: of a stall; for a pin to a claim's number, for an exchange of two numbers."""

    kind: EditKind
    stall_id: str = ""
    number: int | None = None
    other: int | None = None


def pins_after(edit: Edit, pins: tuple[Pin, ...], places: Mapping[int, str | None]) -> tuple[Pin, ...]:
    """Return all that is given by hand after a change. Raise RuleViolation where there is nothing to change."""
    if edit.kind is EditKind.RELEASE:
        left = tuple(one for one in pins if one.stall_id != edit.stall_id)
        if len(left) == len(pins):
            raise RuleViolation(f"stall {edit.stall_id} is not given by hand", problem="not_pinned")
        return left
    given = _given(edit, places)
    stalls = {one.stall_id for one in given}
    numbers = {one.claim for one in given} - {None}
    kept = tuple(one for one in pins if one.stall_id not in stalls and one.claim not in numbers)
    return tuple(sorted((*kept, *given), key=lambda one: one.stall_id.encode()))


def _given(edit: Edit, places: Mapping[int, str | None]) -> tuple[Pin, ...]:
    if edit.kind is EditKind.KEEP_BACK:
        return (Pin(stall_id=edit.stall_id, claim=None),)
    wanted = [edit.number, edit.other] if edit.kind is EditKind.EXCHANGE else [edit.number]
    numbers = [one for one in wanted if one is not None and one in places]
    if len(numbers) < len(wanted):
        raise RuleViolation("a number is not one of this round", problem="no_such_claim")
    if edit.kind is EditKind.PIN:
        return (Pin(stall_id=edit.stall_id, claim=numbers[0]),)
    one, other = places[numbers[0]], places[numbers[1]]
    if one is None or other is None or one == other:
        raise RuleViolation("two that each have a stall are needed to exchange them", problem="nothing_to_exchange")
    return (Pin(stall_id=other, claim=numbers[0]), Pin(stall_id=one, claim=numbers[1]))
