"""What programs send and get about complaints."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from domain.complaint import (
    ComplaintAction,
    ComplaintChannel,
    ComplaintReason,
    ComplaintState,
    ContactKind,
    Outcome,
    RefuseReason,
)
from supervision.complaints.clock import ClockName
from web.api.models import Body, Model
from web.texts import Text

MAX_ID: Final = 2**63 - 1
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
    reweighing_id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None
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
