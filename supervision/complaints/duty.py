"""A duty of the clerk: what is due with complaints as time goes by."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from supervision.complaints.policy import ComplaintsPolicy
from supervision.complaints.tending import tend
from supervision.duties import Pace

_LOOK_EVERY: Final = timedelta(minutes=1)


@dataclass(slots=True)
class TendingComplaints:
    """Each complaint is done under its own lock, so that two clerks are not in each other's way."""

    policy: ComplaintsPolicy
    name: str = "complaints"
    _pace: Pace = field(default_factory=lambda: Pace(_LOOK_EVERY))

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Do what is due, once a minute: nothing of it is in a hurry. Return when to come back."""
        if not self._pace.is_time(now):
            return self._pace.next_at
        tend(conn, now, self.policy)
        return self._pace.looked(now)
