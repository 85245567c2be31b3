"""What has to be done with complaints as time goes by: contacts go, answered ones close, late tickets are linked.

People are told of what is overdue.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection

from db import complaints, taken_attempts
from domain.complaint import ComplaintAction, ComplaintState
from supervision.alerts.handling import SYSTEM
from supervision.complaints.handling import handle_complaint, noted
from supervision.complaints.linking import link_sale
from supervision.complaints.moves import Move
from supervision.complaints.policy import ComplaintsPolicy
from supervision.complaints.telling import overdue_one
from supervision.complaints.ticket_sales import sale_of
from supervision.notices.telling import tell


@dataclass(frozen=True, kw_only=True, slots=True)
class Tended:
    """How many of each."""

    closed: int
    contacts_removed: int
    linked: int
    overdue_told: int


def tend(conn: Connection, now: datetime, policy: ComplaintsPolicy) -> Tended:
    """Do what is due, each complaint in a transaction of its own; doing it again changes nothing."""
    closed = sum(
        _close(conn, one, now, policy) for one in complaints.answered_before(conn, now - policy.reopening.within)
    )
    removed = sum(_remove(conn, one, now) for one in complaints.with_old_contacts(conn, now - policy.contacts.keep))
    linked = sum(_link(conn, one, now) for one in complaints.with_unlinked_tickets(conn))
    longest = max((one.within_s for one in policy.limit), default=0)
    with conn.transaction():
        taken_attempts.forget(conn, now - timedelta(seconds=longest))
    overdue = _tell_of_overdue(conn, now)
    return Tended(closed=closed, contacts_removed=removed, linked=linked, overdue_told=overdue)


def _close(conn: Connection, complaint_id: int, now: datetime, policy: ComplaintsPolicy) -> bool:
    with conn.transaction():
        complaint = complaints.by_id_locked(conn, complaint_id)
        if complaint is None or complaint.state is not ComplaintState.ANSWERED:
            return False
        move = Move(action=ComplaintAction.CLOSE)
        handle_complaint(conn, complaint_id, move, actor=SYSTEM, market_id=None, now=now, policy=policy)
        return True


def _remove(conn: Connection, complaint_id: int, now: datetime) -> bool:
    with conn.transaction():
        complaint = complaints.by_id_locked(conn, complaint_id)
        if complaint is None or complaint.ended_at is None or not complaints.remove_contact(conn, complaint_id, now):
            return False
        complaints.append_step(conn, complaint_id, noted(complaint, ComplaintAction.REMOVE_CONTACT, SYSTEM, now))
        return True


def _tell_of_overdue(conn: Connection, now: datetime) -> int:
    """Whoever sees the market is told once of each step that is overdue, however many clerks look."""
    with conn.transaction():
        return sum(tell(conn, overdue_one(one, now)) for one in complaints.overdue_to_tell(conn, now))


def _link(conn: Connection, complaint_id: int, now: datetime) -> bool:
    with conn.transaction():
        complaint = complaints.by_id_locked(conn, complaint_id)
        sale = None if complaint is None or complaint.ticket is None else sale_of(conn, complaint.ticket)
        if complaint is None or sale is None or sale.verdict is None or complaint.linked:
            return False
        link_sale(conn, complaint, sale, by=SYSTEM, now=now)
        return True
