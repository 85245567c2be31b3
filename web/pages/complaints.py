"""Complaints for the market's people and the regulator: the list, and typing one in."""

from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection
from starlette.concurrency import run_in_threadpool

from db import complaints, registry
from db.pool import translate_absence
from domain.complaint import (
    ComplaintChannel,
    ComplaintReason,
    ComplaintState,
)
from domain.errors import NotFound
from supervision.complaints.entry import LONGEST_NUMBER, BadComplaint
from supervision.complaints.filing import FiledOtherwise
from web.access import Viewer
from web.complaint_forms import Typed, entry_of, typed_from
from web.complaint_handling import (
    FIGURES_DAYS,
    enter,
    figures_for,
    listed,
    which_of,
)
from web.held_filter import DEFAULT_TIMEZONE
from web.signed_in import HandlesComplaints, SeesComplaints
from web.state import Db, Now, Running, Service
from web.strangers import new_once

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50
_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422
_MAX_ID: Final = 2**63 - 1
_STAFF_CHANNELS: Final = tuple(one for one in ComplaintChannel if one is not ComplaintChannel.TICKET)
_Query = Annotated[str, Query(max_length=64)]
_Before = Annotated[int | None, Query(ge=1, le=_MAX_ID)]


@router.get("/complaints")
def complaints_list(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesComplaints,
    state: Annotated[ComplaintState | None, Query()] = None,
    market: _Query = "",
    channel: _Query = "",
    stall: _Query = "",
    before: _Before = None,
) -> HTMLResponse:
    """What awaits a step, overdue first; or the complaints in a state, the newest first."""
    by_channel = ComplaintChannel(channel) if channel in set(ComplaintChannel) else None
    which = which_of(viewer, market=market, channel=by_channel, stall=stall.strip(), before=before)
    found = listed(conn, which, None if state is None else [state], PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    asked = {"market": market, "channel": by_channel or "", "stall": stall.strip()}
    awaiting, late = complaints.counts(conn, which.market_id, now)
    return running.renderer.page(
        request,
        "complaints.html",
        viewer=viewer,
        complaints=shown,
        state=state,
        states=list(ComplaintState),
        channels=list(ComplaintChannel),
        asked=asked,
        awaiting=awaiting,
        late=late,
        now=now,
        markets=[] if viewer.scope is not None else registry.markets(conn),
        query=lambda **more: urlencode({k: v for k, v in (asked | {"state": state or ""} | more).items() if v}),
        older=shown[-1].complaint_id if len(found) > PAGE_SIZE else None,
        before=before,
        figures=figures_for(conn, viewer, market, FIGURES_DAYS, config=running.config, now=now),
        figures_days=FIGURES_DAYS,
    )


@router.get("/complaints/new")
def form(request: Request, running: Running, conn: Db, viewer: HandlesComplaints) -> HTMLResponse:
    """The form to type one in."""
    return _form(request, running, conn, viewer, Typed(once=new_once()))


@router.post("/complaints")
async def enter_complaint(request: Request, running: Running, now: Now, viewer: HandlesComplaints) -> Response:
    """Keep what was typed; refused, everything stays in the form."""
    typed = typed_from(await request.form())
    return await run_in_threadpool(_enter, request, running, now, viewer, typed)


def _enter(request: Request, running: Service, now: datetime, viewer: Viewer, typed: Typed) -> Response:
    with translate_absence(), running.pool.connection() as conn:
        market = viewer.scope or typed.market
        timezone = next((one.timezone for one in registry.markets(conn) if one.market_id == market), DEFAULT_TIMEZONE)
        channel = ComplaintChannel(typed.channel) if typed.channel in set(_STAFF_CHANNELS) else None
        values = {name: getattr(typed, name) for name in Typed.__slots__} | {"market": market}
        typed = Typed(**values) if typed.once else Typed(**values).with_once(new_once())
        try:
            if channel is None:
                return _form(request, running, conn, viewer, typed, status=_UNPROCESSABLE, problem="no_channel")
            filed = enter(
                conn, viewer, entry_of(typed, channel, timezone), token=typed.once, config=running.config, now=now
            )
        except BadComplaint as refused:
            return _form(request, running, conn, viewer, typed, status=_UNPROCESSABLE, refused=refused)
        except FiledOtherwise as conflict:
            seen = conflict.filed.complaint_id if viewer.sees(conflict.filed.market_id) else None
            again = typed if typed.channel_no.strip() else typed.with_once(new_once())
            return _form(request, running, conn, viewer, again, status=_CONFLICT, problem="conflict", seen=seen)
        except NotFound:
            return _form(request, running, conn, viewer, typed, status=_UNPROCESSABLE, problem="no_market")
    status = "" if filed.is_new else "?known=1"
    token = f"?link={typed.once}" if filed.is_new else status
    return RedirectResponse(f"/complaints/{filed.complaint_id}{token}", _SEE_OTHER)


def _form(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    typed: Typed,
    *,
    status: int = 200,
    refused: BadComplaint | None = None,
    problem: str = "",
    seen: int | None = None,
) -> HTMLResponse:
    return running.renderer.page(
        request,
        "complaint_new.html",
        viewer=viewer,
        status=status,
        typed=typed,
        problems=() if refused is None else refused.problems,
        problem=problem,
        seen=seen,
        markets=[] if viewer.scope is not None else registry.markets(conn),
        channels=_STAFF_CHANNELS,
        reasons=list(ComplaintReason),
        longest=running.config.complaints_policy.filing.longest_words,
        longest_number=LONGEST_NUMBER,
    )
