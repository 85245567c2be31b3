"""A step in the life of an alert: what is asked for, and what the audit trail says of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.alert import AlertState


class AlertAction(StrEnum):
    """What is done to an alert. Those down to `REOPEN` move it, the last three leave it where it is.

    `WITHDRAW` and `MISS` (a deadline) happen by themselves.
    """

    ACKNOWLEDGE = "acknowledge"
    CONFIRM = "confirm"
    DISMISS = "dismiss"
    MERGE = "merge"
    ORDER_RECTIFICATION = "order_rectification"
    REPORT_RECTIFIED = "report_rectified"
    SEND_BACK = "send_back"
    ESCALATE = "escalate"
    RECORD_PENALTY = "record_penalty"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    OVERTURN = "overturn"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    MISS = "miss"
    ASSIGN = "assign"
    COMMENT = "comment"
    ATTACH = "attach"


class WithdrawReason(StrEnum):
    """Why an alert was withdrawn by itself."""

    GAP_FILLED = "gap_filled"
    # Judged again, nothing was left of it, since this had changed:
    LIST_CHANGED = "list_changed"
    BINDING_CHANGED = "binding_changed"
    EXEMPTION_CHANGED = "exemption_changed"
    NAMES_CHANGED = "names_changed"
    PURCHASE_CHANGED = "purchase_changed"
    JUDGED_AGAIN = "judged_again"


@dataclass(frozen=True, kw_only=True, slots=True)
class PenaltyDecision:
    """A penalty that an authority decided on, as its document says it. The product computes none (design, 7)."""

    document_no: str
    authority: str
    decided_on: date
    #: What was decided, in the document's words.
    decision: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertStep:
    """One line of an alert's audit trail: who did what, when, why, and from where.

    `from_state` and `to_state` are equal where the step left the alert where it was. `origin`: the
    address it came from, or the part of the product that did it. What else it says stands where its action has it.
    """

    at: datetime
    actor: str
    action: AlertAction
    from_state: AlertState
    to_state: AlertState
    reason: str = ""
    note: str = ""
    origin: str = ""
    assignee: str | None = None
    due_on: date | None = None
    merged_into: int | None = None
    photo_id: int | None = None
    penalty: PenaltyDecision | None = None
