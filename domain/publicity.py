"""The publicity list: decided penalties with the days on which they are told in public, and how they come off."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.ids import MarketId, VendorId
from domain.units import Fen


class PenaltyKind(StrEnum):
    """What kind of penalty a document decides (行政处罚法, article 9). `UNSTATED`: recorded without saying so."""

    WARNING = "warning"
    FINE = "fine"
    CONFISCATION = "confiscation"
    LICENCE = "licence"
    SUSPENSION = "suspension"
    OTHER = "other"
    UNSTATED = "unstated"


class PublicityField(StrEnum):
    """What a penalty is about, as far as its term depends on it."""

    GENERAL = "general"
    FOOD = "food"


class TakenOffWhy(StrEnum):
    """Why an entry is not told in public any more."""

    REPAIRED = "repaired"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicityTerm:
    """From when to when an entry is public, both days with it, and from when on it may be repaired."""

    published_from: date
    published_to: date
    repairable_from: date


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPublicityEntry:
    """An entry to put on the list. `amount_fen`: as the document says it, None where it says none."""

    market_id: MarketId
    vendor_id: VendorId
    case_id: int | None
    alert_id: int | None
    document_no: str
    authority: str
    decided_on: date
    kind: PenaltyKind
    decision: str
    basis: str
    amount_fen: Fen | None
    policy_version: str
    term: PublicityTerm


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicityEntry:
    """An entry as it stands, with the names its readers need.

    `revision` grows with each change of any entry. `credit_code`: the vendor's 统一社会信用代码;
    empty where none is known.
    """

    entry_id: int
    market_id: MarketId
    market_name: str
    timezone: str
    vendor_id: VendorId
    vendor_name: str
    credit_code: str
    case_id: int | None
    alert_id: int | None
    document_no: str
    authority: str
    decided_on: date
    kind: PenaltyKind
    decision: str
    basis: str
    amount_fen: Fen | None
    published_from: date
    published_to: date
    repairable_from: date
    taken_off_at: datetime | None
    taken_off_why: TakenOffWhy | None
    revision: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RepairRequest:
    """A request that an entry come off early: what was corrected, which duties were done, what is promised."""

    repair_id: int
    entry_id: int
    asked_at: datetime
    asked_by: str
    corrected: str
    duties: str
    promise: str
    origin: str
    decided_at: datetime | None
    decided_by: str | None
    is_granted: bool | None
    reason: str | None
