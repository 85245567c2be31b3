"""A duty of the clerk: months are counted when they are over, and the ledger has the merits that they earn."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.merits.months import bounds_of, followed_since, last_of, may_be_counted, to_count
from credit.rules.book import rulebook
from credit.rules.shape import CreditRules
from credit.rules.versions import Rulebook
from db import credit_merits, registry
from db.credit_merits import Month, Worth
from db.registry import Market
from supervision.alerts.handling import SYSTEM
from supervision.deadlines.working_days import WorkingCalendar

_LOOK_EVERY: Final = timedelta(hours=1)
#: So many vendors are held in one transaction: whoever confirms an alert of one of them waits that long.
_AT_ONCE: Final = 500


@dataclass(slots=True)
class AddingMerits:
    """A second clerk finds a month counted, and a ledger that says what it should."""

    shipped: CreditRules
    calendar: WorkingCalendar
    at_once: int = _AT_ONCE
    name: str = "merits"
    _looked_at: datetime | None = None

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Do what is due, once an hour. Return when to come back."""
        if self._looked_at is None or not self._looked_at <= now < self._looked_at + _LOOK_EVERY:
            book = rulebook(conn, self.shipped)
            for market in registry.markets(conn):
                today = now.astimezone(ZoneInfo(market.timezone)).date()
                self._count(conn, market, today, book, now)
                for month in credit_merits.counted(conn, market.market_id, followed_since(today)):
                    self._settle(conn, market, month, book, now)
            self._looked_at = now
        return self._looked_at + _LOOK_EVERY

    def _count(self, conn: Connection, market: Market, today: date, book: Rulebook, now: datetime) -> None:
        months = to_count(today, book.at(today))
        known = credit_merits.counted(conn, market.market_id, months[0]) if months else []
        for month in months:
            rules = book.at(last_of(month))
            if month not in known and may_be_counted(month, today, rules, self.calendar):
                credit_merits.count_month(conn, _month(market, month), last=last_of(month), now=now)

    def _settle(self, conn: Connection, market: Market, of_month: date, book: Rulebook, now: datetime) -> None:
        """Add and give back until the ledgers say what is earned, by the rules of the month's last day."""
        rules = book.at(last_of(of_month))
        month, worth = _month(market, of_month), worth_of(rules)
        while vendors := credit_merits.vendors_to_settle(conn, month, worth, limit=self.at_once):
            with conn.transaction():
                credit_merits.settle(conn, month, worth, vendors, rules_version=rules.version, by=SYSTEM, now=now)
            if len(vendors) < self.at_once:
                return


def worth_of(rules: CreditRules) -> Worth:
    """Return what the merits of some rules are worth; a merit that they do not know is worth nothing."""
    return Worth(
        rules=tuple(one.name.value for one in rules.bonus),
        worth=tuple(one.points for one in rules.bonus),
        permille=tuple(one.at_least_permille for one in rules.bonus),
        least_days=tuple(one.at_least_days for one in rules.bonus),
    )


def _month(market: Market, month: date) -> Month:
    since, until, last_noon = bounds_of(month, market.timezone)
    return Month(market_id=market.market_id, month=month, since=since, until=until, last_noon=last_noon)
