"""A score is a pure function of the ledger and the rules. Facts are appended, conclusions derived."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from credit.rules import CreditRules, Tier
from domain.alert import AlertKind, Severity
from domain.credit import CreditEvent

_MONTHS_IN_A_CYCLE = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """A vendor's standing at a date. `counted` are the events of the running cycle: their points explain the score."""

    score: int
    tier: Tier
    cycle_from: date
    cycle_to: date
    counted: tuple[CreditEvent, ...]
    unclamped: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Charge:
    """What a confirmed alert costs, and the words of the rule that says so."""

    points: int
    rule: str
    reason: str


def cycle_of(day: date, rules: CreditRules) -> tuple[date, date]:
    """Return the first day of the cycle `day` is in, and the first day of the next."""
    months = _MONTHS_IN_A_CYCLE[rules.cycle]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    next_month = first.month - 1 + months
    return first, date(first.year + next_month // 12, next_month % 12 + 1, 1)


def score_at(events: Iterable[CreditEvent], rules: CreditRules, day: date, timezone: str) -> Score:
    """Score the ledger of one vendor on `day`, by the calendar of its market.

    Counted are the events that occurred in the running cycle up to that day. The sum is clamped once, at the end,
    so that a reversal gives back exactly what was taken.
    """
    zone = ZoneInfo(timezone)
    cycle_from, cycle_to = cycle_of(day, rules)
    counted = tuple(event for event in events if cycle_from <= event.occurred_at.astimezone(zone).date() <= day)
    unclamped = rules.base + sum(event.points for event in counted)
    score = max(rules.floor, min(rules.ceiling, unclamped))
    return Score(
        score=score,
        tier=rules.tier_of(score),
        cycle_from=cycle_from,
        cycle_to=cycle_to,
        counted=counted,
        unclamped=unclamped,
    )


def charge_for(
    *,
    kind: AlertKind,
    severity: Severity,
    occurred_at: datetime,
    business_day: date,
    ledger: Sequence[CreditEvent],
    rules: CreditRules,
    timezone: str,
) -> Charge | None:
    """Say what confirming an alert costs; None where the rules hold no deduction for its kind.

    A deduction of the same kind within `repeat_days` before makes it a repeat. One deduction a kind and day: where
    the day has one already, only what this one is worse by is added, which may be nothing.
    """
    rule = rules.deduction_for(kind)
    if rule is None:
        return None
    standing = _standing(ledger, kind)
    same_day = [e for e in standing if e.occurred_at.astimezone(ZoneInfo(timezone)).date() == business_day]
    earlier = [e for e in standing if e not in same_day]
    since = occurred_at - timedelta(days=rules.repeat_days)
    is_repeat = any(since <= event.occurred_at < occurred_at for event in earlier)
    full = (rule.repeat_points if is_repeat else rule.points)[severity]
    points = min(0, full - sum(event.points for event in same_day))
    name = f"{kind}.{'repeat_points' if is_repeat else 'points'}.{severity}"
    return Charge(points=points, rule=name, reason=kind.value)


def _standing(ledger: Sequence[CreditEvent], kind: AlertKind) -> list[CreditEvent]:
    """The deductions of a kind that no other event has undone."""
    reversed_ids = {event.reverses for event in ledger}
    return [e for e in ledger if e.reason == kind and e.reverses is None and e.event_id not in reversed_ids]
