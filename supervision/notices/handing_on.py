"""A duty: what happened goes into the mailboxes of those who are to be told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection

from db import happenings, mailboxes, notice_people, webhooks
from supervision.notices.addressing import Listener, Severities, addressed
from supervision.notices.policy import NoticesPolicy

#: Handed on in one transaction.
_SLICE: Final = 500


@dataclass(frozen=True, slots=True)
class HandingOn:
    """Each is handed on once, in the transaction that says so: whoever dies in the middle has handed on nothing."""

    policy: NoticesPolicy
    severities: Severities
    name: str = "handing_on"

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Hand on everything that nobody else is handing on."""
        while self._slice(conn, now) == _SLICE:
            pass
        return None

    def _slice(self, conn: Connection, now: datetime) -> int:
        with conn.transaction():
            found = happenings.untold(conn, _SLICE)
            if not found:
                return 0
            people = notice_people.everybody(conn)
            listeners = [
                Listener(endpoint_id=one.endpoint_id, market_id=one.market_id, minimum=one.minimum, kinds=one.kinds)
                for one in webhooks.endpoints(conn)
                if one.disabled_at is None
            ]
            items = [item for one in found for item in addressed(one, people, listeners, self.policy, self.severities)]
            mailboxes.add(conn, items, now)
            happenings.mark_told(conn, [one.happening_id for one in found], now)
        return len(found)
