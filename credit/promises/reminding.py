"""A duty of the clerk: the market is told of offered promises that nobody has answered and that run out soon."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from db import promises
from domain.notice import NewHappening, NoticeKind
from supervision.duties import Pace
from supervision.notices.telling import tell

_LOOK_EVERY: Final = timedelta(minutes=1)
_ROUND: Final = 500
#: Who asks the vendor for its answer.
_WHO_ASKS: Final = "manager"


@dataclass(slots=True)
class RemindingOfOffers:
    """Each offer is told of once, by name, whatever other clerks do. `ahead`: how long before it runs out."""

    ahead: timedelta
    name: str = "offers"
    _pace: Pace = field(default_factory=lambda: Pace(_LOOK_EVERY))

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Tell of what runs out soon, once a minute. Return when to come back."""
        if not self._pace.is_time(now):
            return self._pace.next_at
        while self._told(conn, now) == _ROUND:
            pass
        return self._pace.looked(now)

    def _told(self, conn: Connection, now: datetime) -> int:
        """Tell of a round of offers, in one transaction; return of how many."""
        with conn.transaction():
            found = promises.lapsing(conn, now, until=now + self.ahead, limit=_ROUND)
            return sum(
                tell(
                    conn,
                    NewHappening(
                        kind=NoticeKind.PROMISE_LAPSING,
                        market_id=one.market_id,
                        alert_id=one.alert_id,
                        at=now,
                        to_role=_WHO_ASKS,
                        due_at=one.offer_until,
                        once=one.once,
                        promise_id=one.promise_id,
                    ),
                )
                for one in found
            )
