"""How long a worker asks the database to wait for it. Pure.

A transaction that stops in its middle is ended after seconds, since it may be a frozen worker's, whose locks others
wait for. A worker that finds its own transaction ended was only slow: on an overloaded machine the same batch would be
ended again and again. So it asks for more time, and for the usual one again when it was in time for a while.
"""

from dataclasses import dataclass, replace
from typing import Final

#: 16 times: a frozen worker's locks are then let go after three quarters of a minute.
_MOST: Final = 16
_FORGOTTEN_AFTER_S: Final = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """`times` the usual time is asked for since `since_s` (of one clock)."""

    times: int = 1
    since_s: float = 0.0

    def at(self, now_s: float) -> int:
        """Return how many times the usual time to ask for."""
        return self.times if now_s - self.since_s < _FORGOTTEN_AFTER_S else 1

    def after_too_long(self, now_s: float) -> "Patience":
        """Return what to ask for after a transaction was ended: twice as much."""
        return replace(self, times=min(_MOST, 2 * self.at(now_s)), since_s=now_s)
