"""What is registered of vendors, stalls and scales, beside their ids."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from domain.ids import MarketId, ScaleId, StallId, VendorId
from domain.price_cap import Channel
from domain.scale import ScaleFacts


class VendorKind(StrEnum):
    """Whom a vendor is: a company, or an individual with a licence of their own (个体工商户)."""

    COMPANY = "company"
    INDIVIDUAL = "individual"


class SealState(StrEnum):
    """How the seal of a scale was found (三码一封, JJG 1204-2025)."""

    INTACT = "intact"
    BROKEN = "broken"
    MISSING = "missing"


class TankSupply(StrEnum):
    """Whether a stall has a tank for live goods, with its supply of sea water."""

    YES = "yes"
    NO = "no"


class VerificationResult(StrEnum):
    """What came out of a verification."""

    PASSED = "passed"
    FAILED = "failed"


class SubjectKind(StrEnum):
    """What a file is kept of."""

    MARKET = "market"
    VENDOR = "vendor"
    STALL = "stall"
    SCALE = "scale"


class RegisterAction(StrEnum):
    """What was done to the register."""

    REGISTERED = "registered"
    CORRECTED = "corrected"
    OCCUPIED = "occupied"
    VACATED = "vacated"
    BOUND = "bound"
    RELEASED = "released"
    VERIFIED = "verified"


class Source(StrEnum):
    """How a change came in."""

    PAGE = "page"
    FILE = "file"
    API = "api"
    COMMAND = "command"


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketFacts:
    """A market: its area and channel say whose caps bind it, its clock when its days begin.

    `operator`: who runs it (集贸市场开办者).
    """

    market_name: str
    area: str
    channel: Channel
    timezone: str
    operator: str = ""
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorIdentity:
    """Who a vendor is. Empty or None: not registered. The licence holds from its first to its last day (None: open)."""

    name: str
    kind: VendorKind | None = None
    credit_code: str = ""
    licence_no: str = ""
    legal_representative: str = ""
    phone: str = ""
    licence_from: date | None = None
    licence_until: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StallFacts:
    """Where a stall is. `area_dm2` in square decimetres (12.5 m² = 1250); it exists on the days named (None: open).

    `position_class` is how good its position is, `goods_zone` which goods are sold around it; `floor` 1 is the ground
    floor. `neighbours` are the ids of the stalls beside it, as "A-2, A-4".
    """

    place: str = ""
    row_no: str = ""
    area_dm2: int | None = None
    open_from: date | None = None
    open_until: date | None = None
    position_class: str = ""
    goods_zone: str = ""
    floor: int | None = None
    tank: TankSupply | None = None
    neighbours: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleIdentity:
    """A scale as its plate names it, with the facts that rules read and its seal."""

    serial_number: str = ""
    maker: str = ""
    model: str = ""
    facts: ScaleFacts = field(default_factory=ScaleFacts)
    seal_state: SealState | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """A verification (检定) of a scale: its certificate, by whom, on which day, until when; or that it failed."""

    verified_on: date
    valid_until: date | None
    certificate_no: str
    verifier: str
    passed: bool
    verification_code: str = ""
    seal_no: str = ""
    seal_state: SealState | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class VerificationRecord:
    """A verification as it was entered."""

    verification_id: int
    verification: Verification
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredMarket:
    """A market with its revision."""

    market_id: MarketId
    facts: MarketFacts
    revision: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredVendor:
    """A vendor with its revision: whoever changes it says which one they saw."""

    market_id: MarketId
    vendor_id: VendorId
    identity: VendorIdentity
    revision: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredStall:
    """A stall with its revision, which a change of who occupies it moves too."""

    market_id: MarketId
    stall_id: StallId
    facts: StallFacts
    revision: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredScale:
    """A scale with its revision, which a change of where it stands moves too."""

    market_id: MarketId
    scale_id: ScaleId
    identity: ScaleIdentity
    certificate_no: str
    verified_on: date | None
    revision: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Occupancy:
    """Who occupied a stall when, `[begins, ends)`; None: open."""

    market_id: MarketId
    stall_id: StallId
    vendor_id: VendorId
    vendor_name: str
    place: str
    begins: datetime | None
    ends: datetime | None
    entered_by: str
    entered_at: datetime | None
    because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ScaleStay:
    """Where a scale stood for whom when, `[begins, ends)`; None: open."""

    market_id: MarketId
    scale_id: ScaleId
    stall_id: StallId
    vendor_id: VendorId
    vendor_name: str
    begins: datetime | None
    ends: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterEvent:
    """One step of the trail. `changes`: by field what was and what is, as texts. `effective_at`: from when it holds."""

    event_id: int
    market_id: MarketId
    subject: SubjectKind
    subject_id: str
    action: RegisterAction
    changes: dict[str, tuple[str, str]]
    effective_at: datetime | None
    because: str
    source: Source
    by: str
    at: datetime


_NESTED: Final = "facts"


def as_texts(record: Any) -> dict[str, str]:
    """Return a record's fields as texts, days as 2026-11-27, what is not registered empty; nested facts beside them."""
    texts: dict[str, str] = {}
    for one in fields(record):
        value = getattr(record, one.name)
        if one.name == _NESTED:
            texts |= as_texts(value)
        elif isinstance(value, date):
            texts[one.name] = value.isoformat()
        else:
            texts[one.name] = "" if value is None else str(value)
    return texts


def differences(before: Any, after: Any) -> dict[str, tuple[str, str]]:
    """Return by field what differs between two records of one kind (`before` None: everything that is registered)."""
    new = as_texts(after)
    old = dict.fromkeys(new, "") if before is None else as_texts(before)
    return {name: (old[name], text) for name, text in new.items() if old[name] != text}
