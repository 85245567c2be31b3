"""A duty of the clerk: an application is withdrawn when its deduction no longer stands, or its cycle is over."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.repairs.entry import Verdict
from credit.repairs.handling import Party, decide
from credit.rules.book import rules_now
from credit.rules.shape import CreditRules
from credit.scoring import cycle_of
from db import credit_repairs, registry
from domain.errors import IllegalTransition
from domain.repair import RepairAction
from supervision.alerts.handling import SYSTEM

_LOOK_EVERY: Final = timedelta(minutes=5)
_AT_ONCE: Final = 500
_WHY: Final = "the deduction no longer stands, or its cycle is over"


@dataclass(slots=True)
class EndingRepairs:
    """Each is done in its own transaction, under its vendor's lock: a second clerk finds it withdrawn."""

    shipped: CreditRules
    name: str = "repairs"
    _looked_at: datetime | None = None

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Do what is due, every few minutes. Return when to come back."""
        if self._looked_at is None or not self._looked_at <= now < self._looked_at + _LOOK_EVERY:
            due = credit_repairs.waiting_in_vain(conn, self._cycle_began(conn, now), limit=_AT_ONCE)
            for repair_id in due:
                self._withdraw(conn, repair_id, now)
            if len(due) == _AT_ONCE:
                return now
            self._looked_at = now
        return self._looked_at + _LOOK_EVERY

    def _withdraw(self, conn: Connection, repair_id: int, now: datetime) -> None:
        verdict = Verdict(action=RepairAction.WITHDRAW, reason=_WHY)
        by = Party(username=SYSTEM, origin=SYSTEM)
        try:
            decide(conn, repair_id, verdict, by=by, shipped=self.shipped, now=now)
        except IllegalTransition:
            # Somebody decided on it meanwhile, which is as good an end.
            return

    def _cycle_began(self, conn: Connection, now: datetime) -> datetime:
        """Return when the running cycle began where it began first: what happened before is over in every market."""
        rules = rules_now(conn, self.shipped, now)
        began = [_began(now, rules, one.timezone) for one in registry.markets(conn)]
        return min(began, default=now)


def _began(now: datetime, rules: CreditRules, timezone: str) -> datetime:
    zone = ZoneInfo(timezone)
    first, _ = cycle_of(now.astimezone(zone).date(), rules)
    return datetime.combine(first, time(), zone).astimezone(UTC)
