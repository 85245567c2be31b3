"""One key at the fair scale: a load that is short becomes a complaint about its sale, linked to both weighings."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import Connection

from db import reweighings, tickets
from domain.complaint import ComplaintChannel, ComplaintReason, Ticket
from domain.errors import NotFound
from domain.ids import MarketId, ScaleId
from supervision.complaints.entry import Entry
from supervision.complaints.filing import file_complaint
from supervision.complaints.policy import ComplaintsPolicy
from supervision.complaints.ticket_sales import sale_of
from web.ticket_view import ticket_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ShortWeight:
    """What the customer says at the fair scale, and what it showed. No words: the figures speak."""

    words: str
    contact: str
    actual_g: int
    fair_scale: str


@dataclass(frozen=True, slots=True)
class FiledAtTheScale:
    """The complaint, and where the customer sees the answer."""

    complaint_id: int
    status_path: str


def newest_ticket(conn: Connection, market_id: MarketId, scale_id: ScaleId, seq: int) -> Ticket:
    """Return the ticket of the newest sale of a scale with this number. Raise NotFound."""
    sold = reweighings.newest(conn, market_id, scale_id, seq)
    sale = None if sold is None else tickets.sale(conn, sold.key)
    if sale is None:
        raise NotFound(f"scale {scale_id} of market {market_id} has no sale with number {seq}")
    return ticket_of(sale)


def complain_of_short_weight(
    conn: Connection, ticket: Ticket, said: ShortWeight, *, by: str, policy: ComplaintsPolicy
) -> FiledAtTheScale:
    """File a complaint about a sale that the fair scale found short. Raises what `file_complaint` raises."""
    sale = sale_of(conn, ticket)
    if sale is None:
        raise NotFound(f"there is no sale {ticket.seq} on scale {ticket.scale_id}")
    shown = [
        one
        for one in tickets.reweighings(conn, sale.key)
        if one.is_short and one.actual_g == said.actual_g and one.fair_scale == said.fair_scale
    ]
    token = secrets.token_urlsafe(24)
    figures = f"{said.fair_scale}: {sale.net_g} g → {said.actual_g} g"
    entry = Entry(
        market_id=ticket.market_id,
        channel=ComplaintChannel.FAIR_SCALE,
        reason=ComplaintReason.SHORT_WEIGHT,
        words=f"{said.words.strip()}\n{figures}".strip(),
        contact=said.contact,
        ticket=ticket,
        reweighing_id=shown[0].reweighing_id if shown else None,
    )
    with conn.transaction():
        filed = file_complaint(conn, entry, token=token, by=by, address=None, now=datetime.now(UTC), policy=policy)
    return FiledAtTheScale(filed.complaint_id, f"/c/{token}")
