"""A duty of the clerk: offers that ran out lapse, and terms end."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from credit.promises.handling import let_time_pass
from db import promises
from supervision.duties import Pace

_LOOK_EVERY: Final = timedelta(minutes=1)
_AT_ONCE: Final = 500


@dataclass(slots=True)
class EndingPromises:
    """Each promise is done in its own transaction, under its vendor's lock: a second clerk finds nothing to do."""

    name: str = "promises"
    _pace: Pace = field(default_factory=lambda: Pace(_LOOK_EVERY))

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Do what is due, once a minute. Return when to come back: at once where there was more than one look takes."""
        if not self._pace.is_time(now):
            return self._pace.next_at
        due = promises.due(conn, now, limit=_AT_ONCE)
        for promise_id in due:
            let_time_pass(conn, promise_id, now)
        if len(due) == _AT_ONCE:
            return now
        return self._pace.looked(now)
