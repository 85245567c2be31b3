"""What happens to a scale beside weighing: evidence when somebody tampers, and an explanation when nobody did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.ids import JournalId, MarketId, ScaleId


class EventKind(StrEnum):
    """The kinds of device events of the wire contract. What a device does not know, it does not send."""

    ZERO = "zero"
    TARE = "tare"
    CASE_OPEN = "case_open"
    SEAL_BROKEN = "seal_broken"
    CALIBRATION_CHANGED = "calibration_changed"
    FIRMWARE_CHANGED = "firmware_changed"
    DEVICE_CHANGED = "device_changed"  # another serial number answers on this port
    CLOCK_CHANGED = "clock_changed"
    POWER_ON = "power_on"
    POWER_OFF = "power_off"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    CAPS_APPLIED = "caps_applied"
    CONFIG_CHANGED = "config_changed"
    JOURNAL_BEGUN = "journal_begun"
    JOURNAL_NEARLY_FULL = "journal_nearly_full"
    JOURNAL_FULL = "journal_full"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceEvent:
    """Something that happened to a scale `at` a time of the agent's clock. `detail`: small facts (`{"grams": 30}`)."""

    kind: EventKind
    at: datetime
    clock_synced: bool = False
    detail: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("at is naive; a device event needs an aware time")


class EventKey(NamedTuple):
    """What makes a device event itself: `event_no` counts 1, 2, 3… within the journal and never repeats."""

    market_id: MarketId
    scale_id: ScaleId
    journal_id: JournalId
    event_no: int
