"""What a simulated MT-SICS balance sends by itself: weights again and again (SIR), or after a change (SR)."""

from typing import Final

STREAM_EVERY_S: Final = 1 / 15
_CHANGE_DIVISIONS: Final = 30


class Streams:
    """At most one of the two runs."""

    def __init__(self, e_g: int) -> None:
        self._e_g = e_g
        self._next_at: float | None = None
        self._is_on_change = self._is_changing = False
        self._change_g: int | None = None
        self._sent_g = 0

    def stop(self) -> None:
        """Send nothing more."""
        self._next_at, self._is_on_change = None, False

    def repeat(self, now: float) -> None:
        """Send weights about 15 times a second."""
        self._next_at = now

    def on_change(self, change_g: int | None) -> None:
        """Send the weight once it rests; then after changes of so much (None: 12.5 %, 30 divisions at least)."""
        self._is_on_change = self._is_changing = True
        self._change_g = change_g

    def is_due(self, net_g: int, *, is_stable: bool, now: float) -> bool:
        """Say whether to send the weight that is shown now."""
        return self._is_repeat_due(now) or (self._is_on_change and self._is_change_due(net_g, is_stable=is_stable))

    def _is_repeat_due(self, now: float) -> bool:
        if self._next_at is None or now < self._next_at:
            return False
        self._next_at = (self._next_at if now - self._next_at < STREAM_EVERY_S else now) + STREAM_EVERY_S
        return True

    def _is_change_due(self, net_g: int, *, is_stable: bool) -> bool:
        """After a change, once while it moves, and once when it rests again."""
        if self._is_changing:
            self._is_changing = not is_stable
            self._sent_g = net_g
            return is_stable
        change_g = self._change_g or max(_CHANGE_DIVISIONS * self._e_g, abs(self._sent_g) // 8)
        self._is_changing = abs(net_g - self._sent_g) >= change_g
        return self._is_changing and not is_stable
