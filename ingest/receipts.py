"""When to tell a scale what is committed: at once, but at most once a second a scale. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from db.journals import JournalKey

INTERVAL = timedelta(seconds=1)


class ReceiptPacer:
    """Remembers what each journal may be told, and when its scale was last told anything."""

    def __init__(self, interval: timedelta = INTERVAL) -> None:
        self._interval = interval
        self._waiting: dict[JournalKey, int] = {}
        self._told_at: dict[tuple[str, str], datetime] = {}

    def add(self, committed: Mapping[JournalKey, int]) -> None:
        """Note up to which seq each journal is committed. A repeated delivery is told again: its receipt was lost."""
        self._waiting.update(committed)

    def due(self, now: datetime) -> dict[JournalKey, int]:
        """Return the receipts to send now, and count them as sent."""
        due = {key: seq for key, seq in self._waiting.items() if self._may_tell(key, now)}
        for key in due:
            del self._waiting[key]
            self._told_at[key.market_id, key.scale_id] = now
        return due

    def _may_tell(self, key: JournalKey, now: datetime) -> bool:
        told_at = self._told_at.get((key.market_id, key.scale_id))
        return told_at is None or now - told_at >= self._interval
