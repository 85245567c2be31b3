"""A duty of the clerk: final penalties go on the publicity list, and come off when their term is over."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from supervision.duties import Pace
from supervision.policy import SupervisionPolicy
from supervision.publicity.policy import PublicityPolicy
from supervision.publicity.publishing import publish_final, take_off_expired

_LOOK_EVERY: Final = timedelta(minutes=5)


@dataclass(slots=True)
class KeepingPublicity:
    """Two clerks are not in each other's way: a document is on the list once, and comes off once."""

    policy: PublicityPolicy
    supervision: SupervisionPolicy
    name: str = "publicity"
    _pace: Pace = field(default_factory=lambda: Pace(_LOOK_EVERY))

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Do what is due, every few minutes: terms are days. Return when to come back."""
        if not self._pace.is_time(now):
            return self._pace.next_at
        take_off_expired(conn, now)
        publish_final(conn, now, policy=self.policy, supervision=self.supervision)
        return self._pace.looked(now)
