"""Applications for repair of credit: the list, one with its conditions and trail, and the form of a vendor's report."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from credit.repairs.entry import Application, Verdict
from credit.rules.book import rules_now
from db import alert_pages, credit_repairs, registry
from domain.errors import NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from domain.repair import RepairAction, RepairState
from web.access import Viewer
from web.credit_repairs import file_application, party, repair_for, settle
from web.i18n import mark
from web.pages.vendors import Refused, report_page
from web.signed_in import RecordsCredit, SeesCredit
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
PAGE_SIZE: Final = 50
_MAX_ID: Final = 2**63 - 1
#: Further than so many in a state are not counted.
_COUNTED: Final = 1000

_Line = Annotated[str, Form(max_length=400)]
_Text = Annotated[str, Form(max_length=10_000)]
_Number = Annotated[int, Form(ge=0, le=_MAX_ID)]


class ShownRepairs(StrEnum):
    """The tabs of the list."""

    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


TABS: Final = {
    ShownRepairs.WAITING: (mark("Repair applied for"), RepairState.APPLIED),
    ShownRepairs.GRANTED: (mark("Repair granted"), RepairState.GRANTED),
    ShownRepairs.REFUSED: (mark("Repair refused"), RepairState.REFUSED),
    ShownRepairs.WITHDRAWN: (mark("Application withdrawn"), RepairState.WITHDRAWN),
}


@router.get("/repairs")
def repair_list(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCredit,
    show: ShownRepairs = ShownRepairs.WAITING,
    market: Annotated[str, Query(max_length=64)] = "",
    before: Annotated[int | None, Query(ge=1, le=_MAX_ID)] = None,
) -> HTMLResponse:
    """Applications by where they stand, the newest first."""
    scope = viewer.narrow(MarketId(market) if market else None)
    counts = credit_repairs.counts_up_to(conn, scope, _COUNTED)
    _title, state = TABS[show]
    found = credit_repairs.listed(conn, scope, [state], limit=PAGE_SIZE + 1, before=before)
    return running.renderer.page(
        request,
        "repairs.html",
        viewer=viewer,
        show=show,
        market=market,
        before=before,
        older=found[PAGE_SIZE - 1].repair.repair_id if len(found) > PAGE_SIZE else None,
        markets=registry.markets(conn) if viewer.scope is None else [],
        tabs=[(key, title, _count(counts, of)) for key, (title, of) in TABS.items()],
        repairs=found[:PAGE_SIZE],
        rules=rules_now(conn, running.config.credit_rules, now),
    )


def _count(counts: Mapping[RepairState, int], state: RepairState) -> str:
    return f"{counts[state]}{'+' if counts[state] >= _COUNTED else ''}"


@router.get("/repairs/{repair_id}")
def one_repair(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesCredit, repair_id: int
) -> HTMLResponse:
    """One application: its deduction, each condition as it is now, its trail, and the decision."""
    return _page(request, running, conn, now, viewer, repair_id)


@router.post("/vendors/{market_id}/{vendor_id}/repairs")
def apply_for_repair(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: RecordsCredit,
    market_id: MarketId,
    vendor_id: VendorId,
    event_id: _Number = 0,
    effort: _Line = "",
    document_no: _Line = "",
    document: _Text = "",
    promise_id: _Line = "",
    words: _Text = "",
) -> Response:
    """File what a vendor asks for; refused, what was typed stays."""
    typed = {
        "effort": effort,
        "document_no": document_no,
        "document": document,
        "promise_id": promise_id,
        "words": words,
    }
    asked = Application(event_id=event_id, **typed)
    try:
        filed = file_application(conn, running, party(viewer), market_id, vendor_id, asked, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        refused = Refused(error=error, form=f"repair-{event_id}", typed=typed)
        return report_page(request, running, conn, now, viewer, market_id, vendor_id, refused=refused)
    return RedirectResponse(f"/repairs/{filed.repair_id}", _SEE_OTHER)


@router.post("/repairs/{repair_id}/{action}")
def settle_repair(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: RecordsCredit,
    repair_id: int,
    action: RepairAction,
    reason: _Text = "",
    points: _Line = "",
    revision: Annotated[int | None, Form()] = None,
) -> Response:
    """Grant, refuse or withdraw an application; refused, what was typed stays."""
    verdict = Verdict(action=action, reason=reason, points=points, revision=revision)
    try:
        settle(conn, running, party(viewer), repair_id, verdict, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        refused = Refused(error=error, form=action.value, typed={"reason": reason, "points": points})
        return _page(request, running, conn, now, viewer, repair_id, refused=refused)
    return RedirectResponse(f"/repairs/{repair_id}", _SEE_OTHER)


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    now: Now,
    viewer: Viewer,
    repair_id: int,
    *,
    refused: Refused | None = None,
) -> HTMLResponse:
    view = repair_for(conn, running, viewer, repair_id, now=now)
    people = {view.event.recorded_by, *(one.actor for one in view.steps)}
    return running.renderer.page(
        request,
        "repair.html",
        viewer=viewer,
        status=200 if refused is None else refused.status,
        view=view,
        refused=refused,
        people=alert_pages.display_names(conn, people),
        rules=view.rules,
    )
