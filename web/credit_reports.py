"""A vendor's credit report, for pages and API alike: seen only by who sees its market."""

import re
from datetime import date, datetime

from fastapi import Response
from psycopg import Connection

from credit.export import as_csv
from credit.report import CreditReport, credit_report, score_on
from credit.rules.book import rulebook
from credit.scoring import Score
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from web.access import Viewer
from web.counting import NotCounted, why_not_counted
from web.i18n import Language
from web.state import Service

_UNSAFE_IN_A_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def not_counted(report: CreditReport) -> dict[int, NotCounted]:
    """Return why each line of a ledger that does not count does not, by event_id."""
    ledger = [line.event for line in report.ledger]
    reasons = {}
    for event in ledger:
        why = why_not_counted(event, ledger=ledger, score=report.score, day=report.day, timezone=report.market.timezone)
        if why is not None:
            reasons[event.event_id] = why
    return reasons


def report_for(
    conn: Connection, running: Service, viewer: Viewer, market_id: MarketId, vendor_id: VendorId, *, now: datetime
) -> CreditReport:
    """Return a vendor's report. Raise NotFound where there is none that the person may see."""
    if not viewer.sees(market_id):
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    return credit_report(conn, market_id, vendor_id, book=rulebook(conn, running.config.credit_rules), now=now)


def score_for(
    conn: Connection,
    running: Service,
    viewer: Viewer,
    market_id: MarketId,
    vendor_id: VendorId,
    *,
    day: date,
    known_at: datetime | None,
    now: datetime,
) -> Score:
    """Return a vendor's score on a day. Raise NotFound where there is none that the person may see."""
    if not viewer.sees(market_id):
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    book = rulebook(conn, running.config.credit_rules)
    return score_on(conn, market_id, vendor_id, day, book=book, known_at=known_at, now=now)


def ledger_file(report: CreditReport, language: Language) -> Response:
    """Return a ledger as a file to keep, in the words of the reader."""
    name = _UNSAFE_IN_A_FILE_NAME.sub("_", f"credit-{report.market.market_id}-{report.vendor.vendor_id}")
    return Response(
        as_csv(report, language.value),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
