"""A complaint: what somebody outside says of a sale, and where it stands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import JournalId, MarketId, ScaleId, StallId, VendorId
from domain.units import Fen


class ComplaintChannel(StrEnum):
    """How a complaint came."""

    TICKET = "ticket"  # from the public page of a ticket
    FAIR_SCALE = "fair_scale"
    HOTLINE_12345 = "hotline_12345"
    HOTLINE_12315 = "hotline_12315"
    COUNTER = "counter"  # said to the market's people, who typed it in


class ComplaintReason(StrEnum):
    """What it is about."""

    OVER_CAP = "over_cap"
    SHORT_WEIGHT = "short_weight"
    TARE = "tare"
    WRONG_GOODS = "wrong_goods"
    AMOUNT = "amount"
    OTHER = "other"


class ComplaintState(StrEnum):
    """Where a complaint is in its life."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    INVESTIGATING = "investigating"
    ANSWERED = "answered"
    CLOSED = "closed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ComplaintAction(StrEnum):
    """A step with a complaint. From `FILE` on, the last ones are not of its life: they stand in its trail."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    INVESTIGATE = "investigate"
    ANSWER = "answer"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    FILE = "file"
    LINK = "link"
    SHOW_CONTACT = "show_contact"
    REMOVE_CONTACT = "remove_contact"


class RefuseReason(StrEnum):
    """Why a complaint is not taken on; a refusal without one is refused."""

    NOT_OURS = "not_ours"
    NO_SUBSTANCE = "no_substance"
    DUPLICATE = "duplicate"
    NOT_REACHABLE = "not_reachable"


class Outcome(StrEnum):
    """What it came to. `SETTLED`: paid on the spot (先行赔付); the amount is recorded, never computed."""

    UPHELD = "upheld"
    NOT_UPHELD = "not_upheld"
    SETTLED = "settled"


class ContactKind(StrEnum):
    """How somebody can be reached."""

    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Contact:
    """How the complainant can be reached, in one spelling. Personal data: shown to few, each time on record."""

    kind: ContactKind
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """What the code of a ticket says it is of; whether that is so, only a stored weighing proves."""

    market_id: MarketId
    scale_id: ScaleId
    journal_id: JournalId
    seq: int
    code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """A complaint with the words a page needs. Times are aware; the contact is kept elsewhere (`has_contact`).

    `clock_from`: from when its times run. `due_at`: by when its next step is due; None where nothing is awaited.
    `vendor_id`: of the sales it is linked to, else whose the stall was then.
    """

    complaint_id: int
    market_id: MarketId
    market_name: str
    timezone: str
    channel: ComplaintChannel
    channel_no: str
    reason: ComplaintReason
    words: str
    stall_id: StallId | None
    vendor_id: VendorId | None
    vendor_name: str
    occurred_at: datetime | None
    scale_id: ScaleId | None
    journal_id: JournalId | None
    seq: int | None
    ticket_code: str
    reweighing_id: int | None
    received_at: datetime
    entered_by: str | None
    policy_version: str
    state: ComplaintState
    outcome: Outcome | None
    refuse_reason: RefuseReason | None
    answer: str
    settled_fen: Fen | None
    clock_from: datetime
    channel_due_at: datetime | None
    accepted_at: datetime | None
    investigating_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    reopened_at: datetime | None
    due_at: datetime | None
    contact_removed_at: datetime | None
    has_contact: bool
    linked: int

    @property
    def ticket(self) -> Ticket | None:
        """The ticket it names; None where it names none."""
        if self.scale_id is None or self.journal_id is None or self.seq is None:
            return None
        return Ticket(
            market_id=self.market_id,
            scale_id=self.scale_id,
            journal_id=self.journal_id,
            seq=self.seq,
            code=self.ticket_code,
        )

    def is_overdue(self, now: datetime) -> bool:
        """Say whether its next step should have been taken by now."""
        return self.due_at is not None and self.due_at < now


@dataclass(frozen=True, kw_only=True, slots=True)
class ComplaintStep:
    """One line of a complaint's trail: who did what, when and why."""

    at: datetime
    actor: str
    action: ComplaintAction
    from_state: ComplaintState
    to_state: ComplaintState
    reason: str = ""
    note: str = ""
    settled_fen: Fen | None = None


#: Who acts where the complainant does: no name is kept.
COMPLAINANT = "complainant"
