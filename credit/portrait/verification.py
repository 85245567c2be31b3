"""Of which days it is known whether a scale was verified, and on which of them it was. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from credit.portrait.span import Span

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A verification (强检): `until` None: it failed. The last day counts (`JJG 539`: valid until the end of it)."""

    on: date
    until: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredUntil:
    """What the register says of a scale as it stands: verified until the end of a day, since a day if that is known."""

    until: date
    on: date | None = None


def verified_days(span: Span, records: Sequence[Verified], register: RegisteredUntil | None) -> tuple[int, int]:
    """Return the days of the span of which something is known, and of those the verified ones, as bits.

    Each verification holds until the next; before the first nothing is known, and that is not held against anybody.
    The last day of the newest is the register's, which may have been corrected. Where only the register says
    something, without a day of verification, all days up to its day count as verified.
    """
    ordered = sorted(records, key=lambda one: one.on)
    if not ordered:
        if register is None:
            return 0, 0
        first = span.since if register.on is None else register.on
        return span.days_between(first, span.last), span.days_between(first, register.until)
    known = verified = 0
    for number, one in enumerate(ordered):
        is_newest = number == len(ordered) - 1
        last = span.last if is_newest else ordered[number + 1].on - _DAY
        until = one.until
        if is_newest and register is not None and one.until is not None:
            until = register.until
        known |= span.days_between(one.on, last)
        if until is not None:
            verified |= span.days_between(one.on, min(until, last))
    return known, verified
