"""Whether a part of a deduction may come back: each condition by itself, what is missing, and from which day. Pure.

After the scheme that the rules name (credit repair: corrected, clean for a while, an effort shown, at most a part, no
veto item); how long and how much stands in `[repair]` of the rules in force on the day of the decision.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from credit.rules.shape import CreditRules
from credit.scoring import cycle_of, score_at, standing
from domain.alert import AlertState
from domain.alert_step import AlertAction
from domain.credit import CreditEvent
from domain.promise import Promise, PromiseState
from domain.repair import Effort

_WHOLE: Final = 100
_ONE_DAY: Final = timedelta(days=1)
_PROMISED: Final = frozenset({PromiseState.MADE, PromiseState.KEPT})


class ConditionName(StrEnum):
    """What has to be so, in the order in which it is shown."""

    COUNTS = "counts"
    NO_VETO = "no_veto"
    SOMETHING_LEFT = "something_left"
    RECTIFIED = "rectified"
    CLEAN_DAYS = "clean_days"
    EFFORT = "effort"


class Checked(StrEnum):
    """What was found of a condition; a page has words for each."""

    COUNTS = "counts"
    DOES_NOT_COUNT = "does_not_count"
    IS_NO_VETO = "is_no_veto"
    IS_VETO = "is_veto"
    LEFT = "left"
    NOTHING_LEFT = "nothing_left"
    NOTHING_ORDERED = "nothing_ordered"
    RECTIFIED = "rectified"
    TO_BE_RECTIFIED = "to_be_rectified"
    TO_BE_CHECKED = "to_be_checked"
    CLEAN = "clean"
    NOT_CLEAN_YET = "not_clean_yet"
    NOT_IN_THIS_CYCLE = "not_in_this_cycle"
    TRAINED = "trained"
    PROMISED = "promised"
    NO_EFFORT = "no_effort"
    EFFORT_NOT_TAKEN = "effort_not_taken"
    PROMISE_NOT_KEPT = "promise_not_kept"


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One condition. `facts` fill the words; `from_day`: from when on it may be met, where time alone will meet it."""

    name: ConditionName
    found: Checked
    is_met: bool
    facts: Mapping[str, object] = field(default_factory=dict)
    from_day: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertFacts:
    """What of the deduction's alert matters. `ordered`: the last step of its rectification, None where none was.

    `confirmed_by`: who confirmed it, each time it was.
    """

    alert_id: int
    state: AlertState
    rectify_by: date | None
    ordered: AlertAction | None
    confirmed_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """The effort that is shown with an application."""

    effort: Effort
    document_no: str = ""
    document: str = ""
    promise_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A deduction with everything that decides about it. `alert`: None where no alert stands behind it."""

    event: CreditEvent
    ledger: Sequence[CreditEvent]
    promises: Collection[Promise]
    alert: AlertFacts | None
    timezone: str


def most_to_give(event: CreditEvent, ledger: Sequence[CreditEvent], rules: CreditRules) -> int:
    """Return how many points of a deduction may still come back: of what the rules allow, what was not given yet."""
    given = sum(one.points for one in standing(ledger) if one.repairs == event.event_id)
    return max(0, -event.points * rules.repair.most_percent // _WHOLE - given)


def conditions_of(subject: Subject, shown: Shown | None, *, rules: CreditRules, day: date) -> tuple[Condition, ...]:
    """Return every condition for repairing a deduction on `day`, met or not.

    `shown`: the effort of an application; None: nobody applied yet.
    """
    return (
        _counts(subject, rules, day),
        _no_veto(subject.event),
        _something_left(subject, rules),
        _rectified(subject.alert),
        _clean(subject, rules, day),
        _effort(subject, shown, rules),
    )


def unmet(conditions: Collection[Condition]) -> list[Condition]:
    """Return the conditions that are not met."""
    return [one for one in conditions if not one.is_met]


def _counts(subject: Subject, rules: CreditRules, day: date) -> Condition:
    score = score_at(subject.ledger, rules, day, subject.timezone)
    is_met = subject.event.points < 0 and subject.event.repairs is None and subject.event in score.counted
    facts = {"first": score.cycle_from, "last": score.cycle_to - _ONE_DAY}
    found = Checked.COUNTS if is_met else Checked.DOES_NOT_COUNT
    return Condition(name=ConditionName.COUNTS, found=found, is_met=is_met, facts=facts)


def _no_veto(event: CreditEvent) -> Condition:
    found = Checked.IS_VETO if event.is_veto else Checked.IS_NO_VETO
    return Condition(name=ConditionName.NO_VETO, found=found, is_met=not event.is_veto)


def _something_left(subject: Subject, rules: CreditRules) -> Condition:
    left = most_to_give(subject.event, subject.ledger, rules)
    facts = {"left": left, "percent": rules.repair.most_percent}
    found = Checked.LEFT if left else Checked.NOTHING_LEFT
    return Condition(name=ConditionName.SOMETHING_LEFT, found=found, is_met=left > 0, facts=facts)


def _rectified(alert: AlertFacts | None) -> Condition:
    if alert is None or alert.ordered is None:
        found, is_met = Checked.NOTHING_ORDERED, True
    elif alert.state is AlertState.CLOSED:
        found, is_met = Checked.RECTIFIED, True
    elif alert.ordered is AlertAction.REPORT_RECTIFIED:
        found, is_met = Checked.TO_BE_CHECKED, False
    else:
        found, is_met = Checked.TO_BE_RECTIFIED, False
    facts = {} if alert is None else {"number": alert.alert_id, "day": alert.rectify_by or "—"}
    return Condition(name=ConditionName.RECTIFIED, found=found, is_met=is_met, facts=facts)


def _clean(subject: Subject, rules: CreditRules, day: date) -> Condition:
    """It is so many days since the last standing deduction: that day does not count itself (民法典 §201)."""
    zone = ZoneInfo(subject.timezone)
    deductions = [one for one in standing(subject.ledger) if one.points < 0 and one.repairs is None]
    last = max(one.occurred_at for one in [*deductions, subject.event]).astimezone(zone).date()
    is_grave = subject.event.points <= rules.repair.grave_points
    days = rules.repair.grave_clean_days if is_grave else rules.repair.clean_days
    from_day = last + timedelta(days=days)
    _, next_cycle = _cycle(subject, rules)
    if day >= from_day:
        found = Checked.CLEAN
    else:
        found = Checked.NOT_CLEAN_YET if from_day < next_cycle else Checked.NOT_IN_THIS_CYCLE
    facts = {"days": days, "last": last, "day": from_day, "end": next_cycle - _ONE_DAY}
    is_met = day >= from_day
    met_from = None if is_met else from_day
    return Condition(name=ConditionName.CLEAN_DAYS, found=found, is_met=is_met, facts=facts, from_day=met_from)


def _cycle(subject: Subject, rules: CreditRules) -> tuple[date, date]:
    of_day = subject.event.occurred_at.astimezone(ZoneInfo(subject.timezone)).date()
    return cycle_of(of_day, rules)


def _effort(subject: Subject, shown: Shown | None, rules: CreditRules) -> Condition:
    facts: dict[str, object] = {}
    if shown is None:
        found = Checked.NO_EFFORT
    elif shown.effort not in rules.repair.efforts:
        found = Checked.EFFORT_NOT_TAKEN
    elif shown.effort is Effort.TRAINING:
        found = Checked.TRAINED if shown.document_no and shown.document else Checked.NO_EFFORT
        facts = {"document": shown.document_no}
    else:
        found = Checked.PROMISED if _is_kept(subject, shown.promise_id) else Checked.PROMISE_NOT_KEPT
        facts = {"number": shown.promise_id}
    is_met = found in (Checked.TRAINED, Checked.PROMISED)
    return Condition(name=ConditionName.EFFORT, found=found, is_met=is_met, facts=facts)


def promises_that_show_effort(subject: Subject) -> list[Promise]:
    """Return the promises that were made and kept so far, and whose term was not over when the deduction happened."""
    return [
        one
        for one in subject.promises
        if one.state in _PROMISED and one.until is not None and one.until > subject.event.occurred_at
    ]


def _is_kept(subject: Subject, promise_id: int | None) -> bool:
    return any(one.promise_id == promise_id for one in promises_that_show_effort(subject))
