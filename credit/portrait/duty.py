"""A duty of the clerk: once a night, each market's portraits are made anew."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from credit.portrait.making import make_portraits
from credit.portrait.policy import PortraitPolicy
from credit.portrait.reading import last_day_over
from db import portraits, registry
from supervision.duties import Pace

_LOOK_EVERY: Final = timedelta(minutes=10)


@dataclass(slots=True)
class MakingPortraits:
    """Made once for a day and a version of the policy; two clerks at once make the same."""

    policy: PortraitPolicy
    name: str = "portraits"
    _pace: Pace = field(default_factory=lambda: Pace(_LOOK_EVERY))

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Make what is due, looking every few minutes. Return when to come back."""
        if not self._pace.is_time(now):
            return self._pace.next_at
        for market in registry.markets(conn):
            last = last_day_over(now, market.timezone, self.policy.counting.after_hour)
            made = portraits.made(conn, market.market_id)
            if made is None or (made.day, made.policy_version) != (last, self.policy.version):
                make_portraits(conn, market, last, self.policy, now)
        return self._pace.looked(now)
