"""An alert: a lead (线索) opened by a rule, never a penalty."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.ids import MarketId, ScaleId, SpeciesCode, StallId, VendorId
from domain.price_cap import CapUnit
from domain.units import Fen


class AlertKind(StrEnum):
    """What a rule saw."""

    PRICE_OVER_CAP = "price_over_cap"
    EFFECTIVE_PRICE_OVER_CAP = "effective_price_over_cap"
    SEQUENCE_CONFLICT = "sequence_conflict"
    UNBOUND_SCALE = "unbound_scale"
    SEQUENCE_GAP = "sequence_gap"
    CHAIN_BREAK = "chain_break"
    CLOCK_DRIFT = "clock_drift"
    # Of one weighing (pricing.findings.of_columns):
    AMOUNT_MISMATCH = "amount_mismatch"
    PRICE_SCALED = "price_scaled"
    UNIT_CONFUSION = "unit_confusion"
    GRADE_UPGRADE = "grade_upgrade"
    UNSTABLE_WEIGHT = "unstable_weight"
    ZERO_ABNORMAL = "zero_abnormal"
    TARE_ABUSE = "tare_abuse"
    BELOW_MINIMUM = "below_minimum"
    # Of a vendor's day (pricing.findings.of_days):
    OTHER_OVERUSE = "other_overuse"
    SPECIES_SUSPECT = "species_suspect"
    SPLIT_WEIGHING = "split_weighing"
    REPEATED_WEIGHING = "repeated_weighing"
    FREQUENT_VOIDS = "frequent_voids"
    PRICE_OFF_USUAL = "price_off_usual"
    PRICE_SPIKE = "price_spike"
    SCALE_SILENT = "scale_silent"
    LOW_USE = "low_use"
    SCALE_DOUBLED = "scale_doubled"
    # Of the registry and the lists (pricing.findings.of_registry), and of a load weighed again:
    SCALE_UNSUITABLE = "scale_unsuitable"
    VERIFICATION_DUE = "verification_due"
    VERIFICATION_EXPIRED = "verification_expired"
    SCALE_UNREGISTERED = "scale_unregistered"
    SCALE_MOVED = "scale_moved"
    CAP_LIST_MISSING = "cap_list_missing"
    SHORT_WEIGHT = "short_weight"
    # Of what somebody outside says of a sale (supervision.complaints):
    COMPLAINT = "complaint"
    # Of what happened to a scale (pricing.device_findings):
    CASE_OPEN = "case_open"
    SEAL_BROKEN = "seal_broken"
    CALIBRATION_CHANGED = "calibration_changed"
    FIRMWARE_CHANGED = "firmware_changed"
    DEVICE_CHANGED = "device_changed"
    CLOCK_CHANGED = "clock_changed"
    SCALE_LOCKED = "scale_locked"
    SCALE_UNLOCKED = "scale_unlocked"


class Severity(StrEnum):
    """How far over; the bands are policy (policy/alerts.toml)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class AlertState(StrEnum):
    """Where an alert is in its life (supervision/alerts/states.py), in the order of a life that goes all the way."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    RECTIFYING = "rectifying"
    RECTIFIED = "rectified"
    ESCALATED = "escalated"
    PENALISED = "penalised"
    APPEALED = "appealed"
    UPHELD = "upheld"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    OVERTURNED = "overturned"
    #: It is handled together with another alert about the same matter.
    MERGED = "merged"
    #: Its cause was gone before anybody decided.
    WITHDRAWN = "withdrawn"


class DismissReason(StrEnum):
    """Why an alert was no offence; a dismissal without one is refused."""

    FALSE_POSITIVE = "false_positive"
    DEVICE_FAULT = "device_fault"
    LIST_ERROR = "list_error"


class RejudgedBecause(StrEnum):
    """Why weighings are judged again."""

    LIST = "list"
    BINDING = "binding"
    EXEMPTION = "exemption"
    NAMES = "names"
    PURCHASE = "purchase"
    BY_HAND = "by_hand"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """A lead with the words a page needs. Excess is fen per the cap's unit, overcharge is money; times aware."""

    alert_id: int
    market_id: MarketId
    market_name: str
    kind: AlertKind
    vendor_id: VendorId | None
    vendor_name: str
    stall_id: StallId | None
    scale_id: ScaleId
    species_code: SpeciesCode
    species_name: str
    species_name_en: str
    business_day: date
    state: AlertState
    occurrences: int
    first_at: datetime
    last_at: datetime
    worst_excess_fen: int
    worst_excess_permille: int
    worst_cap_fen: int | None
    worst_cap_unit: CapUnit | None
    overcharge_fen: Fen
    note: str
    opened_at: datetime
    updated_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    dismiss_reason: DismissReason | None
    timezone: str
    #: From when on the deadlines of its state count.
    due_since: datetime
    #: Who is on it: a login name.
    assignee: str | None = None
    #: The day until which the vendor rectifies, by the market's calendar; None where nothing was ordered.
    rectify_by: date | None = None
    #: The alert it is handled with, where it is merged.
    merged_into: int | None = None
    #: Counts the steps that moved or assigned it: what a person has seen is told from what came since.
    revision: int = 0


def subject_of_scale(scale_id: ScaleId) -> str:
    """Who an alert is about where no vendor is known. The same words as alerts.subject in the database."""
    return f"scale:{scale_id}"
