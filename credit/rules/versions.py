"""Which rules were in force when. Changing them changes nothing that was: each date has its own version. Pure."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from credit.rules.shape import CreditRules

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

    @property
    def newest_day(self) -> date:
        """From which day the newest version is in force."""
        return self.versions[-1].in_force_from
