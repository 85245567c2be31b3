"""Complaints: listed, typed in, read, stepped, linked to sales; how fast markets answer."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from domain.complaint import (
    Complaint,
    ComplaintAction,
    ComplaintChannel,
    ComplaintReason,
    ComplaintState,
    ContactKind,
    Outcome,
    RefuseReason,
    Ticket,
)
from domain.errors import NotFound, RuleViolation
from domain.ids import JournalId, MarketId, ScaleId
from domain.units import Fen
from domain.weighing import WeighingKey
from supervision.complaints.clock import ClockName
from supervision.complaints.entry import Entry
from supervision.complaints.moves import Move
from supervision.complaints.states import By, actions_from
from web.access import Permission, Viewer
from web.api.models import Body, Model
from web.complaint_handling import (
    FIGURES_DAYS,
    act,
    complaint_for,
    contact_for,
    enter,
    figures_for,
    link,
    listed,
    view_for,
    which_of,
)
from web.signed_in import HandlesComplaints, SeesComplaints, SeesContacts
from web.state import Db, Now, Running
from web.strangers import new_once
from web.texts import Text

router = APIRouter(prefix="/complaints", tags=["complaints"])

_CREATED: Final = 201
_MAX_ID: Final = 2**63 - 1
_MAX_TEXT: Final = 4000
_MOST_ALERTS: Final = 100
_Short = Annotated[Text, Field(max_length=128)]


class ComplaintOut(Model):
    """A complaint. `due_at`: by when its next step is due; null: nothing is awaited. Contacts are asked for apart."""

    complaint_id: int
    market_id: str
    channel: ComplaintChannel
    channel_no: str
    reason: ComplaintReason
    words: str
    stall_id: str | None
    vendor_id: str | None
    vendor_name: str
    occurred_at: datetime | None
    scale_id: str | None
    journal_id: str | None
    seq: int | None
    reweighing_id: int | None
    received_at: datetime
    entered_by: str | None
    policy_version: str
    state: ComplaintState
    outcome: Outcome | None
    refuse_reason: RefuseReason | None
    answer: str
    settled_fen: int | None
    channel_due_at: datetime | None
    accepted_at: datetime | None
    investigating_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    reopened_at: datetime | None
    due_at: datetime | None
    has_contact: bool
    contact_removed_at: datetime | None
    linked: int
    actions: tuple[ComplaintAction, ...] = ()


class StepOut(Model):
    """One line of the trail."""

    at: datetime
    actor: str
    action: ComplaintAction
    from_state: ComplaintState
    to_state: ComplaintState
    reason: str
    note: str
    settled_fen: int | None


class ClockOut(Model):
    """One clock. `is_late`: it was, or is by now, too late."""

    name: ClockName
    due_at: datetime
    met_at: datetime | None
    is_late: bool


class LinkedSaleOut(Model):
    """A sale it is about, and the alert that tells of it."""

    scale_id: str
    journal_id: str
    seq: int
    weighed_at: datetime
    verdict: str | None
    paid_verdict: str | None
    paid_fen: int
    net_g: int
    alert_id: int


class WholeComplaint(Model):
    """A complaint with its trail, its clocks, its sales, and the numbers of others about the same sale."""

    complaint: ComplaintOut
    clocks: list[ClockOut]
    sales: list[LinkedSaleOut]
    others: list[int]
    trail: list[StepOut]


class TicketIn(Body):
    """The ticket of a sale, as its code names it; without the code the sale is not linked by itself."""

    scale_id: _Short
    journal_id: _Short
    seq: Annotated[int, Field(ge=1, le=2**53)]
    code: _Short = ""


class EnterComplaint(Body):
    """A complaint that somebody told of: with the hotline's number where it came from one.

    `once`: 32 to 128 characters of your own that make a repetition the same complaint; a hotline's number does that by
    itself.
    """

    market_id: _Short
    channel: ComplaintChannel
    channel_no: _Short = ""
    reason: ComplaintReason
    words: Annotated[Text, Field(max_length=_MAX_TEXT)]
    contact: _Short = ""
    stall_id: _Short = ""
    occurred_at: AwareDatetime | None = None
    channel_due_at: AwareDatetime | None = None
    ticket: TicketIn | None = None
    reweighing_id: Annotated[int, Field(ge=1, le=_MAX_ID)] | None = None
    once: Annotated[Text, Field(min_length=32, max_length=128)] | None = None


class Entered(Model):
    """`is_new` false: it was entered before. `status_path`: where the complainant sees the answer; told once."""

    complaint: ComplaintOut
    is_new: bool
    status_path: str | None


class StepIn(Body):
    """A step: `refuse` takes `refuse_reason`, `answer` takes `outcome` (and `settled_fen` where it is `settled`).

    `decide_alerts`: an answer decides the open alerts about its sales too; `offer_promises`: with which of them (their
    numbers) a promise is offered instead of the deduction.
    """

    note: Annotated[Text, Field(max_length=_MAX_TEXT)] = ""
    refuse_reason: RefuseReason | None = None
    outcome: Outcome | None = None
    settled_fen: Annotated[int, Field(ge=1, le=10**9)] | None = None
    decide_alerts: bool = False
    offer_promises: Annotated[frozenset[int], Field(max_length=_MOST_ALERTS)] = frozenset()


class LinkIn(Body):
    """The sale to link."""

    scale_id: _Short
    journal_id: _Short
    seq: Annotated[int, Field(ge=1, le=2**53)]
    weighed_at: AwareDatetime


class LinkedOut(Model):
    """The alert that tells of the sale."""

    alert_id: int


class ContactOut(Model):
    """How the complainant can be reached."""

    kind: ContactKind
    contact: str


class FiguresOut(Model):
    """How fast a market answers: seconds (median and ninth tenth), and how many were late."""

    market_id: str
    market_name: str
    received: int
    first_step_s: tuple[int, int] | None
    answer_s: tuple[int, int] | None
    late: int
    late_permille: int
    upheld: int
    decided: int


@router.get("")
def complaints(
    conn: Db,
    viewer: SeesComplaints,
    state: Annotated[
        ComplaintState | None, Query(description="none given: what awaits a step, first due first")
    ] = None,
    market: Annotated[str, Query(max_length=64)] = "",
    channel: Annotated[ComplaintChannel | None, Query()] = None,
    stall: Annotated[str, Query(max_length=64)] = "",
    before: Annotated[int | None, Query(ge=1, le=_MAX_ID, description="go on after the one with this number")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[ComplaintOut]:
    """Complaints: what awaits a step, or the newest in a state."""
    which = which_of(viewer, market=market, channel=channel, stall=stall, before=before)
    return [_out(one, viewer) for one in listed(conn, which, None if state is None else [state], limit)]


@router.post("", status_code=_CREATED)
def enter_complaint(conn: Db, now: Now, running: Running, viewer: HandlesComplaints, body: EnterComplaint) -> Entered:
    """Type a complaint in. The same number of the same hotline again is the same complaint; with other content, 409."""
    if body.channel is ComplaintChannel.TICKET:
        raise RuleViolation("channel is 'ticket'; complaints from tickets come from the complainant's own page")
    ticket = body.ticket
    token = body.once or new_once()
    entry = Entry(
        market_id=MarketId(body.market_id),
        channel=body.channel,
        reason=body.reason,
        words=body.words,
        contact=body.contact,
        channel_no=body.channel_no,
        stall_id=body.stall_id,
        occurred_at=body.occurred_at,
        channel_due_at=body.channel_due_at,
        ticket=None
        if ticket is None
        else Ticket(
            market_id=MarketId(body.market_id),
            scale_id=ScaleId(ticket.scale_id),
            journal_id=JournalId(ticket.journal_id),
            seq=ticket.seq,
            code=ticket.code,
        ),
        reweighing_id=body.reweighing_id,
    )
    filed = enter(conn, viewer, entry, token=token, config=running.config, now=now)
    complaint = complaint_for(conn, viewer, filed.complaint_id)
    path = f"/c/{token}" if filed.is_new else None
    return Entered(complaint=_out(complaint, viewer), is_new=filed.is_new, status_path=path)


@router.get("/figures")
def figures(
    conn: Db,
    now: Now,
    running: Running,
    viewer: SeesComplaints,
    market: Annotated[str, Query(max_length=64)] = "",
    days: Annotated[int, Query(ge=1, le=366)] = FIGURES_DAYS,
) -> list[FiguresOut]:
    """How fast markets answered what came in the last days."""
    found = figures_for(conn, viewer, market, days, config=running.config, now=now)
    return [FiguresOut.model_validate(one) for one in found]


@router.get("/{complaint_id}")
def one_complaint(conn: Db, now: Now, running: Running, viewer: SeesComplaints, complaint_id: int) -> WholeComplaint:
    """One complaint."""
    view = view_for(conn, viewer, complaint_id, config=running.config, now=now)
    return WholeComplaint(
        complaint=_out(view.complaint, viewer),
        clocks=[
            ClockOut(name=one.name, due_at=one.due_at, met_at=one.met_at, is_late=one.is_late(now))
            for one in view.clocks
        ],
        sales=[
            LinkedSaleOut(
                scale_id=one.view.sale.scale_id,
                journal_id=one.view.sale.journal_id,
                seq=one.view.sale.seq,
                weighed_at=one.view.sale.weighed_at,
                verdict=one.view.sale.verdict,
                paid_verdict=one.view.sale.paid_verdict,
                paid_fen=one.view.sale.paid_fen,
                net_g=one.view.sale.net_g,
                alert_id=one.alert.alert_id,
            )
            for one in view.sales
        ],
        others=[one.complaint_id for one in view.others],
        trail=[StepOut.model_validate(one) for one in view.steps],
    )


@router.post("/{complaint_id}/contact")
def contact(conn: Db, now: Now, viewer: SeesContacts, complaint_id: int) -> ContactOut:
    """How the complainant can be reached. Who asks stands in the trail."""
    found = contact_for(conn, viewer, complaint_id, now)
    if found is None:
        raise NotFound(f"complaint {complaint_id} has no contact (any more)")
    return ContactOut(kind=found.kind, contact=found.text)


@router.post("/{complaint_id}/links")
def link_sale(conn: Db, now: Now, viewer: HandlesComplaints, complaint_id: int, body: LinkIn) -> LinkedOut:
    """Link a sale of its market to it; linked already, nothing changes."""
    complaint = complaint_for(conn, viewer, complaint_id)
    key = WeighingKey(
        complaint.market_id, ScaleId(body.scale_id), JournalId(body.journal_id), body.seq, body.weighed_at
    )
    return LinkedOut(alert_id=link(conn, viewer, complaint_id, key, now))


@router.post("/{complaint_id}/{action}")
def step(
    conn: Db,
    now: Now,
    running: Running,
    viewer: HandlesComplaints,
    complaint_id: int,
    action: ComplaintAction,
    body: StepIn,
) -> ComplaintOut:
    """Take a step. A step that leads nowhere from where it stands is 409."""
    move = Move(
        action=action,
        note=body.note,
        refuse_reason=body.refuse_reason,
        outcome=body.outcome,
        settled_fen=None if body.settled_fen is None else Fen(body.settled_fen),
    )
    act(
        conn,
        viewer,
        complaint_id,
        move,
        config=running.config,
        now=now,
        decide_alerts=body.decide_alerts,
        offer_promises=body.offer_promises,
    )
    return _out(complaint_for(conn, viewer, complaint_id), viewer)


def _out(complaint: Complaint, viewer: Viewer) -> ComplaintOut:
    may_handle = viewer.may(Permission.HANDLE_COMPLAINTS)
    actions = tuple(actions_from(complaint.state, By.STAFF)) if may_handle else ()
    return ComplaintOut.model_validate(complaint).model_copy(update={"actions": actions})
