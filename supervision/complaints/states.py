"""The life of a complaint as a table. The buttons, the API and the errors all come from it. Pure.

A complaint is somebody's word. That it is upheld moves no score: only the alert about the sale does, once confirmed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.complaint import Complaint, ComplaintAction, ComplaintState, Outcome, RefuseReason
from domain.errors import FieldRefused, IllegalTransition, RuleViolation
from domain.units import Fen

_S, _A = ComplaintState, ComplaintAction


class By(StrEnum):
    """Who takes a step."""

    STAFF = "staff"
    COMPLAINANT = "complainant"


TRANSITIONS: Final[Mapping[tuple[ComplaintState, ComplaintAction], tuple[ComplaintState, frozenset[By]]]] = {
    (_S.RECEIVED, _A.ACCEPT): (_S.ACCEPTED, frozenset({By.STAFF})),
    (_S.RECEIVED, _A.REFUSE): (_S.REFUSED, frozenset({By.STAFF})),
    (_S.ACCEPTED, _A.INVESTIGATE): (_S.INVESTIGATING, frozenset({By.STAFF})),
    (_S.ACCEPTED, _A.ANSWER): (_S.ANSWERED, frozenset({By.STAFF})),
    (_S.INVESTIGATING, _A.ANSWER): (_S.ANSWERED, frozenset({By.STAFF})),
    (_S.ANSWERED, _A.CLOSE): (_S.CLOSED, frozenset({By.STAFF})),
    (_S.ANSWERED, _A.REOPEN): (_S.INVESTIGATING, frozenset({By.COMPLAINANT})),
    (_S.CLOSED, _A.REOPEN): (_S.INVESTIGATING, frozenset({By.COMPLAINANT})),
    (_S.REFUSED, _A.REOPEN): (_S.RECEIVED, frozenset({By.COMPLAINANT})),
    **{
        (state, _A.WITHDRAW): (_S.WITHDRAWN, frozenset({By.STAFF, By.COMPLAINANT}))
        for state in (_S.RECEIVED, _S.ACCEPTED, _S.INVESTIGATING)
    },
}

#: Nothing is awaited of anybody any more.
OVER: Final = frozenset({_S.CLOSED, _S.REFUSED, _S.WITHDRAWN})
#: The market has a step to take.
AWAITING: Final = frozenset({_S.RECEIVED, _S.ACCEPTED, _S.INVESTIGATING})


def next_state(state: ComplaintState, action: ComplaintAction, by: By) -> ComplaintState:
    """Return where `action` of somebody leads from `state`. Raise IllegalTransition where it leads nowhere."""
    found = TRANSITIONS.get((state, action))
    if found is None or by not in found[1]:
        possible = ", ".join(actions_from(state, by)) or "nothing more"
        raise IllegalTransition(f"cannot {action} a complaint that is {state}; possible: {possible}")
    return found[0]


def actions_from(state: ComplaintState, by: By) -> list[ComplaintAction]:
    """Return what somebody may do to a complaint in `state`, in the order buttons are shown."""
    return [action for action in ComplaintAction if (found := TRANSITIONS.get((state, action))) and by in found[1]]


def may_reopen(complaint: Complaint, now: datetime, *, within: timedelta) -> bool:
    """Say whether the complainant may have it looked at again: once, and within so long after the answer."""
    if _A.REOPEN not in actions_from(complaint.state, By.COMPLAINANT) or complaint.reopened_at is not None:
        return False
    answered_at = complaint.ended_at if complaint.state is _S.REFUSED else complaint.answered_at
    return answered_at is not None and now <= answered_at + within


def require_reopenable(complaint: Complaint, now: datetime, *, within: timedelta) -> None:
    """Refuse to reopen a second time, or too late. Raise IllegalTransition or RuleViolation."""
    next_state(complaint.state, _A.REOPEN, By.COMPLAINANT)
    if complaint.reopened_at is not None:
        raise RuleViolation("a complaint is reopened once, and this one was; file another one")
    if not may_reopen(complaint, now, within=within):
        raise RuleViolation(f"a complaint is reopened within {within.days} days after its answer; file another one")


def require_explanation(
    action: ComplaintAction,
    *,
    note: str,
    refuse_reason: RefuseReason | None,
    outcome: Outcome | None,
    settled_fen: Fen | None,
) -> None:
    """Refuse a step that does not say what it has to, or says what it does not take. Raise FieldRefused."""
    _require_with(action is _A.REFUSE, "refuse_reason", refuse_reason, f"of a refusal one of {', '.join(RefuseReason)}")
    _require_with(action is _A.ANSWER, "outcome", outcome, f"of an answer one of {', '.join(Outcome)}")
    if action in (_A.ANSWER, _A.REFUSE, _A.REOPEN) and not note.strip():
        raise FieldRefused("note", "", f"what is to be told, to {action} a complaint", problem="missing")
    amount = "more than 0 fen with the outcome 'settled': what was paid on the spot"
    _require_with(outcome is Outcome.SETTLED, "settled_fen", settled_fen, amount)
    if settled_fen is not None and settled_fen <= 0:
        raise FieldRefused("settled_fen", str(settled_fen), amount, problem="not_positive")


def _require_with(is_wanted: bool, field: str, value: object | None, expected: str) -> None:
    if is_wanted and value is None:
        raise FieldRefused(field, "", expected, problem="missing")
    if not is_wanted and value is not None:
        raise FieldRefused(field, str(value), f"nothing here: {expected}", problem="not_taken")
