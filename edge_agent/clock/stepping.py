"""The machine's clock against what it said before: when a time may be taken, and when it is doubted."""

from datetime import datetime, timedelta
from typing import Final

# NTP slews an offset of up to 128 ms and steps a larger one; a few seconds may be left from before it first spoke.
SLIGHT: Final = timedelta(seconds=5)


def settle(now: datetime, last: datetime | None) -> tuple[datetime, bool]:
    """Return the time of a weighing after one at `last`, and whether the clock stepped back in between.

    A slight step back is held at the last time. After a larger one the clock is taken as it is: the order is in `seq`,
    and a clock that was ahead once must not give its wrong time to every weighing that follows.
    """
    if last is None or now >= last:
        return now, False
    if last - now <= SLIGHT:
        return last, False
    return now, True


class StepWatch:
    """Compares the clock with a monotonic one, from one weighing to the next.

    A machine that slept has stepped too: until NTP speaks again, its time is that of its RTC.
    """

    def __init__(self) -> None:
        self._ahead_s: float | None = None  # of the monotonic clock, which begins anywhere

    def begin(self, now: datetime, elapsed_s: float) -> None:
        """Note where both clocks are, unless it is noted already."""
        if self._ahead_s is None:
            self._ahead_s = now.timestamp() - elapsed_s

    def step(self, now: datetime, elapsed_s: float) -> timedelta | None:
        """Return by how much the clock has stepped since it was asked last, or begun; None: a little at most."""
        self.begin(now, elapsed_s)
        before_s, self._ahead_s = self._ahead_s, now.timestamp() - elapsed_s
        if before_s is None or abs(self._ahead_s - before_s) <= SLIGHT.total_seconds():
            return None
        return timedelta(seconds=self._ahead_s - before_s)
