"""The life of a visit as a table. The buttons, the API and the errors all come from it. Pure."""

from datetime import date, timedelta

from domain.errors import IllegalTransition, RuleViolation
from domain.inspection import VisitAction, VisitState
from supervision.inspections.policy import InspectionPolicy

TRANSITIONS: dict[tuple[VisitState, VisitAction], VisitState] = {
    (VisitState.DRAWN, VisitAction.NOTIFY): VisitState.NOTIFIED,
    (VisitState.DRAWN, VisitAction.BEGIN): VisitState.VISITING,
    (VisitState.DRAWN, VisitAction.CANCEL): VisitState.CANCELLED,
    (VisitState.NOTIFIED, VisitAction.BEGIN): VisitState.VISITING,
    (VisitState.NOTIFIED, VisitAction.CANCEL): VisitState.CANCELLED,
    (VisitState.VISITING, VisitAction.PASS): VisitState.PASSED,
    (VisitState.VISITING, VisitAction.ORDER): VisitState.RECTIFICATION,
    (VisitState.PASSED, VisitAction.CLOSE): VisitState.CLOSED,
    (VisitState.RECTIFICATION, VisitAction.REPORT): VisitState.RECTIFIED,
    (VisitState.RECTIFICATION, VisitAction.ACCEPT): VisitState.CLOSED,
    (VisitState.RECTIFICATION, VisitAction.EXTEND): VisitState.RECTIFICATION,
    (VisitState.RECTIFICATION, VisitAction.ESCALATE): VisitState.ESCALATED,
    (VisitState.RECTIFIED, VisitAction.ACCEPT): VisitState.CLOSED,
    (VisitState.RECTIFIED, VisitAction.EXTEND): VisitState.RECTIFICATION,
    (VisitState.RECTIFIED, VisitAction.ESCALATE): VisitState.ESCALATED,
}

#: What the product does for a person who opens, combines or revisits.
OF_THE_PRODUCT: dict[tuple[VisitState, VisitAction], VisitState] = {
    (VisitState.DRAWN, VisitAction.OPEN): VisitState.DRAWN,
    (VisitState.DRAWN, VisitAction.COMBINE): VisitState.COMBINED,
    (VisitState.NOTIFIED, VisitAction.COMBINE): VisitState.COMBINED,
    (VisitState.RECTIFICATION, VisitAction.REVISIT): VisitState.RECTIFICATION,
    (VisitState.RECTIFIED, VisitAction.REVISIT): VisitState.RECTIFIED,
    (VisitState.RECTIFICATION, VisitAction.FOLLOW): VisitState.CLOSED,
    (VisitState.RECTIFIED, VisitAction.FOLLOW): VisitState.CLOSED,
}

#: Visits that did not begin: only those can be combined, and their subjects and markets do not hear of a drawn one.
WAITING = frozenset({VisitState.DRAWN, VisitState.NOTIFIED})
#: Visits that somebody goes to, now or again: who goes can be changed.
ATTENDED = WAITING | {VisitState.VISITING, VisitState.RECTIFICATION, VisitState.RECTIFIED}
#: Visits whose orders somebody looks at again.
ORDERED = frozenset({VisitState.RECTIFICATION, VisitState.RECTIFIED})
#: A revisit is still to come, or takes place.
TO_COME = WAITING | {VisitState.VISITING}
#: What a revisit decides where one is planned.
OF_THE_REVISIT = frozenset({VisitAction.ACCEPT, VisitAction.EXTEND, VisitAction.ESCALATE})
#: What somebody else than the inspectors may do: who runs the market says that it was put right.
OF_THE_MARKET = frozenset({VisitAction.REPORT})
#: What changes who goes to an attended visit, and no state.
OF_STAFFING = frozenset({VisitAction.SEND, VisitAction.RECUSE})
WITH_A_DAY = frozenset({VisitAction.ORDER, VisitAction.EXTEND})
WITH_WORDS = WITH_A_DAY | {VisitAction.CANCEL, VisitAction.ESCALATE, VisitAction.REPORT}


def next_state(state: VisitState, action: VisitAction) -> VisitState:
    """Return where a person's `action` leads from `state`. Raise IllegalTransition where it leads nowhere."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        possible = ", ".join(actions_from(state)) or "nothing more"
        raise IllegalTransition(
            f"cannot {action} a visit that is {state}; possible: {possible}", problem="late"
        ) from None


def actions_from(state: VisitState) -> list[VisitAction]:
    """Return what a person may do to a visit in `state`, in the order buttons are shown."""
    return [action for action in VisitAction if (state, action) in TRANSITIONS]


def require_explanation(action: VisitAction, note: str) -> None:
    """Refuse what changes something for the subject without words. Raise RuleViolation."""
    if action in WITH_WORDS and not note.strip():
        raise RuleViolation(f"to {action}, say in the note what and why", problem="no_reason")


def days_of_rectification(
    action: VisitAction, asked: date | None, today: date, policy: InspectionPolicy, *, present: date | None = None
) -> tuple[date, date] | None:
    """Return until when it is put right and until when it is looked at again; None for an action that sets no day.

    `present`: the day that was set before; to extend counts from it, and never takes days away. Raise RuleViolation for
    a day that has gone or is before it, or that gives more days than the policy allows.
    """
    if action not in WITH_A_DAY:
        return None
    earliest = max(today, present) if action is VisitAction.EXTEND and present else today
    latest = max(earliest, today + timedelta(days=policy.longest_rectify_days))
    until = asked or min(earliest + timedelta(days=policy.rectify_days), latest)
    if not earliest <= until <= latest:
        raise RuleViolation(
            f"rectify_by is {until}; expected a day from {earliest} to {latest}",
            problem="not_a_day_within",
            facts={"day": until, "first": earliest, "last": latest},
        )
    return until, until + timedelta(days=policy.revisit_days)
