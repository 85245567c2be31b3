"""How vendors stand in public: what of their ledgers is final, read from the database."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.publicity_rules import AppealSteps, Publicly, public_score
from credit.rules.shape import CreditRules
from credit.scoring import Score, cycle_of
from db import credit, public_pages
from domain.credit import CreditEvent
from domain.ids import MarketId, VendorId
from supervision.policy import SupervisionPolicy


def publicly(rules: CreditRules, policy: SupervisionPolicy, timezone: str, now: datetime) -> Publicly:
    """Return by what something is told in public at a moment in a market of this clock."""
    day = now.astimezone(ZoneInfo(timezone)).date()
    return Publicly(rules=rules, calendar=policy.working_calendar, timezone=timezone, day=day)


def score_of_vendor(conn: Connection, market_id: MarketId, vendor_id: VendorId, by: Publicly) -> Score:
    """Return a vendor's score in public."""
    ledger = credit.of_vendor(conn, market_id, vendor_id)
    return public_score(ledger, _appeals(conn, ledger), by)


def scores_of_market(
    conn: Connection, market_id: MarketId, vendor_ids: Iterable[VendorId], by: Publicly
) -> Mapping[VendorId, Score]:
    """Return the scores of vendors of a market in public: of the running cycle's lines, all read at once."""
    zone = ZoneInfo(by.timezone)
    since, until = (
        datetime.combine(day, time(), zone).astimezone(UTC)
        for day in (cycle_of(by.day, by.rules)[0], by.day + timedelta(days=1))
    )
    ledgers = public_pages.lines_of_cycle(conn, market_id, since, until)
    appeals = _appeals(conn, [line for ledger in ledgers.values() for line in ledger])
    return {one: public_score(ledgers.get(one, []), appeals, by) for one in vendor_ids}


def _appeals(conn: Connection, lines: Iterable[CreditEvent]) -> Mapping[int, AppealSteps]:
    return public_pages.appeal_steps(conn, {line.alert_id for line in lines if line.alert_id is not None})
