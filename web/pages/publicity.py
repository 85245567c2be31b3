"""The publicity list: for staff, with requests for repair; and for anybody, with what the law publishes."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import publicity
from domain.errors import RuleViolation
from supervision.alerts.needs import LONGEST_NOTE
from supervision.publicity.repairing import ask_for_repair, decide_repair
from web.access import Permission, Viewer
from web.case_handling import EntryView, entries_for
from web.pages.refused_steps import RefusedStep, refused_step
from web.signed_in import HandlesCases, SeesCases
from web.state import Db, Now, Running, Service
from web.strangers import NOT_INDEXED, Address, take_look_up

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50
_SEE_OTHER: Final = 303
_MAX_ID: Final = 2**63 - 1

_NOTHING_TYPED: Final = {"entry_id": 0, "corrected": "", "duties": "", "promise": "", "reason": ""}

_Text = Annotated[str, Form(max_length=4000)]
_Before = Annotated[int | None, Query(ge=1, le=_MAX_ID)]


@router.get("/publicity")
def staff_list(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCases,
    off: Annotated[bool, Query()] = False,
    before: _Before = None,
) -> HTMLResponse:
    """What is public now, or what came off; with the requests for repair."""
    return _page(request, running, conn, now, viewer, off=off, before=before)


@router.post("/publicity/{entry_id}/repairs")
def ask(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCases,
    entry_id: int,
    corrected: _Text = "",
    duties: _Text = "",
    promise: _Text = "",
) -> Response:
    """Record a request for repair; refused, what was typed stays."""
    said = {"corrected": corrected, "duties": duties, "promise": promise}
    try:
        with conn.transaction():
            ask_for_repair(conn, entry_id, said, by=viewer.actor, now=now)
    except RuleViolation as refused:
        return _page(
            request, running, conn, now, viewer, refused=refused_step(refused), typed={**said, "entry_id": entry_id}
        )
    return RedirectResponse("/publicity", _SEE_OTHER)


@router.post("/publicity/{entry_id}/repairs/{repair_id}")
def decide_one(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesCases,
    entry_id: int,
    repair_id: int,
    reason: _Text = "",
    grant: Annotated[bool, Form()] = False,
) -> Response:
    """Grant or refuse a request, with a reason."""
    try:
        with conn.transaction():
            decide_repair(conn, entry_id, repair_id, is_granted=grant, reason=reason, by=viewer.actor, now=now)
    except RuleViolation as refused:
        typed = {"entry_id": entry_id, "reason": reason}
        return _page(request, running, conn, now, viewer, refused=refused_step(refused), typed=typed)
    return RedirectResponse("/publicity", _SEE_OTHER)


@router.get("/penalties")
def public_list(
    request: Request, running: Running, conn: Db, now: Now, address: Address, before: _Before = None
) -> Response:
    """What anybody may read: who, which document, by which law, what was decided, until when. No personal data."""
    take_look_up(conn, running, address, now)
    found = publicity.listed(conn, market_id=None, is_on=True, now=now, before=before, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    answer = running.renderer.page(
        request,
        "public_penalties.html",
        viewer=None,
        entries=shown,
        older=shown[-1].entry_id if len(found) > PAGE_SIZE else None,
    )
    answer.headers.update(NOT_INDEXED)
    return answer


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    now: Any,
    viewer: Viewer,
    *,
    off: bool = False,
    before: int | None = None,
    refused: RefusedStep | None = None,
    typed: dict[str, Any] | None = None,
) -> HTMLResponse:
    found = entries_for(conn, viewer, is_on=not off, before=before, now=now, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    return running.renderer.page(
        request,
        "publicity.html",
        viewer=viewer,
        status=200 if refused is None else refused.status,
        entries=shown,
        off=off,
        refused=refused,
        typed=_NOTHING_TYPED | (typed or {}),
        typed_left=typed is not None and not _has_its_form(shown, typed, viewer),
        longest=LONGEST_NOTE,
        older=shown[-1].entry.entry_id if len(found) > PAGE_SIZE else None,
    )


def _has_its_form(shown: Sequence[EntryView], typed: dict[str, Any], viewer: Viewer) -> bool:
    """Say whether the form that was filled in stands on the page still."""
    view = next((one for one in shown if one.entry.entry_id == typed["entry_id"]), None)
    if view is None:
        return False
    is_asked = any(one.decided_at is None for one in view.repairs)
    if "reason" in typed:
        return is_asked and viewer.may(Permission.HANDLE_CASES)
    return not is_asked and view.is_on
