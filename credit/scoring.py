"""A score is a pure function of the ledger and the rules. Facts are appended, conclusions derived."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from credit.rules import CreditRules, Tier
from domain.alert import AlertKind, Severity
from domain.credit import CreditEvent

_NOON = time(12)
_MONTHS_IN_A_CYCLE = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """A vendor's standing at a date. `counted` are the events whose points make it: they explain the score."""

    score: int
    tier: Tier
    cycle_from: date
    cycle_to: date
    counted: tuple[CreditEvent, ...]
    unclamped: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Charge:
    """What a confirmed alert costs, when that counts, and the words of the rule that says so."""

    points: int
    rule: str
    reason: str
    occurred_at: datetime


def cycle_of(day: date, rules: CreditRules) -> tuple[date, date]:
    """Return the first day of the cycle `day` is in, and the first day of the next."""
    months = _MONTHS_IN_A_CYCLE[rules.cycle]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    next_month = first.month - 1 + months
    return first, date(first.year + next_month // 12, next_month % 12 + 1, 1)


def score_at(events: Iterable[CreditEvent], rules: CreditRules, day: date, timezone: str) -> Score:
    """Score the ledger of one vendor on `day`, by the calendar of its market.

    Counted are the standing events of the running cycle up to that day, of a kind and day only the worst: a wrong
    PLU in the morning is not 200 deductions, and when the worst is overturned the next one counts. The sum is
    clamped once, at the end.
    """
    zone = ZoneInfo(timezone)
    cycle_from, cycle_to = cycle_of(day, rules)
    worst: dict[tuple[str, date], CreditEvent] = {}
    for event in standing(list(events)):
        of_day = event.occurred_at.astimezone(zone).date()
        if cycle_from <= of_day <= day:
            known = worst.get((event.reason, of_day))
            worst[event.reason, of_day] = event if known is None or event.points < known.points else known
    counted = tuple(sorted(worst.values(), key=lambda event: event.event_id))
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
    """Say what confirming an alert costs by the rules; None where they hold no deduction for its kind.

    A standing deduction of the same kind from another day within `repeat_days` before makes it a repeat.
    """
    rule = rules.deduction_for(kind)
    if rule is None:
        return None
    zone = ZoneInfo(timezone)
    occurred_at = counted_at(occurred_at, business_day, timezone)
    since = occurred_at - timedelta(days=rules.repeat_days)
    is_repeat = any(
        event.reason == kind
        and since <= event.occurred_at < occurred_at
        and event.occurred_at.astimezone(zone).date() != business_day
        for event in standing(ledger)
    )
    points = (rule.repeat_points if is_repeat else rule.points)[severity]
    name = f"{kind}.{'repeat_points' if is_repeat else 'points'}.{severity}"
    return Charge(points=points, rule=name, reason=kind.value, occurred_at=occurred_at)


def counted_at(told: datetime, business_day: date, timezone: str) -> datetime:
    """Return when something counts that a scale's clock told the time of: on its business day, whatever the clock said.

    One that was set back would else carry a deduction into a cycle that is over, or a breach out of a promise's term.
    """
    zone = ZoneInfo(timezone)
    if told.astimezone(zone).date() == business_day:
        return told
    return datetime.combine(business_day, _NOON, zone).astimezone(UTC)


def standing(ledger: Sequence[CreditEvent]) -> list[CreditEvent]:
    """Return the events that no other has undone, without those that only undo."""
    undone = {event.reverses for event in ledger}
    return [event for event in ledger if event.reverses is None and event.event_id not in undone]
