"""An alert: a lead (线索) opened by a rule, never a penalty."""

from enum import StrEnum


class AlertKind(StrEnum):
    """What a rule saw."""

    PRICE_OVER_CAP = "price_over_cap"
    EFFECTIVE_PRICE_OVER_CAP = "effective_price_over_cap"
    SEQUENCE_CONFLICT = "sequence_conflict"
    UNBOUND_SCALE = "unbound_scale"


class Severity(StrEnum):
    """How far over; the bands are policy (policy/alerts.toml)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class AlertState(StrEnum):
    """Where an alert is in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    OVERTURNED = "overturned"


class AlertAction(StrEnum):
    """What a person may do to an alert."""

    ACKNOWLEDGE = "acknowledge"
    CONFIRM = "confirm"
    DISMISS = "dismiss"
    OVERTURN = "overturn"


class DismissReason(StrEnum):
    """Why an alert was no offence; a dismissal without one is refused."""

    FALSE_POSITIVE = "false_positive"
    DEVICE_FAULT = "device_fault"
    LIST_ERROR = "list_error"
