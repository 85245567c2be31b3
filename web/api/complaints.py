"""Complaints: listed, typed in, read, stepped, linked to sales; how fast markets answer."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from domain.complaint import (
    Complaint,
    ComplaintAction,
    ComplaintChannel,
    ComplaintState,
    Ticket,
)
from domain.errors import NotFound, RuleViolation
from domain.ids import JournalId, MarketId, ScaleId
from domain.units import Fen
from domain.weighing import WeighingKey
from supervision.complaints.entry import Entry
from supervision.complaints.moves import Move
from supervision.complaints.states import By, actions_from
from web.access import Permission, Viewer
from web.api.complaint_models import (
    MAX_ID,
    ClockOut,
    ComplaintOut,
    ContactOut,
    EnterComplaint,
    Entered,
    FiguresOut,
    LinkedOut,
    LinkedSaleOut,
    LinkIn,
    StepIn,
    StepOut,
    WholeComplaint,
)
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

router = APIRouter(prefix="/complaints", tags=["complaints"])

_CREATED: Final = 201


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
    before: Annotated[int | None, Query(ge=1, le=MAX_ID, description="go on after the one with this number")] = None,
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
