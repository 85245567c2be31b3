"""Whose clock a weighing is judged by, and how far a device's clock is off. Pure.

Three times are kept apart: the device's (`weighed_at`, frozen in its journal), the agent's when it sent the message
(`sent_at`), and the server's when it arrived (`received_at`). None of them is ever changed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.clock import ClockReading
from pricing.policy import Clock


class JudgedBy(StrEnum):
    """Whose clock says when a weighing was made, where its price is judged."""

    DEVICE = "device"
    SERVER = "server"


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedAt:
    """The moment whose cap list and business day a weighing is judged by, and whose clock that is."""

    at: datetime
    by: JudgedBy


def judged_at(
    *, weighed_at: datetime, received_at: datetime, clock_synced: bool, drift: timedelta | None, policy: Clock
) -> JudgedAt:
    """Say which moment judges a weighing.

    The device is believed where it says that its clock is kept, where nothing measured says otherwise (`drift`: see
    `drift_of`; None: not known), and where the weighing does not come from further in our future than a clock may
    be off. Otherwise the moment of arrival counts, which no device sets.
    """
    is_ahead = weighed_at - received_at > policy.drift_limit
    is_off = drift is not None and is_beyond(drift, policy)
    if clock_synced and not is_ahead and not is_off:
        return JudgedAt(at=weighed_at, by=JudgedBy.DEVICE)
    return JudgedAt(at=received_at, by=JudgedBy.SERVER)


def measured(reading: ClockReading | None, *, ahead_ms: int, at: datetime, policy: Clock) -> ClockReading:
    """Return the reading with messages that were received at `at`, the best of them `ahead_ms` before it was sent.

    A reading goes on for `Clock.measured_over`; then it is the settled one, where it lasted for half of that at least
    and ended just before, and the next begins.
    """
    if reading is None:
        return ClockReading(since=at, until=at, ahead_ms=ahead_ms)
    if at - reading.since < policy.measured_over:
        return replace(reading, until=max(at, reading.until), ahead_ms=max(ahead_ms, reading.ahead_ms))
    lasted, silent = reading.until - reading.since, at - reading.until
    is_settled = lasted >= policy.measured_over / 2 and silent < policy.measured_over
    return ClockReading(since=at, until=at, ahead_ms=ahead_ms, settled_ms=reading.ahead_ms if is_settled else None)


def drift_of(reading: ClockReading | None) -> timedelta | None:
    """Return how far a clock is ahead of ours at least; negative: behind by at most that much. None: not known.

    A message is received after it was sent: one that says otherwise proves that the clock is ahead. That none of them
    was quick proves nothing yet: what waited for a worker looks like a clock that is behind. So that takes a whole span
    of messages without a quick one, and none since.
    """
    if reading is None:
        return None
    if reading.ahead_ms >= 0:
        return timedelta(milliseconds=reading.ahead_ms)
    if reading.settled_ms is None:
        return None
    return timedelta(milliseconds=max(reading.ahead_ms, reading.settled_ms))


def is_beyond(drift: timedelta, policy: Clock) -> bool:
    """Say whether a clock is off further than one may be, to either side: an alert."""
    return abs(drift) > policy.drift_limit
