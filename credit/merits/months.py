"""Which months of a market are looked at, and when each may be counted. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from credit.rules.shape import CreditRules
from credit.scoring import cycle_of
from supervision.deadlines.working_days import WorkingCalendar

_ONE_DAY: Final = timedelta(days=1)
_NOON: Final = time(12)
#: What is decided later about a month is followed up for so long; nobody's score counts an older one.
_FOLLOWED_MONTHS: Final = 12
_MONTHS: Final = 12


def first_of(day: date, *, months_before: int = 0) -> date:
    """Return the first day of the month that lies so many months before that of `day`."""
    index = day.year * _MONTHS + day.month - 1 - months_before
    return date(index // _MONTHS, index % _MONTHS + 1, 1)


def last_of(month: date) -> date:
    """Return the last day of the month that begins on `month`."""
    return first_of(month, months_before=-1) - _ONE_DAY


def may_be_counted(month: date, today: date, rules: CreditRules, calendar: WorkingCalendar) -> bool:
    """Say whether a month is over, and the days of appeal after its last day are too."""
    return today > calendar.after(last_of(month), rules.appeal.working_days)


def to_count(today: date, rules: CreditRules) -> list[date]:
    """Return the months that are counted once they may be: those of the running cycle and the one before today's.

    Older ones are over with their cycle; a service that is new does not read a year of weighings.
    """
    first = min(cycle_of(today, rules)[0], first_of(today, months_before=1))
    months, month = [], first
    while month < first_of(today):
        months.append(month)
        month = first_of(month, months_before=-1)
    return months


def followed_since(today: date) -> date:
    """Return the first month of which what is decided later is followed up."""
    return first_of(today, months_before=_FOLLOWED_MONTHS)


def bounds_of(month: date, timezone: str) -> tuple[datetime, datetime, datetime]:
    """Return when a month begins at a place, when the next one does, and the noon of its last day, in UTC."""
    zone = ZoneInfo(timezone)
    since = datetime.combine(month, time(), zone)
    until = datetime.combine(last_of(month) + _ONE_DAY, time(), zone)
    noon = datetime.combine(last_of(month), _NOON, zone)
    return since.astimezone(UTC), until.astimezone(UTC), noon.astimezone(UTC)
