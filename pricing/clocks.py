"""Whose clock a weighing is judged by, and how far a device's clock is off. Pure.

Three times are kept apart: the device's (`weighed_at`, frozen in its journal), the agent's when it sent the message
(`sent_at`), and the server's when it arrived (`received_at`). None of them is ever changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

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


class Passage(NamedTuple):
    """A message: sent by the sender's clock, received by ours."""

    sent_at: datetime
    received_at: datetime


def judged_at(
    *, weighed_at: datetime, received_at: datetime, clock_synced: bool, drift: timedelta | None, policy: Clock
) -> JudgedAt:
    """Say which moment judges a weighing.

    The device is believed where it says that its clock is kept, where nothing measured says otherwise (`drift`: see
    `drift_of`; None: not measured), and where the weighing does not come from further in our future than a clock may
    be off. Otherwise the moment of arrival counts, which no device sets.
    """
    is_ahead = weighed_at - received_at > policy.drift_limit
    is_off = drift is not None and is_beyond(drift, policy)
    if clock_synced and not is_ahead and not is_off:
        return JudgedAt(at=weighed_at, by=JudgedBy.DEVICE)
    return JudgedAt(at=received_at, by=JudgedBy.SERVER)


def drift_of(passages: Iterable[Passage]) -> timedelta | None:
    """Return how far the senders' clock is ahead of ours (negative: behind); None without a message.

    A message is always received after it was sent, so the one that was under way the shortest tells best: the clock is
    ahead by at least that much, and behind by at most that much. The caller gives the messages of one sender over
    `Clock.measured_over`; none of them may be a message that waited (a backlog after an outage looks like a clock that
    is behind).
    """
    return max((one.sent_at - one.received_at for one in passages), default=None)


def drift_told(*, offset_ms: int, error_ms: int) -> timedelta:
    """Return how far a clock is surely ahead of ours, as its agent tells in a status; negative: behind.

    `offset_ms` is the service's clock less the agent's, and the truth is within `error_ms` of it: of all the drifts
    that this allows, the smallest.
    """
    surely_ms = max(0, abs(offset_ms) - error_ms)
    return timedelta(milliseconds=surely_ms if offset_ms < 0 else -surely_ms)


def is_beyond(drift: timedelta, policy: Clock) -> bool:
    """Say whether a clock is off further than one may be, to either side: an alert."""
    return abs(drift) > policy.drift_limit
