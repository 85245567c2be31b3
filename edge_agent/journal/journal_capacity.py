"""When a journal's file is nearly full, when it is full, and what may leave it. Pure: counts, ages and bytes in.

A legal memory that is full stops recording, or overwrites only what is older than its retention period (Precisa's and
Sartorius' alibi memories; 90 days is Sartorius' default). Here what has no receipt never leaves at all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

_MIB: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalLimits:
    """Limits of one file, for all its scales. 64 scales with a thousand sales a day fill `max_entries` in a month.

    `keep_days`: how long a weighing stays after its receipt. `warn_at_percent` is of `max_entries` without a receipt,
    and of `keep_days` of waiting for one. Under `warn_free_bytes` on the disk it warns, under `min_free_bytes` it
    records nothing more: the rest is for the write-ahead log and for the machine.
    """

    max_entries: int = 2_000_000
    keep_days: int = 90
    warn_at_percent: int = 90
    warn_free_bytes: int = 256 * _MIB
    min_free_bytes: int = 64 * _MIB


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """What a file holds: entries in all, those without a receipt, since when the oldest of these waits.

    `free_bytes`: what the file may still grow by, on its disk and within itself.
    """

    held: int
    waiting: int
    oldest_waiting_at: datetime | None
    free_bytes: int


class Capacity(StrEnum):
    """How much room a journal has."""

    OK = "ok"
    NEARLY_FULL = "nearly_full"
    FULL = "full"


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalState:
    """What an agent says of its journal. `reason` is a sentence, empty where all is well."""

    capacity: Capacity
    reason: str
    holding: Holding


def state_of(limits: JournalLimits, holding: Holding, now: datetime, *, adding: int = 1) -> JournalState:
    """Say whether `adding` more entries have room, and whether it is time to warn."""
    reason = _why_full(limits, holding, adding)
    capacity = Capacity.FULL
    if not reason:
        reason = _why_nearly_full(limits, holding, now)
        capacity = Capacity.NEARLY_FULL if reason else Capacity.OK
    return JournalState(capacity=capacity, reason=reason, holding=holding)


def _why_full(limits: JournalLimits, holding: Holding, adding: int) -> str:
    if holding.waiting + adding > limits.max_entries:
        return f"{holding.waiting} weighings wait for a receipt; the journal keeps at most {limits.max_entries}"
    if holding.free_bytes < limits.min_free_bytes:
        return f"{holding.free_bytes} bytes are free on the disk; the journal needs {limits.min_free_bytes}"
    return ""


def _why_nearly_full(limits: JournalLimits, holding: Holding, now: datetime) -> str:
    if holding.waiting * 100 >= limits.max_entries * limits.warn_at_percent:
        return f"{holding.waiting} weighings wait for a receipt; the journal keeps at most {limits.max_entries}"
    if holding.free_bytes < limits.warn_free_bytes:
        return f"{holding.free_bytes} bytes are free on the disk; the journal stops at {limits.min_free_bytes}"
    waiting_for = now - (holding.oldest_waiting_at or now)
    if waiting_for * 100 >= timedelta(days=limits.keep_days) * limits.warn_at_percent:
        return f"the oldest weighing has waited {waiting_for.days} days for its receipt"
    return ""


def surplus(limits: JournalLimits, holding: Holding, *, adding: int = 0) -> int:
    """Return how many receipted entries are too many: beyond `max_entries` with what is being added."""
    return max(0, min(holding.held + adding - limits.max_entries, holding.held - holding.waiting))


def kept_since(limits: JournalLimits, now: datetime) -> datetime:
    """Return the time before which a receipted entry may leave."""
    return now - timedelta(days=limits.keep_days)
