"""Complaining, and what became of it: for anybody, with a form that may be sent twice and is one complaint."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection
from starlette.concurrency import run_in_threadpool

from db import complaints, registry
from db.pool import translate_absence
from domain.complaint import COMPLAINANT, Complaint, ComplaintAction, ComplaintChannel, ComplaintReason
from domain.errors import IllegalTransition, RuleViolation
from domain.ids import MarketId
from supervision.complaints.entry import BadComplaint, EntryProblem
from supervision.complaints.filing import FiledOtherwise, file_complaint, token_digest
from supervision.complaints.handling import handle_complaint
from supervision.complaints.limiting import take_a_place
from supervision.complaints.limits import ByWhat, Purpose, TooMany
from supervision.complaints.moves import Move
from supervision.complaints.policy import ComplaintsPolicy
from supervision.complaints.states import By, actions_from, may_reopen
from supervision.complaints.ticket_sales import sale_of
from web.complaint_forms import Typed, entry_of, typed_from
from web.errors import seconds_until
from web.state import Db, Now, Running, Service
from web.strangers import (
    NOT_INDEXED,
    Address,
    IsOurForm,
    form_token,
    hand_out,
    new_once,
    take_look_up,
    take_miss,
)
from web.ticket_view import path_of, view_of

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_FORBIDDEN: Final = 403
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422
_TOO_MANY_REQUESTS: Final = 429

#: Filled in by programs, hidden from people.
_TRAP: Final = "website"

#: How a page answers what was not possible.
_STATUS_OF: Final = {
    "": 200,
    "stale": _FORBIDDEN,
    "late": _CONFLICT,
    "say_why": _UNPROCESSABLE,
    "too_long": _UNPROCESSABLE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """Why a complaint was not taken: what the page says beside what was typed."""

    status: int
    problem: str = ""
    problems: tuple[tuple[EntryProblem, str], ...] = ()
    too_many: TooMany | None = None
    sent_before: str = ""


_Token = Annotated[str, Path(min_length=32, max_length=128)]
_Text = Annotated[str, Query(max_length=64)]


@router.get("/complain")
def form(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    address: Address,
    market: _Text = "",
    stall: _Text = "",
    occurred: _Text = "",
    scale: _Text = "",
    journal: _Text = "",
    seq: _Text = "",
    code: _Text = "",
    reason: _Text = "",
    reweighing: _Text = "",
) -> HTMLResponse:
    """The form, about the ticket it came from where there is one."""
    about = {"scale": scale, "journal": journal, "seq": seq, "code": code, "reweighing": reweighing}
    typed = Typed(market=market, stall=stall, occurred=occurred, reason=reason, once=new_once(), **about)
    _count_look_up(conn, running, address, typed, now)
    return _form(request, running, conn, now, typed)


@router.post("/complain")
async def complain(request: Request, running: Running, now: Now, address: Address, is_ours: IsOurForm) -> Response:
    """Take a complaint; refused, everything that was typed stays in the form."""
    fields = await request.form()
    return await run_in_threadpool(
        _complain,
        request,
        running,
        now,
        address,
        typed_from(fields),
        is_ours=is_ours,
        is_trapped=bool(fields.get(_TRAP)),
    )


def _complain(
    request: Request,
    running: Service,
    now: datetime,
    address: str,
    typed: Typed,
    *,
    is_ours: bool,
    is_trapped: bool,
) -> Response:
    with translate_absence(), running.pool.connection() as conn:
        try:
            _count_look_up(conn, running, address, typed, now)
        except TooMany as too_many:
            often = Refused(status=_TOO_MANY_REQUESTS, problem="too_many", too_many=too_many)
            return _form(request, running, conn, now, typed, often, shows_sale=False)
        if not is_ours:
            return _form(request, running, conn, now, typed, Refused(status=_FORBIDDEN, problem="stale"))
        # A program that fell into the trap is told what a person would be told, and nothing is kept.
        refused = None if is_trapped else _file(conn, running, now, address, typed)
        if refused is not None:
            again = typed.with_once(new_once()) if refused.sent_before else typed
            return _form(request, running, conn, now, again, refused)
    token = new_once() if is_trapped else typed.once
    return RedirectResponse(f"/c/{token}", _SEE_OTHER, headers=NOT_INDEXED)


def _count_look_up(conn: Connection, running: Service, address: str, typed: Typed, now: datetime) -> None:
    """The form shows the sale of its ticket, so whoever asks for one looks a ticket up. Raise TooMany."""
    if typed.ticket is not None:
        take_look_up(conn, running, address, now)
        if sale_of(conn, typed.ticket) is None:
            take_miss(conn, running, address, now)


def _file(conn: Connection, running: Service, now: datetime, address: str, typed: Typed) -> Refused | None:
    """Keep it, or say why it is not kept."""
    market = complaints.market(conn, MarketId(typed.market))
    if market is None:
        return Refused(status=_UNPROCESSABLE, problem="no_market")
    channel = ComplaintChannel.FAIR_SCALE if typed.reweighing else ComplaintChannel.TICKET
    entry = entry_of(typed, channel, market.timezone)
    policy = running.config.complaints_policy
    try:
        with conn.transaction():
            file_complaint(conn, entry, token=typed.once, by=None, address=address, now=now, policy=policy)
    except BadComplaint as bad:
        return Refused(status=_UNPROCESSABLE, problems=bad.problems)
    except TooMany as too_many:
        return Refused(status=_TOO_MANY_REQUESTS, problem="too_many", too_many=too_many)
    except FiledOtherwise:
        return Refused(status=_CONFLICT, problem="sent_before", sent_before=typed.once)
    return None


@router.get("/c/{token}")
def status(request: Request, running: Running, conn: Db, now: Now, address: Address, token: _Token) -> HTMLResponse:
    """Where a complaint stands, for whoever has its link."""
    take_look_up(conn, running, address, now)
    found = _by_token(conn, token)
    if found is None:
        take_miss(conn, running, address, now)
        return _page(request, running, "complaint_not_here.html", status=404)
    return _status(request, running, now, found, token)


@router.post("/c/{token}/{action}")
def follow_up(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    address: Address,
    is_ours: IsOurForm,
    token: _Token,
    action: ComplaintAction,
    note: Annotated[str, Form()] = "",
) -> Response:
    """Withdraw it, or have it looked at again."""
    policy = running.config.complaints_policy
    if is_ours:
        take_a_place(conn, Purpose.FOLLOW_UP, {ByWhat.ADDRESS: address}, now=now, policy=policy)
    found = _by_token(conn, token)
    if found is None:
        take_miss(conn, running, address, now)
        return _page(request, running, "complaint_not_here.html", status=404 if is_ours else _FORBIDDEN)
    problem = "stale" if not is_ours else _follow_up(conn, found, Move(action=action, note=note), now, policy)
    if problem is None:
        return RedirectResponse(f"/c/{token}", _SEE_OTHER, headers=NOT_INDEXED)
    return _status(request, running, now, _by_token(conn, token) or found, token, note=note, problem=problem)


def _follow_up(
    conn: Connection, complaint: Complaint, move: Move, now: datetime, policy: ComplaintsPolicy
) -> str | None:
    """Take the step, or say why it was not taken."""
    if len(move.note) > policy.filing.longest_words:
        return "too_long"
    try:
        with conn.transaction():
            handle_complaint(
                conn, complaint.complaint_id, move, actor=COMPLAINANT, market_id=None, now=now, policy=policy
            )
    except IllegalTransition:
        return "late"
    except RuleViolation:
        return "late" if move.note.strip() else "say_why"
    return None


def _by_token(conn: Connection, token: str) -> Complaint | None:
    complaint_id = complaints.by_status(conn, token_digest(token))
    return None if complaint_id is None else complaints.by_id(conn, complaint_id)


def _status(
    request: Request,
    running: Service,
    now: datetime,
    complaint: Complaint,
    token: str,
    *,
    note: str = "",
    problem: str = "",
) -> HTMLResponse:
    policy = running.config.complaints_policy
    possible = actions_from(complaint.state, By.COMPLAINANT)
    return _page(
        request,
        running,
        "complaint_status.html",
        status=_STATUS_OF[problem],
        complaint=complaint,
        token=token,
        note=note,
        problem=problem,
        is_overdue=complaint.is_overdue(now),
        may_withdraw=ComplaintAction.WITHDRAW in possible,
        may_reopen=may_reopen(complaint, now, within=policy.reopening.within),
        reopen_days=policy.reopening.within_days,
        longest=policy.filing.longest_words,
        address=str(request.url.replace(scheme="https" if running.config.secure_cookies else "http", query="")),
        ticket=None if complaint.ticket is None else path_of(complaint.ticket),
    )


def _form(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    typed: Typed,
    refused: Refused | None = None,
    *,
    shows_sale: bool = True,
) -> HTMLResponse:
    refused = refused or Refused(status=200)
    sale = None if typed.ticket is None or not shows_sale else sale_of(conn, typed.ticket)
    filing = running.config.complaints_policy.filing
    page = _page(
        request,
        running,
        "complain.html",
        status=refused.status,
        typed=typed if typed.once else typed.with_once(new_once()),
        refused=refused,
        view=None if sale is None else view_of(conn, sale, now),
        markets=registry.markets(conn),
        reasons=list(ComplaintReason),
        longest=filing.longest_words,
        trap=_TRAP,
    )
    if refused.too_many is not None:
        page.headers["Retry-After"] = str(seconds_until(refused.too_many))
    return page


def _page(request: Request, running: Service, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    token = form_token(request)
    page = running.renderer.page(request, template, status=status, form_token=token, **values)
    hand_out(page, running, token)
    page.headers.update(NOT_INDEXED)
    return page
