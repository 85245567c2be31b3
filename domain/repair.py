"""Repair of credit (信用修复): an application to have a part of a deduction back, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import MarketId, VendorId


class RepairState(StrEnum):
    """Where an application stands (credit/repairs/states.py)."""

    APPLIED = "applied"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RepairAction(StrEnum):
    """What is done with an application."""

    APPLY = "apply"
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class Effort(StrEnum):
    """What a vendor shows beside having stayed clean."""

    TRAINING = "training"
    PROMISE = "promise"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRepair:
    """An application as it is written down, for good. `event_id`: the deduction; `words`: what the vendor says.

    For training `document_no` and `document` name the certificate; for a promise `promise_id` says which.
    """

    market_id: MarketId
    vendor_id: VendorId
    event_id: int
    effort: Effort
    document_no: str
    document: str
    promise_id: int | None
    words: str
    applied_by: str
    applied_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditRepair(NewRepair):
    """An application as it stands. Granted: how many `points`, by which line of the ledger, by which rules."""

    repair_id: int
    state: RepairState = RepairState.APPLIED
    points: int | None = None
    granted_event: int | None = None
    rules_version: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str = ""
    revision: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class RepairStep:
    """One line of an application's trail: who, when, what, why and from where."""

    repair_id: int
    at: datetime
    actor: str
    action: RepairAction
    from_state: RepairState
    to_state: RepairState
    note: str = ""
    origin: str = ""
