"""Appeals: until when a decision may be appealed, how often, and who may not decide on one. Pure.

An appeal is against a decision: the confirmation, or the penalty. Each may be appealed once, within the policy's
working days, in whichever state the alert is by then; a penalty after an appeal that was upheld is a decision anew.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from domain.alert_step import AlertAction, AlertStep
from domain.errors import FieldRefused, NotAllowed
from supervision.alerts.needs import Problem
from supervision.alerts.states import Authority
from supervision.policy import SupervisionPolicy

_OF_THE_REGULATOR: Final = frozenset({AlertAction.ESCALATE, AlertAction.RECORD_PENALTY, AlertAction.UPHOLD})
_DECISIONS: Final = frozenset({AlertAction.CONFIRM, AlertAction.RECORD_PENALTY})


def decision_to_appeal(trail: Sequence[AlertStep]) -> AlertStep | None:
    """Return the newest decision of a trail (oldest first) that was not appealed yet; None where there is none."""
    for step in reversed(trail):
        if step.action is AlertAction.APPEAL:
            return None
        if step.action in _DECISIONS:
            return step
    return None


def appeal_until(decision: AlertStep, policy: SupervisionPolicy, timezone: str) -> date:
    """Return the last day, by the market's calendar, on which a decision may be appealed."""
    return last_day_of_appeal(decision.at, policy, timezone)


def last_day_of_appeal(decided_at: datetime, policy: SupervisionPolicy, timezone: str) -> date:
    """Return the last day, by the market's calendar, on which what was decided at a moment may be appealed."""
    return policy.working_calendar.after(decided_at.astimezone(ZoneInfo(timezone)).date(), policy.appeal.working_days)


def require_appealable(trail: Sequence[AlertStep], policy: SupervisionPolicy, *, today: date, timezone: str) -> None:
    """Raise FieldRefused where nothing of a trail may be appealed on `today`."""
    decision = decision_to_appeal(trail)
    if decision is None:
        expected = "a decision that was not appealed before"
        raise FieldRefused("appeal", "of a decision appealed already", expected, problem=Problem.APPEALED_ALREADY)
    until = appeal_until(decision, policy, timezone)
    if today > until:
        raise FieldRefused("appeal", f"of {today}", f"an appeal until {until}", problem=Problem.TOO_LATE)


def is_decided_above(trail: Sequence[AlertStep]) -> bool:
    """Say whether a regulator has had the alert, whatever was done to it since: what they decided is theirs to undo."""
    return any(step.action in _OF_THE_REGULATOR for step in trail)


def require_not_decided_above(trail: Sequence[AlertStep], authority: Authority) -> None:
    """Refuse that the market undoes what a regulator had, by whatever way it came back. Raise NotAllowed."""
    if authority is Authority.MARKET and is_decided_above(trail):
        raise NotAllowed("only a regulator may overturn an alert that a regulator has had")


def appealed_decision(trail: Sequence[AlertStep]) -> AlertStep | None:
    """Return the decision that an appeal is against."""
    return next((step for step in reversed(trail) if step.action in _DECISIONS), None)


def require_another_person(trail: Sequence[AlertStep], actor: str, *, together: Collection[str] = ()) -> None:
    """Refuse that a person decides on the appeal against their own decision, or one they took part in (`together`).

    Raise FieldRefused.
    """
    appealed = appealed_decision(trail)
    if appealed is not None and (appealed.actor == actor or actor in together):
        expected = "a person who did not take the decision that is appealed"
        raise FieldRefused("actor", repr(actor), expected, problem=Problem.OWN_DECISION)
