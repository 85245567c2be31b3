"""The words of the pages for the values of the domain. A test checks that none is missing."""

from collections.abc import Mapping
from enum import StrEnum

from db.scale_caps import HeldCaps
from domain.alert import AlertKind, AlertState, DismissReason, RejudgedBecause, Severity
from domain.alert_step import AlertAction, WithdrawReason
from domain.continuity import ChainFault
from domain.device_event import EventKind
from domain.price_cap import CapStatus, Channel
from domain.quarantine import HeldState, HeldStep, ReplayOutcome
from domain.units import PriceUnit
from supervision.alerts.watch import Mark
from supervision.deadlines.policy import Deadline
from web.access import Role
from web.counting import NotCounted
from web.i18n import mark
from web.register_words import REGISTER_WORDS
from web.words_of_approvals import APPROVAL_WORDS
from web.words_of_cases import CASE_WORDS
from web.words_of_complaints import COMPLAINT_WORDS
from web.words_of_daily_caps import DAILY_CAP_WORDS
from web.words_of_exports import EXPORT_WORDS
from web.words_of_inspections import INSPECTION_WORDS
from web.words_of_item_tables import ITEM_TABLE_WORDS
from web.words_of_lists import LIST_WORDS
from web.words_of_notices import NOTICE_WORDS
from web.words_of_portraits import PORTRAIT_WORDS
from web.words_of_promises import PROMISE_WORDS
from web.words_of_repairs import REPAIR_WORDS
from web.words_of_reports import REPORT_WORDS
from web.words_of_risk import RISK_WORDS
from web.words_of_rotation import ROTATION_WORDS

WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    AlertState: {
        AlertState.OPEN: mark("Open"),
        AlertState.ACKNOWLEDGED: mark("Acknowledged"),
        AlertState.CONFIRMED: mark("Confirmed"),
        AlertState.RECTIFYING: mark("Being rectified"),
        AlertState.RECTIFIED: mark("Rectified, to be checked"),
        AlertState.ESCALATED: mark("With the regulator"),
        AlertState.PENALISED: mark("Penalised"),
        AlertState.APPEALED: mark("Under appeal"),
        AlertState.UPHELD: mark("Upheld"),
        AlertState.CLOSED: mark("Closed"),
        AlertState.DISMISSED: mark("Dismissed"),
        AlertState.OVERTURNED: mark("Overturned"),
        AlertState.MERGED: mark("Merged"),
        AlertState.WITHDRAWN: mark("Withdrawn"),
    },
    AlertAction: {
        AlertAction.ACKNOWLEDGE: mark("Acknowledge"),
        AlertAction.CONFIRM: mark("Confirm"),
        AlertAction.DISMISS: mark("Dismiss"),
        AlertAction.MERGE: mark("Merge with another"),
        AlertAction.ORDER_RECTIFICATION: mark("Order rectification"),
        AlertAction.REPORT_RECTIFIED: mark("Report as rectified"),
        AlertAction.SEND_BACK: mark("Send back"),
        AlertAction.ESCALATE: mark("Hand to the regulator"),
        AlertAction.RECORD_PENALTY: mark("Record a penalty"),
        AlertAction.APPEAL: mark("Record an appeal"),
        AlertAction.UPHOLD: mark("Uphold"),
        AlertAction.OVERTURN: mark("Overturn"),
        AlertAction.CLOSE: mark("Close"),
        AlertAction.REOPEN: mark("Take up again"),
        AlertAction.WITHDRAW: mark("Withdrawn by itself"),
        AlertAction.MISS: mark("Deadline missed"),
        AlertAction.ASSIGN: mark("Assign"),
        AlertAction.COMMENT: mark("Comment"),
        AlertAction.ATTACH: mark("Add a photo"),
    },
    Deadline: {
        Deadline.RESPOND: mark("Answer by"),
        Deadline.DECIDE: mark("Decide by"),
        Deadline.FOLLOW_UP: mark("Follow up by"),
        Deadline.RECTIFY: mark("Put right by"),
        Deadline.CHECK: mark("Check by"),
        Deadline.SETTLE: mark("Settle by"),
        Deadline.ANSWER_APPEAL: mark("Answer the appeal by"),
    },
    Mark: {
        Mark.MANY_DISMISSED: mark("Very many dismissed"),
        Mark.CLOSED_WITHOUT_EVIDENCE: mark("Closed without evidence"),
        Mark.MANY_MISSED: mark("Many deadlines missed"),
    },
    RejudgedBecause: {
        RejudgedBecause.LIST: mark("A cap list was published, corrected or withdrawn"),
        RejudgedBecause.BINDING: mark("Whose a scale is was changed"),
        RejudgedBecause.EXEMPTION: mark("An exemption was granted or revoked"),
        RejudgedBecause.NAMES: mark("What a name means was changed"),
        RejudgedBecause.PURCHASE: mark("A purchase was accepted"),
        RejudgedBecause.BY_HAND: mark("Somebody asked for it"),
    },
    AlertKind: {
        AlertKind.PRICE_OVER_CAP: mark("Declared price above the cap"),
        AlertKind.EFFECTIVE_PRICE_OVER_CAP: mark("Price really paid above the cap"),
        AlertKind.SEQUENCE_CONFLICT: mark("Weighing sent twice with different content"),
        AlertKind.UNBOUND_SCALE: mark("Scale without a vendor"),
        AlertKind.SEQUENCE_GAP: mark("Weighings of the scale are missing"),
        AlertKind.CHAIN_BREAK: mark("Weighing does not follow the one before"),
        AlertKind.CLOCK_DRIFT: mark("Clock of the scale is off"),
        AlertKind.AMOUNT_MISMATCH: mark("Amount is not weight times price"),
        AlertKind.PRICE_SCALED: mark("Unit price with a digit missing"),
        AlertKind.UNIT_CONFUSION: mark("Perhaps the wrong unit: 500 g or kg"),
        AlertKind.GRADE_UPGRADE: mark("Small goods sold as a larger grade"),
        AlertKind.UNSTABLE_WEIGHT: mark("Weight recorded while moving"),
        AlertKind.ZERO_ABNORMAL: mark("Zero of the scale is off"),
        AlertKind.TARE_ABUSE: mark("Basket not tared"),
        AlertKind.BELOW_MINIMUM: mark("Less than the scale may weigh"),
        AlertKind.OTHER_OVERUSE: mark("Very many sales of unlisted goods"),
        AlertKind.SPECIES_SUSPECT: mark("Price does not fit the goods keyed"),
        AlertKind.SPLIT_WEIGHING: mark("One purchase in many weighings"),
        AlertKind.REPEATED_WEIGHING: mark("Same load weighed again and again"),
        AlertKind.FREQUENT_VOIDS: mark("Sales above the cap voided again and again"),
        AlertKind.PRICE_OFF_USUAL: mark("Price far from the vendor's usual one"),
        AlertKind.PRICE_SPIKE: mark("Price far above the market's"),
        AlertKind.SCALE_SILENT: mark("Scale silent in business hours"),
        AlertKind.LOW_USE: mark("Scale little used"),
        AlertKind.SCALE_UNSUITABLE: mark("Scale too coarse for the goods"),
        AlertKind.VERIFICATION_DUE: mark("Verification of the scale ends soon"),
        AlertKind.VERIFICATION_EXPIRED: mark("Verification of the scale has ended"),
        AlertKind.SCALE_UNREGISTERED: mark("Scale is not registered"),
        AlertKind.SCALE_MOVED: mark("Device of another scale"),
        AlertKind.SCALE_DOUBLED: mark("Two devices under one scale's name"),
        AlertKind.CAP_LIST_MISSING: mark("No cap list is in force"),
        AlertKind.SHORT_WEIGHT: mark("Short weight on the fair scale"),
        AlertKind.COMPLAINT: mark("Complaint about a sale"),
        AlertKind.CASE_OPEN: mark("Case of the scale opened"),
        AlertKind.SEAL_BROKEN: mark("Seal of the scale broken"),
        AlertKind.CALIBRATION_CHANGED: mark("Calibration of the scale changed"),
        AlertKind.FIRMWARE_CHANGED: mark("Firmware of the scale changed"),
        AlertKind.DEVICE_CHANGED: mark("Another device in place of the scale"),
        AlertKind.CLOCK_CHANGED: mark("Clock of the scale was moved"),
        AlertKind.SCALE_LOCKED: mark("Scale locked"),
        AlertKind.SCALE_UNLOCKED: mark("Scale unlocked"),
    },
    Severity: {
        Severity.LOW: mark("Slight"),
        Severity.MEDIUM: mark("Notable"),
        Severity.HIGH: mark("Serious"),
        Severity.CRITICAL: mark("Grave"),
    },
    DismissReason: {
        DismissReason.FALSE_POSITIVE: mark("No breach on checking"),
        DismissReason.DEVICE_FAULT: mark("Fault of the device"),
        DismissReason.LIST_ERROR: mark("Error in the cap list"),
    },
    WithdrawReason: {
        WithdrawReason.GAP_FILLED: mark("Everything that was missing has arrived"),
        WithdrawReason.LIST_CHANGED: mark("Judged again after a cap list changed: nothing is above the cap"),
        WithdrawReason.BINDING_CHANGED: mark("Judged again after the scale's stall or vendor changed"),
        WithdrawReason.EXEMPTION_CHANGED: mark("Judged again after the vendor's exemption changed"),
        WithdrawReason.NAMES_CHANGED: mark("Judged again after what a name means changed"),
        WithdrawReason.PURCHASE_CHANGED: mark("Judged again after the vendor's purchase record changed"),
        WithdrawReason.JUDGED_AGAIN: mark("Judged again: nothing of it is left"),
    },
    ChainFault: {
        ChainFault.DOES_NOT_FIT: mark("Its fingerprint of the weighing before does not fit"),
        ChainFault.LEFT_OUT: mark("It has no fingerprint of the weighing before, though that one had"),
        ChainFault.FIRST_NAMES_ONE: mark("The first of its journal refers to one before it"),
    },
    CapStatus: {
        CapStatus.CAPPED: mark("Capped"),
        CapStatus.UNCAPPED: mark("No cap: the vendor prices freely"),
        CapStatus.OUT_OF_STOCK: mark("Out of stock: own purchase price plus markup applies"),
        CapStatus.ABSENT: mark("Named without a price"),
    },
    Channel: {Channel.EATERY: mark("Seafood eateries"), Channel.STALL: mark("Market stalls")},
    PriceUnit: {
        PriceUnit.KG: mark("yuan/kg"),
        PriceUnit.HALF_KG: mark("yuan/500 g"),
        PriceUnit.HUNDRED_GRAMS: mark("yuan/100 g"),
        PriceUnit.PIECE: mark("yuan/piece"),
    },
    NotCounted: {
        NotCounted.UNDONE: mark("Does not count: it was overturned or withdrawn"),
        NotCounted.UNDOES: mark("Undoes the deduction, which counts no longer: nothing is added on top"),
        NotCounted.WORSE_COUNTS: mark("Does not count: of one kind and day only the worst deduction does"),
        NotCounted.OTHER_CYCLE: mark("Does not count: of another cycle"),
    },
    HeldCaps: {
        HeldCaps.CURRENT: mark("List in force"),
        HeldCaps.OLD: mark("Old list"),
        HeldCaps.SILENT: mark("Never said"),
    },
    EventKind: {
        EventKind.ZERO: mark("Set to zero"),
        EventKind.TARE: mark("Tared"),
        EventKind.CASE_OPEN: mark("Case opened"),
        EventKind.SEAL_BROKEN: mark("Seal broken"),
        EventKind.CALIBRATION_CHANGED: mark("Calibration changed"),
        EventKind.FIRMWARE_CHANGED: mark("Firmware changed"),
        EventKind.DEVICE_CHANGED: mark("Another device answers"),
        EventKind.CLOCK_CHANGED: mark("Clock changed"),
        EventKind.POWER_ON: mark("Powered on"),
        EventKind.POWER_OFF: mark("Powered off"),
        EventKind.LOCKED: mark("Locked"),
        EventKind.UNLOCKED: mark("Unlocked"),
        EventKind.CAPS_APPLIED: mark("Caps applied"),
        EventKind.CONFIG_CHANGED: mark("Settings changed"),
        EventKind.JOURNAL_BEGUN: mark("New journal begun"),
        EventKind.JOURNAL_NEARLY_FULL: mark("Journal nearly full"),
        EventKind.JOURNAL_FULL: mark("Journal full"),
    },
    HeldState: {
        HeldState.HELD: mark("Held"),
        HeldState.REPLAYED: mark("Accepted later"),
        HeldState.SETTLED: mark("Settled"),
    },
    ReplayOutcome: {
        ReplayOutcome.STORED: mark("Stored, judged as of its arrival"),
        ReplayOutcome.ARRIVED_MEANWHILE: mark("Had arrived meanwhile by itself"),
        ReplayOutcome.IN_PIECES: mark("Taken apart: what is refused of it is held by itself"),
        ReplayOutcome.REFUSED: mark("Refused again"),
        ReplayOutcome.CONFLICT: mark("Never stored: another content is the record"),
        ReplayOutcome.ENDED_BEFORE: mark("Not held any more"),
    },
    HeldStep: {
        HeldStep.REPLAY_REQUESTED: mark("Asked to be read again"),
        HeldStep.REPLAYED: mark("Read again and accepted"),
        HeldStep.REFUSED_AGAIN: mark("Read again and refused"),
        HeldStep.SETTLED: mark("Settled"),
    },
    Role: {
        Role.MANAGER: mark("Market manager"),
        Role.REGULATOR: mark("Regulator"),
        Role.ADMIN: mark("Administrator"),
    },
    **APPROVAL_WORDS,
    **COMPLAINT_WORDS,
    **LIST_WORDS,
    **REGISTER_WORDS,
    **INSPECTION_WORDS,
    **ITEM_TABLE_WORDS,
    **CASE_WORDS,
    **DAILY_CAP_WORDS,
    **EXPORT_WORDS,
    **NOTICE_WORDS,
    **PROMISE_WORDS,
    **REPAIR_WORDS,
    **ROTATION_WORDS,
    **PORTRAIT_WORDS,
    **REPORT_WORDS,
    **RISK_WORDS,
}

#: Categories of species are data, not code; these are the ones of the shipped lists.
CATEGORIES: Mapping[str, str] = {
    "fish": mark("Fish"),
    "shrimp": mark("Shrimp"),
    "crab": mark("Crab"),
    "shellfish": mark("Shellfish"),
    "other": mark("Other"),
}

#: Alerts about a device are noted by the rule; these are the words for it.
NOTED_BY_THE_RULE: Mapping[AlertKind, str] = {
    AlertKind.SEQUENCE_CONFLICT: mark(
        "A weighing arrived a second time with other content. The first is kept, the second is in quarantine."
    ),
    AlertKind.UNBOUND_SCALE: mark("The scale was bound to no stall and no vendor when it weighed."),
    AlertKind.SEQUENCE_GAP: mark(
        "A scale numbers its weighings one by one. Those listed had not arrived when the time for late ones was over."
        " Once all of them have arrived, this alert closes by itself."
    ),
    AlertKind.CHAIN_BREAK: mark(
        "Each weighing carries the fingerprint of the one before. Where that does not fit, one of the two was changed,"
        " replaced or left out."
    ),
    AlertKind.CLOCK_DRIFT: mark(
        "The clock is further off than it may be. Until it is set, weighings are judged by the time they arrive."
        " Told of once a scale and day."
    ),
    AlertKind.CASE_OPEN: mark("The contact of the case says that it was opened, and no maintenance ticket was open."),
    AlertKind.SEAL_BROKEN: mark("The contact of the seal says that it is broken, and no maintenance ticket was open."),
    AlertKind.CALIBRATION_CHANGED: mark(
        "The counter of the calibration has moved, and no maintenance ticket was open. Have the scale weighed against"
        " standard weights."
    ),
    AlertKind.FIRMWARE_CHANGED: mark("The scale says another firmware than before. Compare with the approved type."),
    AlertKind.DEVICE_CHANGED: mark(
        "Another serial number answers where this scale was. See which device stands there."
    ),
    AlertKind.CLOCK_CHANGED: mark(
        "The clock was moved further than it may be off. The clock decides which day's caps apply; what was weighed by"
        " it is judged by its arrival."
    ),
    AlertKind.SCALE_LOCKED: mark("The scale locked itself, or was locked. Find out why before it sells again."),
    AlertKind.SCALE_UNLOCKED: mark("The scale was unlocked. Only an authorised person may."),
}

#: Shapes say the severity where colour cannot.
SHAPES: Mapping[Severity, str] = {
    Severity.LOW: "○",
    Severity.MEDIUM: "◐",
    Severity.HIGH: "▲",
    Severity.CRITICAL: "◆",
}


KINDS: Mapping[str, type[StrEnum]] = {kind.__name__: kind for kind in WORDS}


def event_message(kind: str) -> str:
    """Return the message to translate for a kind of device event; one that nobody knows any more is its own name."""
    return WORDS[EventKind][EventKind(kind)] if kind in set(EventKind) else kind


def message_of(value: StrEnum) -> str:
    """Return the message to translate for a value."""
    return WORDS[type(value)][value]
