"""What follows from an attempt to deliver: delivered, tried again and when, or given up. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.notice import LetterState
from supervision.notices.policy import Retry

#: Of the time until the next attempt, this much is left to chance: receivers that came back are not all asked at once.
_JITTER = 0.2
_LONGEST_ERROR = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How an attempt went. `status`: what the receiver answered, if it did; `error`: empty where it took it.

    `is_final`: no further attempt can change it. `said`: the beginning of what was answered.
    """

    status: int | None
    error: str = ""
    is_final: bool = False
    said: str = ""


def refused(said: str, *, status: int | None = None, is_final: bool = False) -> Outcome:
    """Return the outcome of an attempt that failed; what a stranger said is cut to what a log can hold and show."""
    return Outcome(status=status, error=one_line(said)[:_LONGEST_ERROR] or "refused", is_final=is_final)


def one_line(said: str) -> str:
    """Return what a stranger said in one line that a log can hold and a page can show: nothing unprintable."""
    return " ".join("".join(char if char.isprintable() else " " for char in said).split())


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of a letter; `at` is when it is tried again."""

    state: LetterState
    at: datetime | None = None


def after(outcome: Outcome, attempts: int, retry: Retry, now: datetime, chance: float) -> Next:
    """Return what becomes of a letter after its attempt number `attempts`; `chance` is a random number in [0, 1)."""
    if not outcome.error:
        return Next(LetterState.DELIVERED)
    if outcome.is_final or attempts >= retry.attempts:
        return Next(LetterState.GIVEN_UP)
    # 2 ** 40 of the shortest time is beyond any longest one.
    pause_s = min(retry.longest_retry_s, retry.first_retry_s * 2 ** min(attempts - 1, 40))
    return Next(LetterState.WAITING, now + timedelta(seconds=pause_s * (1 - _JITTER + 2 * _JITTER * chance)))
