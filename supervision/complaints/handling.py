"""Act on a complaint: decided by the table, done under a lock, written to the trail."""

from datetime import datetime

from psycopg import Connection

from db import complaints, tickets
from domain.complaint import (
    COMPLAINANT,
    Complaint,
    ComplaintAction,
    ComplaintStep,
    Contact,
)
from domain.errors import NotFound
from domain.ids import MarketId
from domain.weighing import WeighingKey
from supervision.complaints.linking import link_sale
from supervision.complaints.moves import Move, moved
from supervision.complaints.policy import ComplaintsPolicy
from supervision.complaints.states import By
from supervision.complaints.telling import reopened
from supervision.notices.telling import tell


def handle_complaint(
    conn: Connection,
    complaint_id: int,
    move: Move,
    *,
    actor: str,
    market_id: MarketId | None,
    now: datetime,
    policy: ComplaintsPolicy,
) -> Complaint:
    """Take one step with a complaint in somebody's name, within the caller's transaction; return it as it stands then.

    `market_id` is the actor's own market (None: every market). The second of two people who act at once waits, and
    then meets the state the first one left. Raises NotFound, IllegalTransition, RuleViolation.
    """
    complaint = _held(conn, complaint_id, market_id)
    by = By.COMPLAINANT if actor == COMPLAINANT else By.STAFF
    after, step = moved(complaint, move, by=by, actor=actor, now=now, policy=policy)
    complaints.move(conn, after)
    complaints.append_step(conn, complaint_id, step)
    if step.action is ComplaintAction.REOPEN:
        tell(conn, reopened(after, now))
    return after


def link_to(
    conn: Connection, complaint_id: int, key: WeighingKey, *, actor: str, market_id: MarketId | None, now: datetime
) -> int:
    """Link a sale to a complaint; return the alert_id of the alert that tells of it. Raises NotFound, RuleViolation."""
    complaint = _held(conn, complaint_id, market_id)
    sale = tickets.sale(conn, key) if key.market_id == complaint.market_id else None
    if sale is None:
        raise NotFound(f"market {complaint.market_id} has no such sale on scale {key.scale_id}: number {key.seq}")
    return link_sale(conn, complaint, sale, by=actor, now=now)


def show_contact(
    conn: Connection, complaint_id: int, *, actor: str, market_id: MarketId | None, now: datetime
) -> Contact | None:
    """Return how the complainant can be reached, and write down who asked; None where it is not kept any more."""
    complaint = _held(conn, complaint_id, market_id)
    contact = complaints.contact(conn, complaint_id)
    if contact is not None:
        complaints.append_step(conn, complaint_id, noted(complaint, ComplaintAction.SHOW_CONTACT, actor, now))
    return contact


def noted(complaint: Complaint, action: ComplaintAction, actor: str, now: datetime, note: str = "") -> ComplaintStep:
    """Return a line of the trail that leaves a complaint where it stands."""
    return ComplaintStep(
        at=now, actor=actor, action=action, from_state=complaint.state, to_state=complaint.state, note=note
    )


def _held(conn: Connection, complaint_id: int, market_id: MarketId | None) -> Complaint:
    complaint = complaints.by_id_locked(conn, complaint_id)
    if complaint is None or market_id not in (None, complaint.market_id):
        raise NotFound(f"there is no complaint {complaint_id} that you may see")
    return complaint
