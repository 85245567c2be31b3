"""From which moment on something holds: past, now or to come. Pure.

A change in the past judges what was sold since again (docs/rejudging.md), so it is asked for explicitly.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.errors import RuleViolation

#: A page lay open for a while: so little before now is not what a person calls the past.
_JUST_NOW: Final = timedelta(minutes=10)
_OLDEST: Final = timedelta(days=3 * 366)
_FARTHEST: Final = timedelta(days=366)


class BeginsInThePast(RuleViolation):
    """What was sold since will be judged again: whoever means it says so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    """From which moment on. `past_is_meant`: that sales since then are judged again is known."""

    moment: datetime
    past_is_meant: bool = False


def require_moment(when: When, now: datetime) -> None:
    """Raise BeginsInThePast, or RuleViolation for a moment that nobody means."""
    if when.moment < now - _OLDEST or when.moment > now + _FARTHEST:
        raise RuleViolation(
            f"it would begin at {when.moment.isoformat()}; expected a moment of the last three years or the next one"
        )
    if when.moment < now - _JUST_NOW and not when.past_is_meant:
        raise BeginsInThePast(
            f"it would begin at {when.moment.isoformat()}, in the past: what was sold since would be judged again;"
            " say that it is meant so"
        )
