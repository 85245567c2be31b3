"""A score is a pure function of the ledger and the rules. Facts are appended, conclusions derived."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from credit.rules.shape import CreditRules, Tier
from domain.alert import AlertKind, Severity
from domain.credit import CreditEvent

_NOON = time(12)
_MONTHS_IN_A_CYCLE = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """A vendor's standing at a date. `counted` are the events whose points make it: they explain the score.

    `unclamped` is the base with their points, less `held_back`: merits beyond what the rules add in a cycle.
    `vetoes`: those of the events while which the tier is the last one, whatever the score.
    """

    score: int
    tier: Tier
    cycle_from: date
    cycle_to: date
    counted: tuple[CreditEvent, ...]
    unclamped: int
    held_back: int = 0
    vetoes: tuple[CreditEvent, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Charge:
    """What a confirmed alert costs, when that counts, and the words of the rule that says so."""

    points: int
    rule: str
    reason: str
    occurred_at: datetime
    is_veto: bool = False


def cycle_of(day: date, rules: CreditRules) -> tuple[date, date]:
    """Return the first day of the cycle `day` is in, and the first day of the next."""
    months = _MONTHS_IN_A_CYCLE[rules.cycle]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    next_month = first.month - 1 + months
    return first, date(first.year + next_month // 12, next_month % 12 + 1, 1)


def score_at(
    events: Iterable[CreditEvent], rules: CreditRules, day: date, timezone: str, *, known_at: datetime | None = None
) -> Score:
    """Score the ledger of one vendor on `day`, by the calendar of its market, as it was known at a moment.

    `known_at` None: with all that became known since. With it, the answer is the same today and in a year: what was
    recorded later is not seen, neither deductions of that day nor what was given back.

    Counted are the standing events of the running cycle up to that day, of a kind and day only as many as the rules
    say, the worst first: a wrong PLU in the morning is not 200 deductions, and when the worst is overturned the next
    one counts; the worst after what was repaired, so that nobody is better off with a breach than without it. A
    repair counts beside the event it repairs. The sum is clamped once, at the end, so that nothing is
    lost on the way. Scores are kept in `scores_of_cycle` of the database too, for lists.
    """
    zone = ZoneInfo(timezone)
    cycle_from, cycle_to = cycle_of(day, rules)
    by_reason: dict[str, dict[date, list[CreditEvent]]] = {}
    repairs, vetoes = list[CreditEvent](), list[CreditEvent]()
    known = [event for event in events if known_at is None or event.recorded_at <= known_at]
    for event in standing(known):
        of_day = event.occurred_at.astimezone(zone).date()
        if not cycle_from <= of_day <= day:
            continue
        if event.repairs is not None:
            repairs.append(event)
            continue
        by_reason.setdefault(event.reason, {}).setdefault(of_day, []).append(event)
        if event.is_veto:
            vetoes.append(event)
    back = _given_back_of(repairs)
    counted = [
        event
        for reason, days in by_reason.items()
        for of_day in days.values()
        for event in sorted(of_day, key=lambda one: _worst_first(one, back))[: rules.a_day(reason)]
    ]
    shown = {event.event_id for event in counted}
    counted = sorted([*counted, *(one for one in repairs if one.repairs in shown)], key=lambda event: event.event_id)
    held_back = _beyond_limits(counted, rules)
    unclamped = rules.base + sum(event.points for event in counted) - held_back
    score = max(rules.floor, min(rules.ceiling, unclamped))
    return Score(
        score=score,
        tier=rules.tier_of(score, has_veto=bool(vetoes)),
        cycle_from=cycle_from,
        cycle_to=cycle_to,
        counted=tuple(counted),
        unclamped=unclamped,
        held_back=held_back,
        vetoes=tuple(sorted(vetoes, key=lambda event: event.event_id)),
    )


def _given_back_of(repairs: Iterable[CreditEvent]) -> dict[int, int]:
    back: dict[int, int] = {}
    for one in repairs:
        if one.repairs is not None:
            back[one.repairs] = back.get(one.repairs, 0) + one.points
    return back


def _worst_first(event: CreditEvent, back: Mapping[int, int]) -> tuple[int, int]:
    """After what was repaired: a line that takes less now does not stand before one that takes more."""
    return -abs(event.points + back.get(event.event_id, 0)), event.event_id


def _beyond_limits(counted: Iterable[CreditEvent], rules: CreditRules) -> int:
    sums: dict[str, int] = {}
    for event in counted:
        sums[event.reason] = sums.get(event.reason, 0) + event.points
    return sum(max(0, sums.get(reason, 0) - most) for reason, most in rules.most_a_cycle().items())


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
    return Charge(
        points=rules.points_for(rule, severity, is_repeat=is_repeat),
        rule=f"{kind}.{'repeat_points' if is_repeat else 'points'}.{severity}",
        reason=kind.value,
        occurred_at=occurred_at,
        is_veto=severity in rule.veto,
    )


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
