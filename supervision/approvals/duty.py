"""A duty of the clerk: approvals whose vendors are registered, or corrected, after they came find them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from supervision.approvals.checking import match_late

_LOOK_EVERY: Final = timedelta(minutes=1)


@dataclass(slots=True)
class MatchingApprovals:
    """A vendor is taken once, so that two clerks are not in each other's way."""

    name: str = "approvals"
    _looked_at: datetime | None = None

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Match what can be, once a minute: nothing of it is in a hurry. Return when to come back."""
        if self._looked_at is None or not self._looked_at <= now < self._looked_at + _LOOK_EVERY:
            match_late(conn, now)
            self._looked_at = now
        return self._looked_at + _LOOK_EVERY
