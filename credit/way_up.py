"""The shortest honest way to a better tier: what may be repaired, what clean months add, or the next cycle. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from credit.rules.shape import BonusName, CreditRules, Tier
from credit.scoring import Score, standing
from domain.credit import CreditEvent

_PERCENT = 100


class StepKind(StrEnum):
    """What a vendor can do, or wait for."""

    REPAIR = "repair"
    CLEAN_MONTH = "clean_month"
    SCALE_USE = "scale_use"
    NEXT_CYCLE = "next_cycle"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What gives so many points from a day on, if nothing is charged until then. `event_id`: what is repaired."""

    kind: StepKind
    day: date
    points: int
    event_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WayUp:
    """How to reach a tier: `steps` in the order of their days, the last of which is the day it is reached.

    `missing`: how many points the score lacks today. `veto`: a veto item stands, which nothing outweighs in this cycle.
    Empty steps: the vendor is there already.
    """

    target: Tier
    missing: int
    steps: tuple[Step, ...]
    veto: bool = False

    @property
    def day(self) -> date | None:
        """When the tier is reached; None where it is reached already."""
        return self.steps[-1].day if self.steps else None


def way_up(
    ledger: Sequence[CreditEvent], score: Score, rules: CreditRules, *, today: date, timezone: str, target: Tier
) -> WayUp:
    """Return the fewest steps by which a vendor reaches `target` the soonest, if nothing is charged meanwhile.

    With a new cycle every score begins anew with the base: that is the last resort, and it is always there for a tier
    that the base reaches. A tier above the base that no step reaches in this cycle has the steps that lead nearest.
    """
    missing = max(0, target.from_points - score.score)
    if not missing and not score.vetoes:
        return WayUp(target=target, missing=0, steps=())
    anew = Step(kind=StepKind.NEXT_CYCLE, day=score.cycle_to, points=max(0, rules.base - score.score))
    if score.vetoes:
        return WayUp(target=target, missing=missing, steps=(anew,), veto=True)
    # What lies below the floor has to be made up for first.
    needed = target.from_points - score.unclamped
    chosen = _fewest(_offered(ledger, score, rules, today, ZoneInfo(timezone)), needed)
    if chosen is None:
        chosen = [anew]
    return WayUp(target=target, missing=missing, steps=tuple(sorted(chosen, key=_by_day)))


def _offered(
    ledger: Sequence[CreditEvent], score: Score, rules: CreditRules, today: date, zone: ZoneInfo
) -> list[Step]:
    steps = [*_repairs(ledger, score, rules, today, zone), *_merits(ledger, score, rules, today, zone)]
    return sorted((one for one in steps if one.day < score.cycle_to), key=_by_day)


def _by_day(step: Step) -> tuple[date, int]:
    return step.day, -step.points


def _fewest(steps: Iterable[Step], needed: int) -> list[Step] | None:
    """Return as few as it takes of the steps that can be taken until the first day on which they suffice."""
    so_far: list[Step] = []
    for step in steps:
        so_far.append(step)
        if sum(one.points for one in so_far) >= needed:
            chosen: list[Step] = []
            for one in sorted(so_far, key=lambda one: (-one.points, one.day)):
                if sum(kept.points for kept in chosen) < needed:
                    chosen.append(one)
            return chosen
    return None


def _repairs(
    ledger: Sequence[CreditEvent], score: Score, rules: CreditRules, today: date, zone: ZoneInfo
) -> Iterator[Step]:
    stand = standing(ledger)
    deductions = [event for event in stand if event.points < 0]
    back: dict[int, int] = {}
    for one in stand:
        if one.repairs is not None:
            back[one.repairs] = back.get(one.repairs, 0) + one.points
    last = max((event.occurred_at.astimezone(zone).date() for event in deductions), default=today)
    for event in score.counted:
        points = -event.points * rules.repair.most_percent // _PERCENT - back.get(event.event_id, 0)
        if event.points >= 0 or event.is_veto or points <= 0:
            continue
        is_grave = event.points <= rules.repair.grave_points
        clean = rules.repair.grave_clean_days if is_grave else rules.repair.clean_days
        day = max(today, last + timedelta(days=clean))
        yield Step(kind=StepKind.REPAIR, day=day, points=points, event_id=event.event_id)


def _merits(
    ledger: Sequence[CreditEvent], score: Score, rules: CreditRules, today: date, zone: ZoneInfo
) -> Iterator[Step]:
    for name, kind in ((BonusName.CLEAN_MONTH, StepKind.CLEAN_MONTH), (BonusName.SCALE_USE, StepKind.SCALE_USE)):
        rule = rules.bonus_for(name)
        if rule is None:
            continue
        left = rule.most_a_cycle - sum(event.points for event in score.counted if event.reason == name)
        months = _months_to_come(score, today)
        spoilt = _months_of(
            (event for event in standing(ledger) if event.points < 0 and name is BonusName.CLEAN_MONTH), zone
        )
        for last_day in months:
            points = min(rule.points, left)
            if points > 0 and (last_day.year, last_day.month) not in spoilt:
                left -= points
                yield Step(kind=kind, day=last_day, points=points)


def _months_to_come(score: Score, today: date) -> list[date]:
    """Return the last days of the months of the cycle that are not over."""
    days, first = list[date](), date(today.year, today.month, 1)
    while first < score.cycle_to:
        after = (first + timedelta(days=32)).replace(day=1)
        days.append(after - timedelta(days=1))
        first = after
    return days


def _months_of(events: Iterable[CreditEvent], zone: ZoneInfo) -> set[tuple[int, int]]:
    days = (event.occurred_at.astimezone(zone).date() for event in events)
    return {(day.year, day.month) for day in days}
