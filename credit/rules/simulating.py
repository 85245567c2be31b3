"""What a change of the rules would have done to everybody: tiers before and after, market by market. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from credit.rules.replaying import replayed
from credit.rules.shape import CreditRules
from credit.rules.versions import Rulebook
from credit.scoring import score_at, standing
from domain.credit import CreditEvent
from domain.ids import MarketId, VendorId


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A vendor with its ledger."""

    market_id: MarketId
    vendor_id: VendorId
    timezone: str
    ledger: Sequence[CreditEvent]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A vendor whose tier would have been another on a day."""

    market_id: MarketId
    vendor_id: VendorId
    day: date
    score_before: int
    tier_before: str
    score_after: int
    tier_after: str


@dataclass(kw_only=True, slots=True)
class OfMarket:
    """How many vendors of a market were, and would have been, in which tier, by day."""

    before: dict[date, Counter[str]] = field(default_factory=dict)
    after: dict[date, Counter[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulation:
    """All of it. `days`: those looked at. `changes`: who would have had another tier, by day and vendor."""

    days: tuple[date, ...]
    markets: dict[MarketId, OfMarket]
    changes: tuple[Change, ...]
    vendors: int


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Return the last days of the months from `first` to `last`, and `last`."""
    days, day = set[date](), first
    while day <= last:
        month_after = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        days.add(min(last, month_after - timedelta(days=1)))
        day = month_after
    return tuple(sorted(days))


def simulate(subjects: Iterable[Subject], book: Rulebook, rules: CreditRules, *, first: date, last: date) -> Simulation:
    """Score everybody as it was and as it would have been, with the rules in force all along since `first`.

    What happened before `first` is charged as it was: the change would have begun on that day.
    """
    days = days_between(first, last)
    markets: dict[MarketId, OfMarket] = {}
    changes, vendors = list[Change](), 0
    for subject in subjects:
        vendors += 1
        of_market = markets.setdefault(subject.market_id, OfMarket())
        anew = _anew(subject, rules, first)
        for day in days:
            before = score_at(subject.ledger, book.at(day), day, subject.timezone)
            after = score_at(anew, rules, day, subject.timezone)
            of_market.before.setdefault(day, Counter())[before.tier.name] += 1
            of_market.after.setdefault(day, Counter())[after.tier.name] += 1
            if before.tier.name != after.tier.name:
                changes.append(
                    Change(
                        market_id=subject.market_id,
                        vendor_id=subject.vendor_id,
                        day=day,
                        score_before=before.score,
                        tier_before=before.tier.name,
                        score_after=after.score,
                        tier_after=after.tier.name,
                    )
                )
    changes.sort(key=lambda one: (one.day, one.market_id, one.vendor_id))
    return Simulation(days=days, markets=markets, changes=tuple(changes), vendors=vendors)


def _anew(subject: Subject, rules: CreditRules, first: date) -> list[CreditEvent]:
    if not subject.ledger:
        return []
    made = {event.event_id: event for event in replayed(subject.ledger, rules, subject.timezone)}
    zone = ZoneInfo(subject.timezone)
    kept = (event for event in standing(subject.ledger) if event.occurred_at.astimezone(zone).date() < first)
    return [*kept, *(one for one in made.values() if one.occurred_at.astimezone(zone).date() >= first)]
