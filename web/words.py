"""The words of the pages for the values of the domain. A test checks that none is missing."""

from collections.abc import Mapping
from enum import StrEnum

from domain.alert import AlertAction, AlertKind, AlertState, DismissReason, Severity
from domain.price_cap import CapStatus, Channel
from domain.units import PriceUnit
from web.access import Role
from web.i18n import mark

WORDS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    AlertState: {
        AlertState.OPEN: mark("Open"),
        AlertState.ACKNOWLEDGED: mark("Acknowledged"),
        AlertState.CONFIRMED: mark("Confirmed"),
        AlertState.DISMISSED: mark("Dismissed"),
        AlertState.OVERTURNED: mark("Overturned"),
    },
    AlertAction: {
        AlertAction.ACKNOWLEDGE: mark("Acknowledge"),
        AlertAction.CONFIRM: mark("Confirm"),
        AlertAction.DISMISS: mark("Dismiss"),
        AlertAction.OVERTURN: mark("Overturn"),
    },
    AlertKind: {
        AlertKind.PRICE_OVER_CAP: mark("Declared price above the cap"),
        AlertKind.EFFECTIVE_PRICE_OVER_CAP: mark("Price really paid above the cap"),
        AlertKind.SEQUENCE_CONFLICT: mark("Weighing sent twice with different content"),
        AlertKind.UNBOUND_SCALE: mark("Scale without a vendor"),
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
    CapStatus: {
        CapStatus.CAPPED: mark("Capped"),
        CapStatus.UNCAPPED: mark("No cap: the vendor prices freely"),
        CapStatus.OUT_OF_STOCK: mark("Out of stock: own purchase price plus markup applies"),
    },
    Channel: {Channel.EATERY: mark("Seafood eateries"), Channel.STALL: mark("Market stalls")},
    PriceUnit: {
        PriceUnit.KG: mark("yuan/kg"),
        PriceUnit.HALF_KG: mark("yuan/500 g"),
        PriceUnit.HUNDRED_GRAMS: mark("yuan/100 g"),
        PriceUnit.PIECE: mark("yuan/piece"),
    },
    Role: {
        Role.MANAGER: mark("Market manager"),
        Role.REGULATOR: mark("Regulator"),
        Role.ADMIN: mark("Administrator"),
    },
}

#: Categories of species are data, not code; these are the ones of the shipped lists.
CATEGORIES: Mapping[str, str] = {
    "fish": mark("Fish"),
    "shrimp": mark("Shrimp"),
    "crab": mark("Crab"),
    "shellfish": mark("Shellfish"),
    "other": mark("Other"),
}

#: Shapes say the severity where colour cannot.
SHAPES: Mapping[Severity, str] = {
    Severity.LOW: "○",
    Severity.MEDIUM: "◐",
    Severity.HIGH: "▲",
    Severity.CRITICAL: "◆",
}


KINDS: Mapping[str, type[StrEnum]] = {kind.__name__: kind for kind in WORDS}


def message_of(value: StrEnum) -> str:
    """Return the message to translate for a value."""
    return WORDS[type(value)][value]
