"""A vendor's credit report: the score, and behind every point its alert, rule and decision."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.rules.shape import CreditRules
from credit.scoring import Score, score_at
from db import alerts, credit, promises, registry
from db.registry import Market, Vendor
from domain.alert import Alert, AlertState
from domain.credit import CreditEvent
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from domain.promise import Promise

_ALERTS_SHOWN = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerLine:
    """One event of the ledger with the alert it came from, and whether it counts in the running cycle."""

    event: CreditEvent
    alert: Alert | None
    counts: bool


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


def credit_report(
    conn: Connection, market_id: MarketId, vendor_id: VendorId, *, rules: CreditRules, now: datetime
) -> CreditReport:
    """Put a vendor's report together. Raise NotFound where there is no such vendor."""
    vendor = registry.vendor(conn, market_id, vendor_id, now)
    if vendor is None:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    market = next(one for one in registry.markets(conn) if one.market_id == market_id)
    day = now.astimezone(ZoneInfo(market.timezone)).date()
    ledger = credit.of_vendor(conn, market_id, vendor_id)
    score = score_at(ledger, rules, day, market.timezone)
    of_vendor = alerts.visible(conn, market_id, set(AlertState), vendor_id=vendor_id, limit=_ALERTS_SHOWN)
    by_id = {alert.alert_id: alert for alert in of_vendor}
    return CreditReport(
        vendor=vendor,
        market=market,
        day=day,
        score=score,
        rules=rules,
        ledger=tuple(
            LedgerLine(event=event, alert=_alert_of(conn, event, by_id), counts=event in score.counted)
            for event in reversed(ledger)
        ),
        alerts=tuple(of_vendor),
        promises=tuple(reversed(promises.of_vendor(conn, market_id, vendor_id))),
    )


def _alert_of(conn: Connection, event: CreditEvent, known: dict[int, Alert]) -> Alert | None:
    if event.alert_id is None:
        return None
    return known.get(event.alert_id) or alerts.by_id(conn, event.alert_id)
