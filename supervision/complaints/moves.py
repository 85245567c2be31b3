"""What a step makes of a complaint: the complaint after it, and the line of its trail. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.complaint import Complaint, ComplaintAction, ComplaintState, ComplaintStep, Outcome, RefuseReason
from domain.units import Fen
from supervision.complaints.clock import next_due
from supervision.complaints.policy import ComplaintsPolicy
from supervision.complaints.states import By, next_state, require_explanation, require_reopenable


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """What somebody does to a complaint. `note`: what is told, or why."""

    action: ComplaintAction
    note: str = ""
    refuse_reason: RefuseReason | None = None
    outcome: Outcome | None = None
    settled_fen: Fen | None = None


def moved(
    complaint: Complaint, move: Move, *, by: By, actor: str, now: datetime, policy: ComplaintsPolicy
) -> tuple[Complaint, ComplaintStep]:
    """Return a complaint after a step, and the step. Raise IllegalTransition, RuleViolation."""
    to_state = next_state(complaint.state, move.action, by)
    require_explanation(
        move.action,
        note=move.note,
        refuse_reason=move.refuse_reason,
        outcome=move.outcome,
        settled_fen=move.settled_fen,
    )
    if move.action is ComplaintAction.REOPEN:
        require_reopenable(complaint, now, within=policy.reopening.within)
    after = replace(complaint, state=to_state, **_changes(move, now))
    if move.action is ComplaintAction.REOPEN and to_state is ComplaintState.INVESTIGATING:
        # It goes on where nobody begins it anew: the clock of the inquiry runs from here.
        after = replace(after, investigating_at=now)
    due_at = next_due(to_state, policy.clocks, since=after.clock_from, channel_due_at=after.channel_due_at)
    return replace(after, due_at=due_at), _step(complaint.state, to_state, move, actor, now)


def _changes(move: Move, now: datetime) -> dict[str, Any]:
    match move.action:
        case ComplaintAction.ACCEPT:
            return {"accepted_at": now}
        case ComplaintAction.REFUSE:
            return {"refuse_reason": move.refuse_reason, "answer": move.note.strip(), "ended_at": now}
        case ComplaintAction.INVESTIGATE:
            return {"investigating_at": now}
        case ComplaintAction.ANSWER:
            said = {"answer": move.note.strip(), "answered_at": now}
            return {"outcome": move.outcome, "settled_fen": move.settled_fen, **said}
        case ComplaintAction.REOPEN:
            # What was answered stays in the trail; what it comes to now is open again.
            undone = {"outcome": None, "settled_fen": None, "refuse_reason": None, "answer": "", "ended_at": None}
            return {"reopened_at": now, "clock_from": now, **undone}
        case _:
            return {"ended_at": now}


def _step(from_state: ComplaintState, to_state: ComplaintState, move: Move, actor: str, now: datetime) -> ComplaintStep:
    return ComplaintStep(
        at=now,
        actor=actor,
        action=move.action,
        from_state=from_state,
        to_state=to_state,
        reason=move.refuse_reason or move.outcome or "",
        note=move.note.strip(),
        settled_fen=move.settled_fen,
    )
