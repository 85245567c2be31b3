"""Whether a breach may end in a promise, and what the offer says: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from credit.promises.breaking import broken_by
from credit.promises.policy import PromisesPolicy
from credit.promises.states import GIVEN
from credit.rules.shape import CreditRules
from credit.scoring import Charge, counted_at, cycle_of, standing
from domain.alert import Alert, Severity
from domain.credit import CreditEvent
from domain.promise import NewPromise, Promise, PromiseState
from supervision.deadlines.working_days import WorkingCalendar


class NotOffered(StrEnum):
    """Why a breach may not end in a promise; a page has words for each."""

    NO_VENDOR = "no_vendor"
    OTHER_KIND = "other_kind"
    TOO_SEVERE = "too_severe"
    NOTHING_TO_WAIVE = "nothing_to_waive"
    DEDUCTION_BEFORE = "deduction_before"
    PROMISED_BEFORE = "promised_before"
    ENOUGH_IN_CYCLE = "enough_in_cycle"
    BREAKS_A_PROMISE = "breaks_a_promise"


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A vendor as a decision about it finds it."""

    ledger: Sequence[CreditEvent]
    promises: Sequence[Promise]


def may_offer(
    alert: Alert,
    severity: Severity | None,
    charge: Charge | None,
    *,
    vendor: Standing,
    policy: PromisesPolicy,
    rules: CreditRules,
    now: datetime,
) -> tuple[NotOffered, ...]:
    """Return why confirming an alert may not end in a promise; nothing where it may.

    A first breach has, within its promise's scope, no standing deduction and no promise of the days before it. One
    that was annulled was never a promise; days are counted back from the breach, and what came after it counts too.
    """
    family = policy.family_for(alert.kind)
    if family is None:
        return (NotOffered.OTHER_KIND,)
    if alert.vendor_id is None:
        return (NotOffered.NO_VENDOR,)
    happened = counted_at(alert.last_at, alert.business_day, alert.timezone)
    since = happened - timedelta(days=policy.first.within_days)
    zone = ZoneInfo(alert.timezone)
    cycle = cycle_of(now.astimezone(zone).date(), rules)
    promises = [one for one in vendor.promises if one.state is not PromiseState.VOID]
    scope = {kind.value for kind in family.scope}
    of_cycle = [one for one in promises if cycle_of(one.offered_at.astimezone(zone).date(), rules) == cycle]
    checks = {
        NotOffered.TOO_SEVERE: severity not in family.severities or (charge is not None and charge.is_veto),
        NotOffered.NOTHING_TO_WAIVE: charge is None,
        NotOffered.DEDUCTION_BEFORE: any(
            event.reason in scope and event.points < 0 and event.occurred_at >= since
            for event in standing(vendor.ledger)
        ),
        NotOffered.PROMISED_BEFORE: any(
            scope & {kind.value for kind in one.scope} and one.offered_at >= since for one in promises
        ),
        NotOffered.ENOUGH_IN_CYCLE: len(of_cycle) >= policy.first.most_per_cycle,
        NotOffered.BREAKS_A_PROMISE: any(one.state in GIVEN and broken_by(one, alert) for one in promises),
    }
    return tuple(reason for reason, is_so in checks.items() if is_so)


def new_offer(
    alert: Alert,
    charge: Charge,
    *,
    policy: PromisesPolicy,
    rules: CreditRules,
    calendar: WorkingCalendar,
    now: datetime,
) -> NewPromise:
    """Return the offer of a promise: everything that it will be held to, as policy and rules say it now."""
    family = policy.family_for(alert.kind)
    if family is None or alert.vendor_id is None:
        raise ValueError(f"alert {alert.alert_id} may not end in a promise")
    names = {"vendor": alert.vendor_name or alert.vendor_id, "market": alert.market_name}
    return NewPromise(
        market_id=alert.market_id,
        vendor_id=alert.vendor_id,
        alert_id=alert.alert_id,
        family=family.name,
        scope=family.scope,
        text_zh=family.text("zh", **names),
        text_en=family.text("en", **names),
        term_days=family.term_days,
        factor=policy.broken.factor,
        charges_waived=policy.broken.charges_waived,
        policy_version=policy.version,
        offered_at=now,
        offer_until=_end_of(calendar.after(_day(now, alert.timezone), policy.offer.working_days), alert.timezone),
        occurred_at=charge.occurred_at,
        waived_kind=alert.kind,
        waived_points=charge.points,
        waived_rule=charge.rule,
        rules_version=rules.version,
    )


def term_end(made_at: datetime, term_days: int, timezone: str) -> datetime:
    """Return when the term of a promise is over: at the end of its last day, by the market's calendar."""
    return _end_of(_day(made_at, timezone) + timedelta(days=term_days), timezone)


def _day(moment: datetime, timezone: str) -> date:
    return moment.astimezone(ZoneInfo(timezone)).date()


def _end_of(day: date, timezone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone)).astimezone(UTC)
