"""What each step asks the person for: pure, the same for the forms, the API and the checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from domain.alert import AlertState, DismissReason
from domain.alert_step import AlertAction, PenaltyDecision
from domain.errors import FieldRefused
from supervision.policy import RectificationPolicy

#: What a person may write, in characters; the columns of the trail have no narrower bound.
LONGEST_NOTE: Final = 2000
_LONGEST_LINE: Final = 200


class Field(StrEnum):
    """What a step carries."""

    REASON = "reason"
    NOTE = "note"
    DUE_ON = "due_on"
    INTO = "into"
    PENALTY = "penalty"
    ASSIGNEE = "assignee"


class Problem(StrEnum):
    """Why a field is refused; a page has words for each."""

    MISSING = "missing"
    NOT_TAKEN = "not_taken"
    TOO_LONG = "too_long"
    NOT_A_DAY = "not_a_day"
    NOT_A_DAY_TO_COME = "not_a_day_to_come"
    NOT_DECIDED_YET = "not_decided_yet"
    NO_SUCH_PERSON = "no_such_person"
    NO_OTHER_ALERT = "no_other_alert"
    OF_ANOTHER_SUBJECT = "of_another_subject"
    DECIDED_ALREADY = "decided_already"
    ANOTHER_IS_OPEN = "another_is_open"
    NO_PHOTO_SINCE = "no_photo_since"
    TOO_LATE = "too_late"
    APPEALED_ALREADY = "appealed_already"
    OWN_DECISION = "own_decision"
    NO_VENDOR = "no_vendor"
    DECIDED_IN_A_CASE = "decided_in_a_case"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A step that a person asks for. `revision`: of the alert as they saw it (None: unknown, not compared)."""

    action: AlertAction
    reason: DismissReason | None = None
    note: str = ""
    due_on: date | None = None
    into: int | None = None
    penalty: PenaltyDecision | None = None
    assignee: str | None = None
    revision: int | None = None


_A, _F = AlertAction, Field
_REQUIRED, _OPTIONAL = True, False

#: The fields a step takes, and whether it has to have them. A step that is not here takes a note if there is one.
_TAKES: Final[Mapping[AlertAction, Mapping[Field, bool]]] = {
    _A.DISMISS: {_F.REASON: _REQUIRED, _F.NOTE: _OPTIONAL},
    _A.MERGE: {_F.INTO: _REQUIRED, _F.NOTE: _OPTIONAL},
    _A.ORDER_RECTIFICATION: {_F.DUE_ON: _REQUIRED, _F.NOTE: _REQUIRED},
    _A.SEND_BACK: {_F.DUE_ON: _REQUIRED, _F.NOTE: _REQUIRED},
    _A.ESCALATE: {_F.NOTE: _REQUIRED},
    _A.RECORD_PENALTY: {_F.PENALTY: _REQUIRED, _F.NOTE: _OPTIONAL},
    _A.APPEAL: {_F.NOTE: _REQUIRED},
    _A.UPHOLD: {_F.NOTE: _REQUIRED},
    _A.OVERTURN: {_F.NOTE: _REQUIRED},
    _A.REOPEN: {_F.NOTE: _REQUIRED},
    _A.COMMENT: {_F.NOTE: _REQUIRED},
    # Assigned to nobody is an assignment too.
    _A.ASSIGN: {_F.ASSIGNEE: _OPTIONAL, _F.NOTE: _OPTIONAL},
}
_JUST_A_NOTE: Final[Mapping[Field, bool]] = {_F.NOTE: _OPTIONAL}
#: A breach that ends here, without rectification or a penalty, ends with words.
_CLOSED_WITH_WORDS: Final = frozenset({AlertState.CONFIRMED, AlertState.ESCALATED})


def fields_of(state: AlertState, action: AlertAction) -> Mapping[Field, bool]:
    """Return which fields a step from `state` takes, each with whether it has to be there."""
    if action is _A.CLOSE and state in _CLOSED_WITH_WORDS:
        return {_F.NOTE: _REQUIRED}
    return _TAKES.get(action, _JUST_A_NOTE)


def require_fields(asked: Asked, state: AlertState, *, today: date, policy: RectificationPolicy) -> None:
    """Refuse a step that lacks what it needs or carries what it does not take. Raise FieldRefused."""
    taken = fields_of(state, asked.action)
    for field in Field:
        value = getattr(asked, field)
        is_there = value.strip() != "" if isinstance(value, str) else value is not None
        if is_there and field not in taken:
            raise FieldRefused(field, repr(value), f"nothing: {asked.action} takes none", problem=Problem.NOT_TAKEN)
        if not is_there and taken.get(field, False):
            raise FieldRefused(field, "", _EXPECTED[field], problem=Problem.MISSING)
    _require_length("note", asked.note, LONGEST_NOTE)
    if asked.due_on is not None:
        _require_day_to_come(asked.due_on, today, policy)
    if asked.penalty is not None:
        _require_penalty(asked.penalty, today)


_EXPECTED: Final[Mapping[Field, str]] = {
    _F.REASON: "one of " + ", ".join(DismissReason),
    _F.NOTE: "words that say why",
    _F.DUE_ON: "the day until which it is to be rectified",
    _F.INTO: "the number of the alert it is handled with",
    _F.PENALTY: "document number, authority, day and decision, as the document says them",
    _F.ASSIGNEE: "a person who handles alerts of this market",
}


def latest_due(today: date, policy: RectificationPolicy) -> date:
    """Return the last day that a rectification ordered today may be due."""
    return today + timedelta(days=policy.longest_days)


def _require_day_to_come(due_on: date, today: date, policy: RectificationPolicy) -> None:
    latest = latest_due(today, policy)
    if not today <= due_on <= latest:
        expected = f"a day from {today} to {latest}"
        raise FieldRefused(Field.DUE_ON, due_on.isoformat(), expected, problem=Problem.NOT_A_DAY_TO_COME)


def _require_penalty(penalty: PenaltyDecision, today: date) -> None:
    for name, longest in (
        ("document_no", _LONGEST_LINE),
        ("authority", _LONGEST_LINE),
        ("decision", LONGEST_NOTE),
    ):
        text = getattr(penalty, name)
        if not text.strip():
            raise FieldRefused(name, "", "what the document says", problem=Problem.MISSING)
        _require_length(name, text, longest)
    if penalty.decided_on > today:
        expected = f"a day that is not after {today}"
        raise FieldRefused("decided_on", penalty.decided_on.isoformat(), expected, problem=Problem.NOT_DECIDED_YET)


def _require_length(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise FieldRefused(
            field, f"{len(text)} characters long", f"at most {longest} characters", problem=Problem.TOO_LONG
        )
