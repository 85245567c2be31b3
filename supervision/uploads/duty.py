"""A duty of the clerk: the bytes of uploaded files go when the policy says; what a file did stays on record."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from db import item_files
from db.approvals import records
from db.register import imports
from supervision.duties import Pace
from supervision.uploads.policy import UploadsPolicy

_LOOK_EVERY: Final = timedelta(minutes=10)
#: Of some megabytes each.
_AT_ONCE: Final = 50


@dataclass(slots=True)
class RemovingUploads:
    """Again changes nothing, and two clerks remove nothing twice: each is held by whoever removes it."""

    policy: UploadsPolicy
    name: str = "uploads"
    _pace: Pace = field(default_factory=lambda: Pace(_LOOK_EVERY))

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Remove what is due, every few minutes: the times are hours and days. Return when to come back."""
        if not self._pace.is_time(now):
            return self._pace.next_at
        remove(conn, self.policy, now)
        return self._pace.looked(now)


def remove(conn: Connection, policy: UploadsPolicy, now: datetime) -> None:
    """Remove what was only looked at, and the bytes of what was taken over, each older than it is to be kept."""
    with conn.transaction():
        records.forget_looked_at(conn, now - policy.looked_at.keep)
        imports.forget_looked_at(conn, now - policy.looked_at.keep)
        item_files.forget_looked_at(conn, now - policy.looked_at.keep)
    is_full = True
    while is_full:
        with conn.transaction():
            gone = records.remove_contents(conn, now - policy.approvals.keep, at=now, limit=_AT_ONCE)
        is_full = gone == _AT_ONCE
