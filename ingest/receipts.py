"""When to tell a scale what is committed: at once, but at most once a second a scale. Pure.

Time is of a monotonic clock, in seconds: a wall clock that is set back must not keep a scale waiting.
"""

from collections.abc import Mapping

from db.journals import JournalKey

INTERVAL_S = 1.0


class ReceiptPacer:
    """Remembers what each journal may be told, and when its scale was last told anything."""

    def __init__(self, interval_s: float = INTERVAL_S) -> None:
        self._interval_s = interval_s
        self._waiting: dict[JournalKey, int] = {}
        self._told_at: dict[tuple[str, str], float] = {}

    def add(self, committed: Mapping[JournalKey, int]) -> None:
        """Note up to which seq each journal is committed. A repeated delivery is told again: its receipt was lost."""
        self._waiting.update(committed)

    def due(self, now_s: float) -> dict[JournalKey, int]:
        """Return the receipts to send now, and count them as sent."""
        self._told_at = {scale: told for scale, told in self._told_at.items() if now_s - told < self._interval_s}
        due = {key: seq for key, seq in self._waiting.items() if (key.market_id, key.scale_id) not in self._told_at}
        for key in due:
            del self._waiting[key]
            self._told_at[key.market_id, key.scale_id] = now_s
        return due
