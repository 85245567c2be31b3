"""What the API says of alerts, and what it is told about them."""

from datetime import date, datetime

from credit.promises.offering import NotOffered
from domain.alert import AlertKind, AlertState, DismissReason, Severity
from domain.alert_step import AlertAction, PenaltyDecision
from domain.continuity import ChainFault
from domain.price_cap import CapUnit
from supervision.deadlines.clock import Standing
from supervision.deadlines.policy import Deadline
from web.api.models import Body, CapListSummary, DeviceEventSeen, Model
from web.api.promises import PromiseDetail
from web.texts import Text


class AlertSummary(Model):
    """A lead. Excess, cap and price are fen per `cap_unit`; overcharge is money of all occurrences together.

    All of them are null where no price was judged: the alert is about the device.
    """

    alert_id: int
    market_id: str
    market_name: str
    timezone: str
    kind: AlertKind
    state: AlertState
    severity: Severity | None
    vendor_id: str | None
    vendor_name: str
    stall_id: str | None
    scale_id: str
    species_code: str
    species_name: str
    species_name_en: str
    business_day: date
    occurrences: int
    first_at: datetime
    last_at: datetime
    cap_unit: CapUnit | None
    worst_cap_fen: int | None
    worst_price_fen: int | None
    worst_excess_fen: int | None
    worst_excess_permille: int | None
    overcharge_fen: int | None
    opened_at: datetime
    updated_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    dismiss_reason: DismissReason | None
    assignee: str | None
    rectify_by: date | None
    merged_into: int | None
    revision: int
    actions: list[AlertAction]


class AlertWeighing(Model):
    """One occurrence. `cap_fen` and `excess_fen` are per `cap_unit`, `unit_price_fen` per `price_unit`; 0: not known.

    `paid_price_fen` is what was really paid per `cap_unit`, where the alert is about that. `judged_at_arrival`: the
    scale's clock was not to be relied on, so `received_at` judged and not `weighed_at`.
    """

    scale_id: str
    journal_id: str
    seq: int
    weighed_at: datetime
    received_at: datetime
    judged_at_arrival: bool
    stall_id: str | None
    species_code: str
    grade: str
    name: str
    net_g: int
    pieces: int | None
    unit_price_fen: int
    price_unit: str
    unit_price_fen_per_kg: int | None
    amount_fen: int
    paid_fen: int
    verdict: str
    paid_verdict: str
    cap_list_id: int | None
    cap_unit: str | None
    cap_fen: int | None
    excess_fen: int | None
    overcharge_fen: int | None
    paid_price_fen: int | None


class Penalty(Body):
    """A penalty that an authority decided on, as its document says it."""

    document_no: Text
    authority: Text
    decided_on: date
    decision: Text

    def decided(self) -> PenaltyDecision:
        """Return it as a step takes it."""
        return PenaltyDecision(
            document_no=self.document_no,
            authority=self.authority,
            decided_on=self.decided_on,
            decision=self.decision,
        )


class AlertTrailStep(Model):
    """One step of the audit trail; what it says beside who, when and why stands where its action has it."""

    at: datetime
    actor: str
    action: AlertAction
    from_state: AlertState
    to_state: AlertState
    reason: str
    note: str
    origin: str
    assignee: str | None
    due_on: date | None
    merged_into: int | None
    photo_id: int | None
    penalty: Penalty | None


class AlertDue(Model):
    """A deadline that runs. `counted_left_s`: seconds that count until it is due; below 0 once it is missed."""

    deadline: Deadline
    since: datetime
    remind_at: datetime
    due_at: datetime
    counted_left_s: float
    standing: Standing


class AlertPhoto(Model):
    """A photo of an alert; its JPEG is at `/alerts/{alert_id}/photos/{photo_id}`."""

    photo_id: int
    added_at: datetime
    added_by: str
    width: int
    height: int
    bytes: int


class SeqRun(Model):
    """The numbers from `first` to `last`, both among them."""

    first: int
    last: int


class AlertGap(Model):
    """Weighings of a journal that had not arrived; `missing` is what has not arrived yet."""

    scale_id: str
    journal_id: str
    first_seq: int
    last_seq: int
    missing: list[SeqRun]
    noticed_at: datetime
    filled_at: datetime | None


class AlertBreak(Model):
    """Weighing `seq` of a journal does not follow the one before it."""

    scale_id: str
    journal_id: str
    seq: int
    fault: ChainFault
    found_at: datetime


class AlertDetail(AlertSummary):
    """A lead with its weighings (the newest 200), the lists that judged them, and what was done about it.

    Gaps and breaks where it is about a scale's record (200 of them), those that have not filled first; device events
    where it is about what happened to the scale (the newest 200). `merged` are the alerts handled with it;
    `appeal_until`: the last day on which its decision can be appealed, null where it cannot. `promise` is the one it
    ended in; `promise_refused` says why confirming it may end in none: empty where it may, null where it is decided or
    takes nothing.
    """

    note: str
    weighings: list[AlertWeighing]
    cap_lists: list[CapListSummary]
    gaps: list[AlertGap]
    breaks: list[AlertBreak]
    device_events: list[DeviceEventSeen]
    due: list[AlertDue]
    merged: list[int]
    photos: list[AlertPhoto]
    steps: list[AlertTrailStep]
    appeal_until: date | None
    promise: PromiseDetail | None
    promise_refused: list[NotOffered] | None


class AlertPage(Model):
    """A part of the list, and how long it is altogether: counted up to 10 000; `is_more`: there are more than that."""

    total: int
    is_more: bool
    limit: int
    offset: int
    alerts: list[AlertSummary]


class StepRequest(Body):
    """A step with an alert. Which fields it needs is said where it is refused, and in docs/alerts.md.

    `revision`, of the alert as it was read: the step is refused with 409 where somebody moved it meanwhile.
    """

    note: Text = ""
    reason: DismissReason | None = None
    due_on: date | None = None
    into: int | None = None
    assignee: Text | None = None
    penalty: Penalty | None = None
    revision: int | None = None
    #: A confirmation ends in the offer of a promise, and takes nothing.
    offer_promise: bool = False
