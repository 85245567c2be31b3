"""Which days count as working days (工作日): weekdays, less the holidays, plus the weekends that are worked."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_FIRST_OF_WEEKEND: Final = 5
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkingCalendar:
    """The state's yearly notice of holidays (国务院办公厅放假安排), as the policy file lists it.

    After `known_to` the notice is not out yet: weekdays count, and whoever shows a day says that it may move.
    """

    days_off: frozenset[date]
    worked_weekends: frozenset[date]
    known_to: date

    def is_working(self, day: date) -> bool:
        """Say whether authorities work on `day`."""
        if day in self.worked_weekends:
            return True
        return day.weekday() < _FIRST_OF_WEEKEND and day not in self.days_off

    def after(self, day: date, working_days: int) -> date:
        """Return the last of `working_days` working days after `day`, which does not count itself (民法典 §201).

        Raise ValueError where `working_days` is not at least 1.
        """
        if working_days < 1:
            raise ValueError(f"working_days is {working_days}; expected at least 1")
        for _ in range(working_days):
            day += _ONE_DAY
            while not self.is_working(day):
                day += _ONE_DAY
        return day
