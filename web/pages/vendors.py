"""Vendors' standings, and the credit report that explains every point."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from psycopg import Connection

from credit.rules.book import rules_now
from credit.standings import standings_page
from db import alert_pages, registry
from domain.alert import AlertState
from domain.errors import IllegalTransition, RuleViolation
from domain.ids import MarketId, VendorId
from supervision.alerts.states import AWAITING, STANDING
from web.access import Viewer
from web.alert_lines import lines_of
from web.counting import NotCounted
from web.credit_acts import records_view
from web.credit_repairs import repairs_view
from web.credit_reports import ledger_file, not_counted, report_for
from web.i18n import language_of
from web.rendering import LANGUAGE_COOKIE
from web.signed_in import SeesCredit
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 100
#: Of this cycle, and yet not in the sum.
_ASIDE = frozenset({NotCounted.UNDONE, NotCounted.UNDOES, NotCounted.WORSE_COUNTS})
_CONFLICT, _UNPROCESSABLE = 409, 422


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A form of a report that was refused: why, which one, and what was typed into it."""

    error: RuleViolation
    form: str
    typed: Mapping[str, str]

    @property
    def status(self) -> int:
        """The status of the page that says so."""
        return _CONFLICT if isinstance(self.error, IllegalTransition) else _UNPROCESSABLE


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
    return report_page(request, running, conn, now, viewer, market_id, vendor_id)


def report_page(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    viewer: Viewer,
    market_id: MarketId,
    vendor_id: VendorId,
    *,
    refused: Refused | None = None,
) -> HTMLResponse:
    """Return the credit report of a vendor; `refused`: with the form that was."""
    report = report_for(conn, running, viewer, market_id, vendor_id, now=now)
    why_not = not_counted(report)
    outcomes = Counter(alert.state for alert in report.alerts)
    recorded = records_view(conn, viewer, report)
    people = {line.event.recorded_by for line in report.ledger}
    repairs = repairs_view(
        conn,
        market_id,
        vendor_id,
        [line.event for line in report.ledger],
        report.score.counted,
        rules=report.rules,
        now=now,
    )
    people |= {one.withdrawn_by for one in recorded.records if one.withdrawn_by is not None}
    return running.renderer.page(
        request,
        "vendor.html",
        viewer=viewer,
        status=200 if refused is None else refused.status,
        report=report,
        recorded=recorded,
        repairs=repairs,
        refused=refused,
        counted=[line for line in report.ledger if line.counts],
        aside=[line for line in report.ledger if why_not.get(line.event.event_id) in _ASIDE],
        other=[line for line in report.ledger if why_not.get(line.event.event_id) is NotCounted.OTHER_CYCLE],
        why_not=why_not,
        last_day=report.score.cycle_to - timedelta(days=1),
        alerts=lines_of(report.alerts, running.config.rules_policy, authority=None),
        people=alert_pages.display_names(conn, people),
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
