"""Which rules were in force when. Changing them changes nothing that was: each date has its own version."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.rules.reading import parse_credit_rules
from credit.rules.shape import CreditRules
from db import credit_rules

#: The rules are a city's; a day of theirs is one of its calendar, whatever market asks.
CALENDAR: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The versions in force, by the day from which they are. There is always one."""

    versions: tuple[CreditRules, ...]

    def at(self, day: date) -> CreditRules:
        """Return the rules in force on a day; of days before the first version, that one."""
        starts = [rules.in_force_from for rules in self.versions]
        return self.versions[max(0, bisect_right(starts, day) - 1)]

    def now(self, now: datetime) -> CreditRules:
        """Return the rules in force at a moment."""
        return self.at(now.astimezone(CALENDAR).date())

    def version(self, name: str) -> CreditRules | None:
        """Return a version by its name; None where none of this name was ever in force."""
        return next((rules for rules in self.versions if rules.version == name), None)


def rulebook(conn: Connection, shipped: CreditRules) -> Rulebook:
    """Return what was put in force; where nothing ever was, the rules that are shipped."""
    kept = credit_rules.in_force(conn)
    return Rulebook(tuple(_parsed(version, content) for _, version, content in kept) or (shipped,))


def rules_now(conn: Connection, shipped: CreditRules, now: datetime) -> CreditRules:
    """Return the rules in force at a moment."""
    return rulebook(conn, shipped).now(now)


@lru_cache(maxsize=256)
def _parsed(version: str, content: str) -> CreditRules:
    return parse_credit_rules(version, content)


def newest_day(versions: Sequence[CreditRules]) -> date:
    """Return from which day the newest of some versions is in force."""
    return max(rules.in_force_from for rules in versions)
