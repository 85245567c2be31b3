"""A vendor's credit report: the score, and behind every point its alert, rule and decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.explaining import Decision, Explanation, explained
from credit.rules.shape import CreditRules
from credit.rules.versions import Rulebook
from credit.scoring import Score, score_at
from credit.way_up import WayUp, way_up
from db import alert_steps, alerts, credit, promises, registry
from db.registry import Market, Vendor
from domain.alert import Alert, AlertState
from domain.credit import CreditEvent
from domain.errors import FieldRefused, NotFound
from domain.ids import MarketId, VendorId
from domain.promise import Promise

_ALERTS_SHOWN = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerLine:
    """One event of the ledger with the alert it came from, and whether it counts in the running cycle."""

    event: CreditEvent
    alert: Alert | None
    counts: bool
    explanation: Explanation | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditReport:
    """Everything the report page and its export show."""

    vendor: Vendor
    market: Market
    day: date
    score: Score
    rules: CreditRules
    ledger: tuple[LedgerLine, ...]
    alerts: tuple[Alert, ...]
    promises: tuple[Promise, ...] = ()
    way: WayUp | None = None


def score_on(
    conn: Connection,
    market_id: MarketId,
    vendor_id: VendorId,
    day: date,
    *,
    book: Rulebook,
    known_at: datetime | None,
    now: datetime,
) -> Score:
    """Return a vendor's score on a day by the rules in force on it; with `known_at`, as it was known at that moment.

    Raise NotFound where there is no such vendor, and FieldRefused for a day that is to come.
    """
    market = next((one for one in registry.markets(conn) if one.market_id == market_id), None)
    if market is None or registry.vendor(conn, market_id, vendor_id, now) is None:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    today = now.astimezone(ZoneInfo(market.timezone)).date()
    if day > today:
        raise FieldRefused("day", day.isoformat(), f"today, {today}, or a day before", problem="to_come")
    ledger = credit.of_vendor(conn, market_id, vendor_id)
    return score_at(ledger, book.at(day), day, market.timezone, known_at=known_at)


def credit_report(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, book: Rulebook, now: datetime
) -> CreditReport:
    """Put a vendor's report together, each line explained by the rules it names. Raise NotFound for no such vendor."""
    vendor = registry.vendor(conn, market_id, vendor_id, now)
    if vendor is None:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    market = next(one for one in registry.markets(conn) if one.market_id == market_id)
    day = now.astimezone(ZoneInfo(market.timezone)).date()
    ledger = credit.of_vendor(conn, market_id, vendor_id)
    rules = book.at(day)
    score = score_at(ledger, rules, day, market.timezone)
    way = way_up(ledger, score, rules, today=day, timezone=market.timezone, target=rules.tier[0])
    confirmed = _confirmed(conn, ledger)
    of_vendor = alerts.visible(conn, market_id, set(AlertState), vendor_id=vendor_id, limit=_ALERTS_SHOWN)
    by_id = {alert.alert_id: alert for alert in of_vendor}
    return CreditReport(
        vendor=vendor,
        market=market,
        day=day,
        score=score,
        rules=rules,
        ledger=tuple(
            _line(event, _alert_of(conn, event, by_id), score, book.version(event.rules_version) or rules, confirmed)
            for event in reversed(ledger)
        ),
        alerts=tuple(of_vendor),
        promises=tuple(reversed(promises.of_vendor(conn, market_id, vendor_id))),
        way=way,
    )


def _line(
    event: CreditEvent, alert: Alert | None, score: Score, rules: CreditRules, confirmed: Mapping[int, Decision]
) -> LedgerLine:
    decided = None if event.alert_id is None or event.reverses is not None else confirmed.get(event.alert_id)
    weighings = None if alert is None else alert.occurrences
    return LedgerLine(
        event=event,
        alert=alert,
        counts=event in score.counted,
        explanation=explained(event, rules, weighings=weighings, confirmed=decided),
    )


def _confirmed(conn: Connection, ledger: Sequence[CreditEvent]) -> dict[int, Decision]:
    ids = {event.alert_id for event in ledger if event.alert_id is not None}
    found = alert_steps.confirmations(conn, ids) if ids else {}
    return {alert_id: Decision(actor=actor, at=at, note=note) for alert_id, (actor, at, note) in found.items()}


def _alert_of(conn: Connection, event: CreditEvent, known: dict[int, Alert]) -> Alert | None:
    if event.alert_id is None:
        return None
    return known.get(event.alert_id) or alerts.by_id(conn, event.alert_id)
