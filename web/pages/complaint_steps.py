"""One complaint with its evidence: its contact, the sales that are linked to it, and what is done with it."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from credit.ledger import PromiseNotOffered
from db import alert_pages, complaints, tickets
from db.tickets import Sale
from domain.complaint import (
    ComplaintAction,
    ComplaintStep,
    Contact,
    Outcome,
    RefuseReason,
)
from domain.errors import FieldRefused, IllegalTransition, NotFound, RuleViolation, show_value
from domain.ids import JournalId, ScaleId, StallId
from domain.weighing import WeighingKey
from supervision.complaints.filing import token_digest
from supervision.complaints.moves import Move
from web.access import Permission, Viewer
from web.complaint_forms import fen_of, local_moment, number_of
from web.complaint_handling import (
    ComplaintView,
    act,
    complaint_for,
    consequences_for,
    contact_for,
    link,
    view_for,
)
from web.i18n import mark
from web.signed_in import HandlesComplaints, SeesComplaints, SeesContacts
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_FOUND_SALES: Final = 50
_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422
_MOST_ALERTS: Final = 100
_LONGEST_SPAN: Final = timedelta(days=2)
_Query = Annotated[str, Query(max_length=64)]


@router.get("/complaints/{complaint_id}")
def one_complaint(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesComplaints,
    complaint_id: int,
    stall: _Query = "",
    since: _Query = "",
    until: _Query = "",
    amount: _Query = "",
    link_token: Annotated[str, Query(alias="link", max_length=128)] = "",
    known: Annotated[bool, Query()] = False,
) -> HTMLResponse:
    """One complaint with its evidence; a search for sales where one was asked for."""
    search = {"stall": stall.strip(), "since": since.strip(), "until": until.strip(), "amount": amount.strip()}
    return _page(request, running, conn, now, viewer, complaint_id, search=search, link_token=link_token, known=known)


@router.post("/complaints/{complaint_id}/contact")
def contact(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesContacts, complaint_id: int
) -> HTMLResponse:
    """Show how the complainant can be reached; who looked stands in the trail."""
    found = contact_for(conn, viewer, complaint_id, now)
    return _page(request, running, conn, now, viewer, complaint_id, contact=found, asked_contact=True)


@router.post("/complaints/{complaint_id}/links")
def link_one(
    conn: Db,
    now: Now,
    viewer: HandlesComplaints,
    complaint_id: int,
    scale: Annotated[str, Form()] = "",
    journal: Annotated[str, Form()] = "",
    seq: Annotated[str, Form()] = "",
    weighed_at: Annotated[str, Form()] = "",
) -> Response:
    """Link a sale that was found to it."""
    complaint = complaint_for(conn, viewer, complaint_id)
    moment, number = local_moment(weighed_at, "UTC"), number_of(seq)
    if moment is None or number is None:
        said = f"seq is {show_value(seq)} and weighed_at {show_value(weighed_at)}"
        raise RuleViolation(f"{said}; expected a number and a time")
    key = WeighingKey(complaint.market_id, ScaleId(scale), JournalId(journal), number, moment)
    link(conn, viewer, complaint_id, key, now)
    return RedirectResponse(f"/complaints/{complaint_id}", _SEE_OTHER)


@router.post("/complaints/{complaint_id}/{action}")
def step(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesComplaints,
    complaint_id: int,
    action: ComplaintAction,
    note: Annotated[str, Form()] = "",
    refuse_reason: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
    settled: Annotated[str, Form()] = "",
    decide_alerts: Annotated[bool, Form()] = False,
    offer_promise: Annotated[list[int] | None, Form(max_length=_MOST_ALERTS)] = None,
) -> Response:
    """Take a step with it; refused, what was typed stays."""
    typed = {
        "action": action,
        "note": note,
        "refuse_reason": refuse_reason,
        "outcome": outcome,
        "settled": settled,
        "decide_alerts": decide_alerts,
        "offer_promise": offer_promise or [],
    }
    complaint_for(conn, viewer, complaint_id)
    longest = running.config.complaints_policy.filing.longest_words
    settled_fen = fen_of(settled) if settled.strip() and outcome == Outcome.SETTLED else None
    move = Move(
        action=action,
        note=note,
        refuse_reason=RefuseReason(refuse_reason) if refuse_reason in set(RefuseReason) else None,
        outcome=Outcome(outcome) if outcome in set(Outcome) else None,
        settled_fen=settled_fen,
    )
    if len(note) > longest:
        return _page(
            request, running, conn, now, viewer, complaint_id, typed=typed, problem=_TOO_LONG, status=_UNPROCESSABLE
        )
    try:
        act(
            conn,
            viewer,
            complaint_id,
            move,
            config=running.config,
            now=now,
            decide_alerts=decide_alerts,
            offer_promises=frozenset(offer_promise or ()),
        )
    except IllegalTransition:
        return _page(request, running, conn, now, viewer, complaint_id, typed=typed, problem=_LATE, status=_CONFLICT)
    except NotFound:
        raise
    except RuleViolation as refused:
        problem = _MISSING.get(action, _NOT_ALLOWED)
        if action is ComplaintAction.ANSWER and move.outcome is Outcome.SETTLED and settled_fen is None:
            problem = _NO_AMOUNT
        elif decide_alerts and "names no vendor" in str(refused):
            problem = _NO_VENDOR
        elif isinstance(refused, PromiseNotOffered):
            problem = _NO_PROMISE
        elif isinstance(refused, FieldRefused) and refused.field == "offer_promises":
            problem = _NOT_CONFIRMED
        return _page(
            request, running, conn, now, viewer, complaint_id, typed=typed, problem=problem, status=_UNPROCESSABLE
        )
    return RedirectResponse(f"/complaints/{complaint_id}", _SEE_OTHER)


_LATE: Final = mark("Somebody was faster. Your step was not taken; this is how it stands.")
_NOT_ALLOWED: Final = mark("The rules do not allow this")
_NO_AMOUNT: Final = mark("Say how much was paid on the spot, in yuan.")
_NO_VENDOR: Final = mark("The alert names no vendor: bind the scale first, or answer without deciding on the alert.")
_NO_PROMISE: Final = mark("No promise can be offered with the alert any more: below it says why.")
_NOT_CONFIRMED: Final = mark(
    "A promise is offered only where the complaint is right and the open alerts are decided with it."
)
_TOO_LONG: Final = mark("What you wrote is too long.")
_MISSING: Final = {
    ComplaintAction.REFUSE: mark("Choose why it is not taken on, and say it to the complainant in words."),
    ComplaintAction.ANSWER: mark("Choose what it came to, and say it to the complainant in words."),
}


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    viewer: Viewer,
    complaint_id: int,
    *,
    search: dict[str, str] | None = None,
    typed: dict[str, Any] | None = None,
    problem: str = "",
    contact: Contact | None = None,
    asked_contact: bool = False,
    link_token: str = "",
    known: bool = False,
    status: int = 200,
) -> HTMLResponse:
    view = view_for(conn, viewer, complaint_id, config=running.config, now=now)
    is_its_link = bool(link_token) and complaints.by_status(conn, token_digest(link_token)) == complaint_id
    asked = search or {"stall": "", "since": "", "until": "", "amount": ""}
    found = _search(conn, view, asked) if any(asked.values()) else None
    return running.renderer.page(
        request,
        "complaint.html",
        viewer=viewer,
        status=status,
        own_step=_own_step(view, viewer) if problem == _LATE else None,
        view=view,
        consequences=consequences_for(conn, viewer, view, config=running.config, now=now),
        one=view.complaint,
        now=now,
        people=alert_pages.display_names(conn, {one.actor for one in view.steps}),
        search=asked if any(asked.values()) else _proposed(view),
        found=found,
        has_searched=any(asked.values()),
        typed=typed,
        problem=problem,
        contact=contact,
        asked_contact=asked_contact,
        status_link=f"/c/{link_token}" if is_its_link else "",
        known=known,
        outcomes=list(Outcome),
        refuse_reasons=list(RefuseReason),
        longest=running.config.complaints_policy.filing.longest_words,
        may_handle=viewer.may(Permission.HANDLE_COMPLAINTS),
        may_see_contact=viewer.may(Permission.SEE_CONTACTS) and view.complaint.has_contact,
    )


def _own_step(view: ComplaintView, viewer: Viewer) -> ComplaintStep | None:
    """Return the step that moved it last where whoever looks took it: two clicks, or two pages open."""
    moved = next((one for one in reversed(view.steps) if one.from_state is not one.to_state), None)
    return moved if moved is not None and moved.actor == viewer.username else None


def _search(conn: Connection, view: ComplaintView, asked: dict[str, str]) -> list[Sale] | None:
    """None where what was typed is no span of time of two days at most."""
    complaint = view.complaint
    since, until = (local_moment(asked[name], complaint.timezone) for name in ("since", "until"))
    amount = fen_of(asked["amount"]) if asked["amount"] else None
    if since is None or until is None or not timedelta() < until - since <= _LONGEST_SPAN:
        return None
    if asked["amount"] and amount is None:
        return None
    stall = StallId(asked["stall"]) if asked["stall"] else None
    return tickets.between(
        conn, complaint.market_id, since, until, stall_id=stall, amount_fen=amount, limit=_FOUND_SALES
    )


def _proposed(view: ComplaintView) -> dict[str, str]:
    """Around when it is said to have been, at the stall that was named."""
    complaint = view.complaint
    at = (complaint.occurred_at or complaint.received_at).astimezone(ZoneInfo(complaint.timezone))
    before = timedelta(minutes=30) if complaint.occurred_at is not None else timedelta(hours=6)
    span = {"since": at - before, "until": at + timedelta(minutes=30)}
    times = {name: moment.strftime("%Y-%m-%dT%H:%M") for name, moment in span.items()}
    return {"stall": complaint.stall_id or "", "amount": "", **times}
