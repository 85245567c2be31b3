"""The life of a check after an approval as a table. The buttons, the API and the errors all come from it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.approval import Check, CheckAction, CheckResult, CheckState, CheckStep
from domain.errors import FieldRefused, IllegalTransition

_S, _A = CheckState, CheckAction

#: What moves a check along. `EXPORT` is taken by the export alone, the others by people.
TRANSITIONS: Final[Mapping[tuple[CheckState, CheckAction], CheckState]] = {
    (_S.OPEN, _A.TAKE_UP): _S.TAKEN_UP,
    (_S.TAKEN_UP, _A.HAND_BACK): _S.OPEN,
    (_S.TAKEN_UP, _A.CHECK): _S.CHECKED,
    (_S.OPEN, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.TAKEN_UP, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.CHECKED, _A.EXPORT): _S.EXPORTED,
    (_S.CHECKED, _A.REOPEN): _S.OPEN,
    (_S.EXPORTED, _A.REOPEN): _S.OPEN,
    (_S.WITHDRAWN, _A.REOPEN): _S.OPEN,
}
#: Somebody has a step to take.
UNFINISHED: Final = frozenset({_S.OPEN, _S.TAKEN_UP})
#: What a person says before it is done.
SAY_WHY: Final = frozenset({_A.HAND_BACK, _A.WITHDRAW, _A.REOPEN, _A.COMMENT})
LONGEST_NOTE: Final = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A step that somebody wants to take."""

    action: CheckAction
    result: CheckResult | None = None
    note: str = ""
    origin: str = ""


def next_state(state: CheckState, action: CheckAction) -> CheckState:
    """Return where `action` leads from `state`. Raise IllegalTransition where it leads nowhere."""
    found = TRANSITIONS.get((state, action))
    if found is None:
        possible = ", ".join(actions_from(state)) or "nothing more"
        raise IllegalTransition(f"cannot {action} a check that is {state}; possible: {possible}")
    return found


def actions_from(state: CheckState) -> list[CheckAction]:
    """Return what a person may do to a check in `state`, in the order buttons are shown."""
    return [action for action in CheckAction if (state, action) in TRANSITIONS and action is not _A.EXPORT]


def moved(check: Check, move: Move, *, actor: str, now: datetime) -> tuple[Check, CheckStep]:
    """Return a check after a step, and the line for its trail. Raise IllegalTransition, FieldRefused.

    Who takes it up has it from then on. Reopened, it is due when it was: nobody gains time by it.
    """
    state = next_state(check.state, move.action)
    require_explanation(move)
    after = replace(check, state=state)
    if move.action is _A.TAKE_UP:
        after = replace(after, assigned_to=actor)
    elif move.action is _A.HAND_BACK:
        after = replace(after, assigned_to=None)
    elif move.action is _A.CHECK:
        after = replace(after, result=move.result, note=move.note.strip(), checked_by=actor, checked_at=now)
    elif move.action is _A.REOPEN:
        after = replace(after, result=None, note="", checked_by=None, checked_at=None)
    return after, step_of(check, after, move, actor=actor, now=now)


def step_of(before: Check, after: Check, move: Move, *, actor: str, now: datetime) -> CheckStep:
    """Return the line of the trail for a step."""
    return CheckStep(
        at=now,
        actor=actor,
        action=move.action,
        from_state=before.state,
        to_state=after.state,
        result=move.result,
        note=move.note.strip(),
        origin=move.origin,
    )


def require_explanation(move: Move) -> None:
    """Refuse a step that does not say what it has to. Raise FieldRefused."""
    note = move.note.strip()
    if len(note) > LONGEST_NOTE:
        raise FieldRefused("note", f"{len(note)} characters", f"at most {LONGEST_NOTE}", problem="too_long")
    if (move.action is _A.CHECK) != (move.result is not None):
        expected = "with a check, and only with one: " + ", ".join(CheckResult)
        raise FieldRefused("result", str(move.result or ""), expected, problem="no_result")
    if not note and (move.action in SAY_WHY or move.result not in (None, CheckResult.CONFORMS)):
        raise FieldRefused("note", "", f"what was found, or why: {move.result or move.action}", problem="no_note")
