"""A duty of the clerk: approvals whose vendors are registered, or corrected, after they came find them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from supervision.approvals.checking import match_late
from supervision.duties import Pace

_LOOK_EVERY: Final = timedelta(minutes=1)


@dataclass(slots=True)
class MatchingApprovals:
    """A vendor is taken once, so that two clerks are not in each other's way."""

    name: str = "approvals"
    _pace: Pace = field(default_factory=lambda: Pace(_LOOK_EVERY))

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Match what can be, once a minute: nothing of it is in a hurry. Return when to come back."""
        if not self._pace.is_time(now):
            return self._pace.next_at
        match_late(conn, now)
        return self._pace.looked(now)
