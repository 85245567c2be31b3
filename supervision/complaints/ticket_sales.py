"""The sale behind a ticket. Who does not have the ticket does not find it: a wrong code is as good as none."""

from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from db import tickets
from db.tickets import Sale
from domain.complaint import Ticket
from domain.ids import MarketId, StallId
from messages.ticket_codes import fits, minute_of

_MINUTE: Final = timedelta(minutes=1)


def sale_of(conn: Connection, ticket: Ticket) -> Sale | None:
    """Return the sale of a ticket whose code is that of the stored record; None where none is stored, or not that."""
    minute = minute_of(ticket.code)
    if minute is None:
        return None
    found = tickets.by_number(
        conn,
        ticket.market_id,
        ticket.scale_id,
        ticket.journal_id,
        ticket.seq,
        made_from=minute,
        made_until=minute + _MINUTE,
    )
    if found is None or not fits(ticket.code, found.key.weighed_at, found.digest):
        return None
    return tickets.sale(conn, found.key)


def sale_by_amount(
    conn: Connection, market_id: MarketId, stall_id: StallId, amount_fen: int, sold_at: datetime, within: timedelta
) -> Sale | None:
    """Return the stall's sale of this amount nearest to a time: what is printed on a ticket without a code."""
    found = tickets.by_amount(
        conn,
        market_id,
        stall_id,
        amount_fen,
        sold_at=sold_at,
        made_from=sold_at - within,
        made_until=sold_at + within,
    )
    return None if found is None else tickets.sale(conn, found.key)
