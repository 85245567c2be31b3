"""Take a complaint: once a form and once a hotline's number, limited where it comes from a stranger."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import complaints, tickets
from db.complaints import FiledAlready, NewComplaint
from db.tickets import Sale
from domain.complaint import COMPLAINANT, ComplaintAction, ComplaintChannel, ComplaintState, ComplaintStep
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId
from supervision.complaints.clock import next_due
from supervision.complaints.contacts import contact_of
from supervision.complaints.entry import Checked, Entry, check
from supervision.complaints.limiting import take_a_place
from supervision.complaints.limits import ByWhat, Purpose
from supervision.complaints.linking import link_sale
from supervision.complaints.policy import ComplaintsPolicy
from supervision.complaints.telling import received
from supervision.complaints.ticket_sales import sale_of
from supervision.notices.telling import tell

SHORTEST_TOKEN: Final = 32
LONGEST_TOKEN: Final = 128


class FiledOtherwise(IllegalTransition):
    """Another complaint stands under this form or number: its content is not this one's."""

    def __init__(self, message: str, filed: FiledAlready) -> None:
        super().__init__(message)
        self.filed = filed


@dataclass(frozen=True, slots=True)
class Filed:
    """A complaint that is kept; not `is_new`: it was before."""

    complaint_id: int
    is_new: bool


def token_digest(token: str) -> bytes:
    """Return what is stored of the token that leads a complainant to the answer."""
    return hashlib.sha256(token.encode()).digest()


def file_complaint(
    conn: Connection,
    entry: Entry,
    *,
    token: str,
    by: str | None,
    address: str | None,
    now: datetime,
    policy: ComplaintsPolicy,
) -> Filed:
    """Keep a complaint, within the caller's transaction, and link the sale of its ticket where it has arrived.

    `by`: who typed it in; None: the complainant, who comes from `address` and is limited. `token`: unguessable, of the
    form it came with: sent twice, it is kept once. Raises NotFound for an unknown market, FiledOtherwise, BadComplaint,
    TooMany.
    """
    if not SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN:
        raise RuleViolation(f"the form's token has {len(token)} characters; open the form again")
    if complaints.market(conn, entry.market_id) is None:
        raise NotFound(f"there is no market {entry.market_id}")
    if (filed := _filed_already(conn, entry, token)) is not None:
        return filed
    stall = entry.stall_id.strip()
    is_known = bool(stall) and complaints.stall_is_known(conn, entry.market_id, stall)
    checked = check(entry, stall_is_known=is_known, now=now, filing=policy.filing)
    if by is None:
        take_a_place(conn, Purpose.COMPLAIN, _limited_by(checked, address), now=now, policy=policy)
    sale = None if entry.ticket is None else sale_of(conn, entry.ticket)
    new = replace(_new(checked, token, by, now, policy), reweighing_id=_reweighing_of(conn, sale, entry.reweighing_id))
    if by is None and new.channel is ComplaintChannel.FAIR_SCALE and new.reweighing_id is None:
        # Nobody weighed it again: it came from the page, whatever its form says.
        new = replace(new, channel=ComplaintChannel.TICKET)
    complaint_id = complaints.insert_once(conn, new, now)
    if complaint_id is None:  # the same came a moment ago, on another connection
        filed = _filed_already(conn, entry, token)
        if filed is None:
            raise LookupError("a complaint stood in the way and is gone: complaints are never deleted")
        return filed
    _begin(conn, complaint_id, checked, sale, by=by or COMPLAINANT, now=now)
    tell(conn, received(complaint_id, new.market_id, new.due_at, now))
    return Filed(complaint_id, is_new=True)


def _filed_already(conn: Connection, entry: Entry, token: str) -> Filed | None:
    """What was typed twice is told of loudly where it is not the same."""
    filed = complaints.filed_already(
        conn, status_digest=token_digest(token), channel=entry.channel, channel_no=entry.channel_no.strip()
    )
    if filed is None:
        return None
    kept = complaints.contact(conn, filed.complaint_id)
    is_same_contact = not entry.contact.strip() or kept is None or contact_of(entry.contact) == kept
    if filed.content_digest == entry.digest and is_same_contact:
        return Filed(filed.complaint_id, is_new=False)
    if entry.channel_no.strip():
        message = f"number {entry.channel_no.strip()} of {entry.channel} was entered before, with other content"
    else:
        message = "this form was sent before, with other content"
    raise FiledOtherwise(message, filed)


def _limited_by(checked: Checked, address: str | None) -> dict[ByWhat, str]:
    values = {ByWhat.MARKET: str(checked.entry.market_id)}
    if address is not None:
        values[ByWhat.ADDRESS] = address
    if checked.contact is not None:
        values[ByWhat.CONTACT] = checked.contact.text
    if (ticket := checked.entry.ticket) is not None:
        values[ByWhat.TICKET] = f"{ticket.market_id}/{ticket.scale_id}/{ticket.journal_id}/{ticket.seq}"
    return values


def _new(checked: Checked, token: str, by: str | None, now: datetime, policy: ComplaintsPolicy) -> NewComplaint:
    entry, ticket = checked.entry, checked.entry.ticket
    due_at = next_due(ComplaintState.RECEIVED, policy.clocks, since=now, channel_due_at=entry.channel_due_at)
    return NewComplaint(
        market_id=MarketId(entry.market_id),
        channel=entry.channel,
        channel_no=entry.channel_no.strip(),
        reason=checked.reason,
        words=checked.words,
        stall_id=checked.stall_id,
        occurred_at=entry.occurred_at,
        scale_id=None if ticket is None else ticket.scale_id,
        journal_id=None if ticket is None else ticket.journal_id,
        seq=None if ticket is None else ticket.seq,
        ticket_code="" if ticket is None else ticket.code,
        reweighing_id=None,
        entered_by=by,
        status_digest=token_digest(token),
        content_digest=entry.digest,
        policy_version=policy.version,
        channel_due_at=entry.channel_due_at,
        due_at=due_at,
        has_contact=checked.contact is not None,
    )


def _reweighing_of(conn: Connection, sale: Sale | None, reweighing_id: int | None) -> int | None:
    """Only a load of this very sale was weighed again; any other number says nothing."""
    known = set() if sale is None else {one.reweighing_id for one in tickets.reweighings(conn, sale.key)}
    return reweighing_id if reweighing_id in known else None


def _begin(conn: Connection, complaint_id: int, checked: Checked, sale: Sale | None, *, by: str, now: datetime) -> None:
    if checked.contact is not None:
        complaints.keep_contact(conn, complaint_id, checked.contact)
    received = ComplaintState.RECEIVED
    step = ComplaintStep(
        at=now, actor=by, action=ComplaintAction.FILE, from_state=received, to_state=received, reason=checked.reason
    )
    complaints.append_step(conn, complaint_id, step)
    complaint = complaints.by_id_locked(conn, complaint_id)
    if sale is not None and sale.verdict is not None and complaint is not None:
        link_sale(conn, complaint, sale, by=by, now=now)
