"""What somebody fills in to apply for repair, and to decide on it; whether it can be taken. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from credit.repairs.conditions import Condition, ConditionName, Shown, unmet
from domain.errors import FieldRefused, show_value
from domain.repair import Effort, RepairAction

LONGEST_NUMBER: Final = 200
LONGEST_WORDS: Final = 2000
_MOST_DIGITS: Final = 18


class Problem(StrEnum):
    """Why a field of an application or a decision cannot be taken; a page has words for each."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    NO_SUCH_EFFORT = "no_such_effort"
    NOT_A_NUMBER = "not_a_number"
    NOT_POINTS = "not_points"
    NOT_TAKEN = "not_taken"
    UNMET = "unmet"
    WAITING_ALREADY = "waiting_already"
    OWN_DECISION = "own_decision"
    OWN_APPLICATION = "own_application"


class ConditionsUnmet(FieldRefused):
    """Not all conditions are met: which are not, each with what was found."""

    def __init__(self, conditions: Collection[Condition]) -> None:
        missing = unmet(conditions)
        field = "effort" if all(one.name is ConditionName.EFFORT for one in missing) else "event_id"
        found = ", ".join(f"{one.name}: {one.found}" for one in missing)
        days = [str(one.from_day) for one in missing if one.from_day is not None]
        expected = "every condition to be met" + (f"; not before {max(days)}" if days else "")
        super().__init__(field, f"of a deduction with {found}", expected, problem=Problem.UNMET)
        self.conditions = tuple(conditions)


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """What was typed, as it was typed. Of `document_no`, `document` and `promise_id` those that the effort asks."""

    event_id: int
    effort: str
    document_no: str = ""
    document: str = ""
    promise_id: str = ""
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What is done with an application. `points`: granted, left out: as many as may be given back."""

    action: RepairAction
    reason: str = ""
    points: str = ""
    revision: int | None = None


def shown_by(typed: Application) -> Shown:
    """Return the effort of an application. Raise FieldRefused for what is missing or too long."""
    if typed.effort not in set(Effort):
        value, expected = show_value(typed.effort) if typed.effort else "", "one of " + ", ".join(Effort)
        raise FieldRefused("effort", value, expected, problem=Problem.NO_SUCH_EFFORT if value else Problem.MISSING)
    effort = Effort(typed.effort)
    if effort is Effort.PROMISE:
        return Shown(effort=effort, promise_id=_promise_of(typed.promise_id))
    return Shown(
        effort=effort,
        document_no=_text("document_no", typed.document_no, LONGEST_NUMBER, "the number of the certificate"),
        document=_text("document", typed.document, LONGEST_WORDS, "who trained whom, in what, when"),
    )


def words_of(typed: Application) -> str:
    """Return what the vendor says. Raise FieldRefused where it is too long."""
    return _at_most("words", typed.words.strip(), LONGEST_WORDS)


def points_of(verdict: Verdict, most: int) -> int:
    """Return how many points are granted. Raise FieldRefused for what is none, or more than may be given back."""
    typed = verdict.points.strip().removeprefix("+")
    if not typed:
        return most
    is_whole = typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS
    if not is_whole or not 1 <= int(typed) <= most:
        facts = {"value": typed, "most": most}
        expected = f"a whole number from 1 to {most}"
        raise FieldRefused("granted", show_value(typed), expected, problem=Problem.NOT_POINTS, facts=facts)
    return int(typed)


def reason_of(verdict: Verdict) -> str:
    """Return why it was decided so; whoever withdraws need not say. Raise FieldRefused."""
    if verdict.action is RepairAction.WITHDRAW:
        return _at_most("reason", verdict.reason.strip(), LONGEST_WORDS)
    return _text("reason", verdict.reason, LONGEST_WORDS, "why it is decided so")


def _promise_of(typed: str) -> int:
    text = typed.strip()
    if not text:
        raise FieldRefused("promise_id", "", "the number of a promise", problem=Problem.MISSING)
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise FieldRefused("promise_id", show_value(text), "the number of a promise", problem=Problem.NOT_A_NUMBER)
    return int(text)


def _text(field: str, typed: str, longest: int, expected: str) -> str:
    text = typed.strip()
    if not text:
        raise FieldRefused(field, "", expected, problem=Problem.MISSING)
    return _at_most(field, text, longest)


def _at_most(field: str, text: str, longest: int) -> str:
    if len(text) > longest:
        found = f"{len(text)} characters long"
        raise FieldRefused(field, found, f"at most {longest}", problem=Problem.TOO_LONG, facts={"most": longest})
    return text
