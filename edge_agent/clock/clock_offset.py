"""How far the service's clock is from ours, out of receipts that say when they were sent. Pure.

A weighing is sent at `sent`, its receipt leaves the service at the service's time `at` and is heard at `heard`; so the
offset lies between `at - heard` and `at - sent`: the middle, give or take half the round trip. Of the last samples the
one with the shortest round trip is believed (as NTP's clock filter does, RFC 5905, section 10). Samples are kept
against the monotonic clock, which nothing sets: so a step of the wall clock shows at once, without another receipt.
"""

from dataclasses import dataclass
from datetime import datetime

_MS = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class OffsetRules:
    """`drift`: seconds a second that a cheap crystal may run off; a sample is believed less by this as it ages."""

    samples: int = 16
    oldest_s: float = 7200.0
    drift: float = 1e-4


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """`ahead_s`: the service's time (Unix) less the monotonic clock's, give or take `error_s`, as of `heard_s`."""

    ahead_s: float
    error_s: float
    heard_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockOffset:
    """The service's clock less ours: positive where ours is behind. The truth is within `error_ms` of it."""

    offset_ms: int
    error_ms: int

    def is_beyond(self, limit_s: float) -> bool:
        """Say whether our clock is off by more than the limit, however the error falls."""
        return abs(self.offset_ms) - self.error_ms > limit_s * _MS

    def is_within(self, limit_s: float) -> bool:
        """Say whether our clock is right to the limit, however the error falls."""
        return abs(self.offset_ms) + self.error_ms <= limit_s * _MS


class OffsetNews:
    """When an offset is news: the clock was in order, and now is surely not; or the other way round."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s, self._is_off = limit_s, False

    def look(self, found: ClockOffset | None) -> ClockOffset | None:
        """Return the offset where it is news. One that may be either, or is not known, is none."""
        if found is None or not (found.is_within(self._limit_s) if self._is_off else found.is_beyond(self._limit_s)):
            return None
        self._is_off = not self._is_off
        return found


def sample(*, sent_s: float, at: datetime, heard_s: float) -> Sample | None:
    """Return what a receipt says; None where it was heard before its weighing was sent, which is no receipt of it."""
    if heard_s < sent_s:
        return None
    return Sample(
        ahead_s=at.timestamp() - (sent_s + heard_s) / 2,
        error_s=(heard_s - sent_s) / 2,
        heard_s=heard_s,
    )


def keep(rules: OffsetRules, known: tuple[Sample, ...], new: Sample) -> tuple[Sample, ...]:
    """Return the last samples with a new one.

    One that contradicts the new one shows that the service's clock was set since: it is dropped.
    """
    agreeing = (old for old in known if _agree(rules, old, new))
    return (*agreeing, new)[-rules.samples :]


def offset(rules: OffsetRules, known: tuple[Sample, ...], now: datetime, elapsed_s: float) -> ClockOffset | None:
    """Return the offset of our clock, which says `now` at `elapsed_s` of the monotonic one; None: unknown."""
    best = best_of(rules, known, elapsed_s)
    return None if best is None else by(rules, best, now, elapsed_s)


def best_of(rules: OffsetRules, known: tuple[Sample, ...], elapsed_s: float) -> Sample | None:
    """Return the sample to believe: all age alike, so it stays the best until it is too old or another one comes."""
    fresh = [each for each in known if not is_too_old(rules, each, elapsed_s)]
    return min(fresh, key=lambda each: _error_s(rules, each, elapsed_s), default=None)


def is_too_old(rules: OffsetRules, each: Sample, elapsed_s: float) -> bool:
    """Say whether a sample says nothing any more."""
    return elapsed_s - each.heard_s > rules.oldest_s


def by(rules: OffsetRules, best: Sample, now: datetime, elapsed_s: float) -> ClockOffset:
    """Return the offset that a sample makes of our clock."""
    return ClockOffset(
        offset_ms=round((best.ahead_s - (now.timestamp() - elapsed_s)) * _MS),
        error_ms=round(_error_s(rules, best, elapsed_s) * _MS),
    )


def _agree(rules: OffsetRules, old: Sample, new: Sample) -> bool:
    return abs(old.ahead_s - new.ahead_s) <= _error_s(rules, old, new.heard_s) + new.error_s


def _error_s(rules: OffsetRules, each: Sample, elapsed_s: float) -> float:
    return each.error_s + rules.drift * max(0.0, elapsed_s - each.heard_s)
