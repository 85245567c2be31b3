"""Vendors' standings, and the credit report that explains every point."""

from collections import Counter
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from credit.rules.book import rules_now
from credit.standings import standings_page
from db import alert_pages, registry
from domain.alert import AlertState
from domain.ids import MarketId, VendorId
from supervision.alerts.states import AWAITING, STANDING
from web.alert_lines import lines_of
from web.counting import NotCounted
from web.credit_reports import ledger_file, not_counted, report_for
from web.i18n import language_of
from web.rendering import LANGUAGE_COOKIE
from web.signed_in import SeesCredit
from web.state import Db, Now, Running

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 100
#: Of this cycle, and yet not in the sum.
_ASIDE = frozenset({NotCounted.UNDONE, NotCounted.UNDOES, NotCounted.WORSE_COUNTS})


@router.get("/vendors")
def vendor_list(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCredit,
    market: Annotated[str, Query(max_length=64)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """Every visible vendor with its score, the lowest first."""
    scope = viewer.narrow(MarketId(market) if market else None)
    rules, offset = rules_now(conn, running.config.credit_rules, now), (page - 1) * PAGE_SIZE
    found = standings_page(conn, scope, rules=rules, now=now, limit=PAGE_SIZE, offset=offset)
    markets = registry.markets(conn)
    return running.renderer.page(
        request,
        "vendors.html",
        viewer=viewer,
        lines=found.lines,
        total=found.total,
        page=page,
        pages=-(-found.total // PAGE_SIZE),
        markets=markets if viewer.scope is None else [],
        market_names={one.market_id: one.name for one in markets},
        market=market,
        rules=rules,
        tiers=found.vendors_by_tier,
    )


@router.get("/vendors/{market_id}/{vendor_id}")
def vendor_report(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesCredit, market_id: MarketId, vendor_id: VendorId
) -> HTMLResponse:
    """The credit report of a vendor."""
    report = report_for(conn, running, viewer, market_id, vendor_id, now=now)
    why_not = not_counted(report)
    outcomes = Counter(alert.state for alert in report.alerts)
    return running.renderer.page(
        request,
        "vendor.html",
        viewer=viewer,
        report=report,
        counted=[line for line in report.ledger if line.counts],
        aside=[line for line in report.ledger if why_not.get(line.event.event_id) in _ASIDE],
        other=[line for line in report.ledger if why_not.get(line.event.event_id) is NotCounted.OTHER_CYCLE],
        why_not=why_not,
        last_day=report.score.cycle_to - timedelta(days=1),
        alerts=lines_of(report.alerts, running.config.rules_policy, authority=None),
        people=alert_pages.display_names(conn, {line.event.recorded_by for line in report.ledger}),
        pinyin=alert_pages.pinyin_of_local_names(conn),
        outcomes=[(state, outcomes[state]) for state in AlertState],
        confirmed_fen=sum(a.overcharge_fen for a in report.alerts if a.state in STANDING),
        awaiting_fen=sum(a.overcharge_fen for a in report.alerts if a.state in AWAITING),
        rules=report.rules,
    )


@router.get("/vendors/{market_id}/{vendor_id}/credit.csv")
def vendor_ledger(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCredit,
    market_id: MarketId,
    vendor_id: VendorId,
) -> Response:
    """The ledger of a vendor, for a spreadsheet, in the language of the pages."""
    language = language_of(request.cookies.get(LANGUAGE_COOKIE))
    return ledger_file(report_for(conn, running, viewer, market_id, vendor_id, now=now), language)
