"""Vendors: standings, the credit report, and the ledger as a file."""

from collections import Counter
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from credit.report import LedgerLine
from credit.rules.book import rulebook, rules_now
from credit.scoring import Score
from credit.standings import Standing, standings_page
from db.registry import Vendor
from domain.alert import AlertState
from domain.credit import CreditEvent
from domain.ids import MarketId, VendorId
from supervision.alerts.states import STANDING
from web.api.models import LedgerEntry, ScoreOn, TierSummary, VendorCredit, VendorPage, VendorStanding, WayUpSeen
from web.credit_reports import ledger_file, report_for, score_for
from web.i18n import Language
from web.signed_in import SeesCredit
from web.state import Db, Now, Running

router = APIRouter(prefix="/vendors", tags=["vendors"])


@router.get("")
def list_vendors(
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCredit,
    market: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> VendorPage:
    """Every visible vendor with its score, the lowest first."""
    scope = viewer.narrow(None if market is None else MarketId(market))
    rules = rules_now(conn, running.config.credit_rules, now)
    found = standings_page(conn, scope, rules=rules, now=now, limit=limit, offset=offset)
    return VendorPage(
        total=found.total,
        limit=limit,
        offset=offset,
        rules_version=rules.version,
        vendors=[_standing(line) for line in found.lines],
    )


@router.get("/{market_id}/{vendor_id}/credit")
def read_credit(
    running: Running, conn: Db, now: Now, viewer: SeesCredit, market_id: MarketId, vendor_id: VendorId
) -> VendorCredit:
    """The credit report: the score, and what stands behind every point."""
    report = report_for(conn, running, viewer, market_id, vendor_id, now=now)
    counts = Counter(alert.state for alert in report.alerts)
    return VendorCredit(
        **_standing_values(report.vendor, report.score),
        day=report.day,
        base=report.rules.base,
        rules_version=report.rules.version,
        ledger=[_entry(line) for line in report.ledger],
        alerts_by_state={state: counts[state] for state in AlertState},
        overcharge_confirmed_fen=sum(a.overcharge_fen for a in report.alerts if a.state in STANDING),
        way_up=None if report.way is None else WayUpSeen.model_validate(report.way),
    )


@router.get("/{market_id}/{vendor_id}/credit/on/{day}")
def read_score_on(
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCredit,
    market_id: MarketId,
    vendor_id: VendorId,
    day: date,
    known_at: Annotated[
        AwareDatetime | None, Query(description="as it was known then; else with all that became known since")
    ] = None,
) -> ScoreOn:
    """The score on a day, by the rules in force on it: as it was known at a moment it is the same for ever."""
    score = score_for(conn, running, viewer, market_id, vendor_id, day=day, known_at=known_at, now=now)
    rules = rulebook(conn, running.config.credit_rules).at(day)
    return ScoreOn(
        day=day,
        known_at=known_at,
        rules_version=rules.version,
        score=score.score,
        tier=TierSummary.model_validate(score.tier),
        cycle_from=score.cycle_from,
        cycle_to=score.cycle_to,
        counted=[event.event_id for event in score.counted],
        has_veto=bool(score.vetoes),
    )


@router.get(
    "/{market_id}/{vendor_id}/credit.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "The ledger."}},
)
def read_ledger(
    running: Running, conn: Db, now: Now, viewer: SeesCredit, market_id: MarketId, vendor_id: VendorId
) -> Response:
    """The ledger of a vendor, for a spreadsheet."""
    return ledger_file(report_for(conn, running, viewer, market_id, vendor_id, now=now), Language.EN)


def _standing(line: Standing) -> VendorStanding:
    return VendorStanding(**_standing_values(line.vendor, line.score))


def _standing_values(vendor: Vendor, score: Score) -> dict[str, Any]:
    return {
        "market_id": vendor.market_id,
        "vendor_id": vendor.vendor_id,
        "vendor_name": vendor.name,
        "stalls": vendor.stalls,
        "score": score.score,
        "tier": TierSummary.model_validate(score.tier),
        "cycle_from": score.cycle_from,
        "cycle_to": score.cycle_to,
    }


def _entry(line: LedgerLine) -> LedgerEntry:
    values = {name: getattr(line.event, name) for name in CreditEvent.__slots__}
    return LedgerEntry.model_validate({**values, "counts_in_cycle": line.counts, "explanation": line.explanation})
