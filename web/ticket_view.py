"""A sale as its public ticket shows it: in plain words, without anybody's personal data."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import caps, tickets
from db.caps import CapListHeading
from db.tickets import Reweighing, Sale
from domain.complaint import Ticket
from domain.price_cap import CapUnit, Verdict
from messages.ticket_codes import ticket_code
from web import formats
from web.words_of_complaints import PAID_IS_OVER, PRICE_NOT_KNOWN, VERDICT_IN_PLAIN_WORDS, VERDICT_SIGNS


class Verification(StrEnum):
    """What is registered of a scale's verification."""

    VALID = "valid"
    ENDED = "ended"
    NOT_REGISTERED = "not_registered"


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketView:
    """What a ticket shows. `cap_unit` and the prices per it; `verdict_words` a message to translate."""

    sale: Sale
    path: str
    cap_list: CapListHeading | None
    verdict: Verdict | None
    verdict_words: str
    verdict_sign: str
    is_over: bool
    verification: Verification
    reweighings: tuple[Reweighing, ...]

    @property
    def complain(self) -> str:
        """Where one complains about it."""
        return f"/complain?{urlencode(query_of(ticket_of(self.sale)))}"

    @property
    def short(self) -> Reweighing | None:
        """The last time a fair scale found it short beyond the tolerance."""
        return next((one for one in self.reweighings if one.is_short), None)

    @property
    def cap_unit(self) -> CapUnit:
        """What the cap is for."""
        return CapUnit(self.sale.cap_unit or CapUnit.KG)


def ticket_of(sale: Sale) -> Ticket:
    """Return the ticket of a stored sale."""
    return Ticket(
        market_id=sale.market_id,
        scale_id=sale.scale_id,
        journal_id=sale.journal_id,
        seq=sale.seq,
        code=ticket_code(sale.weighed_at, sale.digest),
    )


def path_of(ticket: Ticket) -> str:
    """Return where a ticket is shown."""
    levels = (ticket.market_id, ticket.scale_id, ticket.journal_id, str(ticket.seq), ticket.code)
    return "/t/" + "/".join(formats.segment(level) for level in levels if level)


def query_of(ticket: Ticket) -> dict[str, str]:
    """Return a ticket as the query of the complaint's form."""
    return {
        "market": ticket.market_id,
        "scale": ticket.scale_id,
        "journal": ticket.journal_id,
        "seq": str(ticket.seq),
        "code": ticket.code,
    }


def view_of(conn: Connection, sale: Sale, now: datetime) -> TicketView:
    """Return what to show of a sale."""
    verdict = None if sale.verdict is None else Verdict(sale.verdict)
    is_only_paid_over = verdict is not Verdict.OVER and sale.paid_verdict == Verdict.OVER
    is_over = verdict is Verdict.OVER or is_only_paid_over
    sign = "" if verdict is None else VERDICT_SIGNS[Verdict.OVER if is_over else verdict]
    return TicketView(
        sale=sale,
        path=path_of(ticket_of(sale)),
        cap_list=None if sale.cap_list_id is None else caps.heading(conn, sale.cap_list_id),
        verdict=verdict,
        verdict_words=_words(sale, verdict, is_only_paid_over=is_only_paid_over),
        verdict_sign=sign,
        is_over=is_over,
        verification=verification_of(sale.verified_until, now.astimezone(ZoneInfo(sale.timezone)).date()),
        reweighings=tuple(tickets.reweighings(conn, sale.key)),
    )


def _words(sale: Sale, verdict: Verdict | None, *, is_only_paid_over: bool) -> str:
    if verdict is None:
        return ""
    if is_only_paid_over:
        return PAID_IS_OVER
    return PRICE_NOT_KNOWN if not sale.unit_price_fen else VERDICT_IN_PLAIN_WORDS[verdict]


def verification_of(verified_until: date | None, today: date) -> Verification:
    """Return what a date of the register says today; verified until the end of that day."""
    if verified_until is None:
        return Verification.NOT_REGISTERED
    return Verification.VALID if today <= verified_until else Verification.ENDED
