"""A case (案件): what was handed to the authority about one vendor, and what became of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.ids import MarketId, VendorId
from domain.publicity import PenaltyKind, PublicityField
from domain.units import Fen


class CaseState(StrEnum):
    """Where a case is. `NOTIFIED`: the vendor was told what is intended (告知); `HEARD`: they answered."""

    OPENED = "opened"
    INVESTIGATING = "investigating"
    NOTIFIED = "notified"
    HEARD = "heard"
    DECIDED = "decided"
    CLOSED = "closed"
    REVOKED = "revoked"


class CaseCause(StrEnum):
    """What a case was opened for: an alert, what a visit found, or a reason that a regulator gave."""

    ALERT = "alert"
    FINDING = "finding"
    REASON = "reason"


class CaseAction(StrEnum):
    """What is done with a case. Those down to `REOPEN` move it, the others leave it where it is.

    `REOPEN` is in trails of earlier versions only.
    """

    OPEN = "open"
    INVESTIGATE = "investigate"
    NOTIFY = "notify"
    HEAR = "hear"
    DECIDE = "decide"
    CLOSE = "close"
    REVOKE = "revoke"
    REOPEN = "reopen"
    ASSIGN = "assign"
    COMMENT = "comment"
    ADD_ALERT = "add_alert"
    ADD_FINDING = "add_finding"
    ALERT_OVERTURNED = "alert_overturned"
    FREEZE = "freeze"


class CaseOutcome(StrEnum):
    """What was decided: a penalty, none although the breach stands, another authority's matter (移送), no breach."""

    PENALISED = "penalised"
    NO_PENALTY = "no_penalty"
    TRANSFERRED = "transferred"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A case as it stands. `revision` moves with every step."""

    case_id: int
    market_id: MarketId
    market_name: str
    timezone: str
    vendor_id: VendorId
    vendor_name: str
    cause: CaseCause
    state: CaseState
    opened_at: datetime
    opened_by: str
    updated_at: datetime
    officer: str | None
    revision: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseStep:
    """One line of a case's trail: who did what, when, why, and from where."""

    at: datetime
    actor: str
    action: CaseAction
    from_state: CaseState
    to_state: CaseState
    note: str = ""
    origin: str = ""
    officer: str | None = None
    alert_id: int | None = None
    inspection_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFinding:
    """What a visit found wrong: the answer of a question that says so, with its inspector's words."""

    inspection_id: int
    item_code: str
    question_code: str
    answer_id: UUID
    added_at: datetime
    added_by: str
    note: str
    answered_by: str
    answered_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseDecision:
    """What was decided, as the document says it. `amount_fen` is entered, never computed; None where it says none.

    `basis_code` is a row of data/legal_bases.toml; where it is empty, `basis_reason` says why the basis was typed.
    """

    outcome: CaseOutcome
    document_no: str
    authority: str
    decided_on: date
    decision: str
    delivered_on: date | None = None
    basis_code: str = ""
    basis: str = ""
    basis_reason: str = ""
    kind: PenaltyKind = PenaltyKind.UNSTATED
    field: PublicityField = PublicityField.GENERAL
    is_simple: bool = False
    amount_fen: Fen | None = None
    together_with: str | None = None
