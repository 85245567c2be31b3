"""What was typed into the forms about complaints and tickets, as values; what cannot be read stays as it was typed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from domain.complaint import ComplaintChannel, ComplaintReason, Ticket
from domain.ids import JournalId, MarketId, ScaleId, is_id
from domain.units import Fen
from pricing.money_texts import price_fen
from supervision.complaints.entry import Entry

_MAX_SEQ: Final = 2**53
_LONGEST_CODE: Final = 64
_MOST_DIGITS: Final = 18  # what every column for numbers holds
_MONEY_SIGNS: Final = "¥￥元 "


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """The fields of a complaint's form, as texts: what is shown again where it is refused."""

    market: str = ""
    stall: str = ""
    occurred: str = ""
    reason: str = ""
    words: str = ""
    contact: str = ""
    channel: str = ""
    channel_no: str = ""
    channel_due: str = ""
    scale: str = ""
    journal: str = ""
    seq: str = ""
    code: str = ""
    reweighing: str = ""
    once: str = ""

    def with_once(self, once: str) -> "Typed":
        """Return the same as another form."""
        return replace(self, once=once)

    @property
    def ticket(self) -> Ticket | None:
        """The ticket it is about, where it names one."""
        return ticket_from(self.market, self.scale, self.journal, self.seq, self.code)


def entry_of(typed: Typed, channel: ComplaintChannel, timezone: str) -> Entry:
    """Return what was typed as a complaint; a text that is no time stands in `unreadable`."""
    occurred_at, due_at = local_moment(typed.occurred, timezone), local_moment(typed.channel_due, timezone)
    times = ((typed.occurred, occurred_at), (typed.channel_due, due_at))
    return Entry(
        market_id=MarketId(typed.market),
        channel=channel,
        reason=ComplaintReason(typed.reason) if typed.reason in set(ComplaintReason) else None,
        words=typed.words,
        contact=typed.contact,
        channel_no=typed.channel_no,
        stall_id=typed.stall,
        occurred_at=occurred_at,
        channel_due_at=due_at,
        ticket=typed.ticket,
        reweighing_id=number_of(typed.reweighing),
        unreadable=tuple(text[:40] for text, moment in times if text.strip() and moment is None),
    )


def typed_from(fields: Mapping[str, object]) -> Typed:
    """Return the fields of a form that we know."""
    return Typed(**{name: str(fields[name]) for name in Typed.__slots__ if isinstance(fields.get(name), str)})


def number_of(text: str) -> int | None:
    """Return a number of a form; None for what is none, or too long to be one of ours."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else None


def local_moment(text: str, timezone: str) -> datetime | None:
    """Return the moment that a form's `datetime-local` means at a place; None where it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    moment = moment.replace(tzinfo=ZoneInfo(timezone)) if moment.tzinfo is None else moment
    return moment if 2000 <= moment.year <= 2999 else None  # noqa: PLR2004 - years that no clock overflows at


def ticket_from(market: str, scale: str, journal: str, seq: str, code: str) -> Ticket | None:
    """Return the ticket that a form or an address names; None where it names none that could be."""
    if not all(map(is_id, (market, scale, journal))) or not (seq.isascii() and seq.isdecimal()):
        return None
    if len(seq) > len(str(_MAX_SEQ)) or not 0 < int(seq) <= _MAX_SEQ:
        return None
    return Ticket(
        market_id=MarketId(market),
        scale_id=ScaleId(scale),
        journal_id=JournalId(journal),
        seq=int(seq),
        code=code[:_LONGEST_CODE],
    )


def fen_of(text: str) -> Fen | None:
    """Return an amount in yuan as it is printed or typed (¥86.40) in fen; None for what is none above 0."""
    return price_fen(text.strip(_MONEY_SIGNS), "kg")
