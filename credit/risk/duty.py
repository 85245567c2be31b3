"""A duty of the clerk: each market's month is computed, once it is over for long enough."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from credit.risk.computing import RiskPolicies, compute
from db.risk_counts import due_markets

_LOOK_EVERY: Final = timedelta(minutes=10)


@dataclass(slots=True)
class ComputingRisk:
    """Two clerks are not in each other's way: one of them has the market's lock, and finds it computed otherwise.

    Only the month before is computed by itself; earlier ones that nobody computed are by `steelyard risk compute`.
    """

    policies: RiskPolicies
    name: str = "risk"
    _looked_at: datetime | None = None

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Compute what is due, each market in a transaction of its own. Return when to come back."""
        if self._looked_at is None or not self._looked_at <= now < self._looked_at + _LOOK_EVERY:
            for market_id, month in due_markets(conn, now, day_of_month=self.policies.risk.day_of_month):
                compute(conn, market_id, month, policies=self.policies, now=now)
            self._looked_at = now
        return self._looked_at + _LOOK_EVERY
