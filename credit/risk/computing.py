"""The month of a market, computed: counted by the database, decided by pure functions, stored once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.risk.assessing import assess
from credit.risk.classing import classed
from credit.risk.policy import RiskPolicy
from credit.risk.turning import turned_market, turned_vendors
from db import registry, risk_classes, risk_counts
from db.risk_classes import NewRun
from db.risk_counts import Standing, Window
from domain.alert import Severity
from domain.errors import FieldRefused, NotFound
from domain.ids import MarketId, VendorId
from domain.notice import NewHappening, NoticeKind
from domain.risk import Classed, ConfirmedAlert, Indicators, Turn, Weighed, months_before
from domain.supervision_item import RiskClass
from pricing.policy import RulesPolicy
from supervision.alerts.handling import SYSTEM
from supervision.alerts.states import STANDING
from supervision.notices.telling import tell

#: Ratios of visits are of a year.
_YEAR: Final = 12
_WHO_IS_TOLD: Final = "regulator"
_Counted = TypeVar("_Counted")


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskPolicies:
    """By what classes are computed: the policy of classes, and the rules that say how severe an alert is."""

    risk: RiskPolicy
    rules: RulesPolicy


def compute(
    conn: Connection, market_id: MarketId, month: date, *, policies: RiskPolicies, now: datetime
) -> NewRun | None:
    """Class every vendor of a market by what was seen until the end of a month, and keep it, in one transaction.

    `month`: its first day. Return what was computed; None where it was computed before, and then nothing changes.
    Raise NotFound for a market that is not registered, FieldRefused for a month that is not over.
    """
    window = window_of(conn, market_id, month, policy=policies.risk, now=now)
    with conn.transaction():
        risk_counts.lock_market(conn, market_id)
        if risk_classes.is_computed(conn, market_id, month):
            return None
        run = _computed(conn, window, policies)
        risk_classes.store(conn, run, by=SYSTEM)
        if run.turns:
            tell(conn, _told(run))
    return run


def window_of(conn: Connection, market_id: MarketId, month: date, *, policy: RiskPolicy, now: datetime) -> Window:
    """Return what is looked at for a month. Raise NotFound or FieldRefused, as `compute` does."""
    market = next((one for one in registry.markets(conn) if one.market_id == market_id), None)
    if market is None:
        raise NotFound(f"there is no market {market_id}")
    if month.day != 1:
        raise FieldRefused("month", month.isoformat(), "the first day of a month", problem="not_a_month")
    if months_before(month, -1) > now.astimezone(ZoneInfo(market.timezone)).date():
        raise FieldRefused(
            "month", f"{month:%Y-%m}", "a month that is over by the market's calendar", problem="not_over"
        )
    return Window(
        market_id=market_id,
        timezone=market.timezone,
        month=month,
        next_month=months_before(month, -1),
        first=months_before(month, policy.months - 1),
        statistics_first=months_before(month, policy.prices.months - 1),
        now=now,
    )


def indicators_of(conn: Connection, window: Window, policies: RiskPolicies) -> Iterator[Indicators]:
    """Yield what each vendor of a market is classed by."""
    risk = policies.risk
    severities: dict[tuple[str, int], Severity] = {}
    confirmed: dict[VendorId, list[ConfirmedAlert]] = {}
    for vendor, number, kind, permille, age in risk_counts.confirmed(conn, window, standing_of(risk)):
        severity = severities.get((kind, permille))
        if severity is None:
            # What is about the record of a device has no severity of its own.
            severity = policies.rules.severity_told(kind, permille) or Severity.LOW
            severities[kind, permille] = severity
        one = ConfirmedAlert(alert_id=number, kind=kind, severity=severity, age=age)
        confirmed.setdefault(vendor, []).append(one)
    complaints = _by_vendor(risk_counts.complaints(conn, window))
    promises = _by_vendor(risk_counts.broken_promises(conn, window))
    weighed, overdue = risk_counts.weighed(conn, window), risk_counts.overdue_days(conn, window)
    for vendor in risk_counts.subjects(conn, window):
        counts, silent_days = weighed.get(vendor, (Weighed(), None))
        yield Indicators(
            vendor_id=vendor,
            confirmed=tuple(confirmed.get(vendor, ())),
            complaints=tuple(complaints.get(vendor, ())),
            promises=tuple(promises.get(vendor, ())),
            weighed=counts,
            silent_days=silent_days,
            overdue_days=overdue.get(vendor, 0),
        )


def standing_of(policy: RiskPolicy) -> Standing:
    """Return which alerts count: confirmed and not overturned, of the kinds that stand in a group."""
    return Standing(states=sorted(STANDING), kinds=policy.counted_kinds)


def _computed(conn: Connection, window: Window, policies: RiskPolicies) -> NewRun:
    policy = policies.risk
    since = months_before(window.month, policy.months_counted - 1)
    risk_counts.count_weighings(conn, window, since=since, near_permille=policy.prices.near_permille)
    market = [assess(one, policy) for one in indicators_of(conn, window, policies)]
    classes = classed(market, policy)
    visited = risk_counts.inspected(conn, window, since=months_before(window.month, _YEAR - 1))
    return NewRun(
        market_id=window.market_id,
        month=window.month,
        for_month=window.next_month,
        now=window.now,
        policy_version=policy.version,
        rules_version=policies.rules.version,
        classes=classes,
        inspected=_inspected(classes, visited),
        turns=_turns(conn, window, policy),
    )


def _told(run: NewRun) -> NewHappening:
    """Return what regulators are told of trends that turned: once a market and month, however many there are."""
    return NewHappening(
        kind=NoticeKind.RISK_TURNED,
        market_id=run.market_id,
        alert_id=None,
        at=run.now,
        to_role=_WHO_IS_TOLD,
        note=str(len(run.turns)),
        once=f"risk_turned:{run.market_id}:{run.month:%Y-%m}",
        risk_month=run.month,
    )


def _turns(conn: Connection, window: Window, policy: RiskPolicy) -> list[Turn]:
    standing, of_vendor, of_market = standing_of(policy), policy.warning.vendor, policy.warning.market
    series = risk_counts.vendor_series(
        conn,
        window,
        standing,
        since=months_before(window.month, of_vendor.months_before),
        least_counted=of_vendor.least_counted,
    )
    since = months_before(window.month, of_market.months_before)
    market = turned_market(risk_counts.market_series(conn, window, standing, since=since), of_market)
    return [*([market] if market else []), *turned_vendors(series, of_vendor)]


def _inspected(classes: Sequence[Classed], visited: set[VendorId]) -> Mapping[RiskClass, int]:
    found = dict.fromkeys(RiskClass, 0)
    for one in classes:
        found[one.risk_class] += one.assessed.vendor_id in visited
    return found


def _by_vendor(rows: Iterable[tuple[VendorId, _Counted]]) -> dict[VendorId, list[_Counted]]:
    found: dict[VendorId, list[_Counted]] = {}
    for vendor, one in rows:
        found.setdefault(vendor, []).append(one)
    return found
