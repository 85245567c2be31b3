"""A duty of the clerk: what is due with complaints as time goes by."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from supervision.complaints.policy import ComplaintsPolicy
from supervision.complaints.tending import tend

_LOOK_EVERY: Final = timedelta(minutes=1)


@dataclass(slots=True)
class TendingComplaints:
    """Each complaint is done under its own lock, so that two clerks are not in each other's way."""

    policy: ComplaintsPolicy
    name: str = "complaints"
    _looked_at: datetime | None = None

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Do what is due, once a minute: nothing of it is in a hurry. Return when to come back."""
        if self._looked_at is None or not self._looked_at <= now < self._looked_at + _LOOK_EVERY:
            tend(conn, now, self.policy)
            self._looked_at = now
        return self._looked_at + _LOOK_EVERY
