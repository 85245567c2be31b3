"""The period of a report: what it may be, the usual ones, and the one before it. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from credit.reports.shape_of_parts import Period
from credit.rules.shape import CreditRules
from credit.scoring import cycle_of
from domain.errors import FieldRefused

LONGEST_DAYS: Final = 366
_ONE_DAY: Final = timedelta(days=1)
_MONTHS_OF_A_QUARTER: Final = 3


class Preset(StrEnum):
    """The periods that are asked for most."""

    THIS_CYCLE = "this_cycle"
    LAST_MONTH = "last_month"
    LAST_QUARTER = "last_quarter"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person filled in, as texts."""

    first: str = ""
    last: str = ""


def preset(which: Preset, today: date, rules: CreditRules) -> Period:
    """Return a usual period; the running cycle ends today."""
    if which is Preset.THIS_CYCLE:
        return Period(first=cycle_of(today, rules)[0], last=today)
    months = 1 if which is Preset.LAST_MONTH else _MONTHS_OF_A_QUARTER
    this = date(today.year, (today.month - 1) // months * months + 1, 1)
    return Period(first=_months_before(this, months), last=this - _ONE_DAY)


def before(period: Period) -> Period:
    """Return the period that one is compared with: whole months before whole months, else as many days before it."""
    months = _whole_months(period)
    if months:
        return Period(first=_months_before(period.first, months), last=period.first - _ONE_DAY)
    days = (period.last - period.first).days + 1
    try:
        return Period(first=period.first - timedelta(days=days), last=period.first - _ONE_DAY)
    except OverflowError:
        raise FieldRefused("first", str(period.first), "a later day", problem="too_early") from None


def require_period(typed: Typed, today: date) -> Period:
    """Return the period of two typed days. Raise FieldRefused with the first that cannot be taken."""
    first, last = _day("first", typed.first), _day("last", typed.last)
    if last > today:
        raise FieldRefused("last", typed.last, f"no day after today, {today}", problem="after_today")
    if first > last:
        raise FieldRefused("first", typed.first, f"no day after the last, {last}", problem="first_after_last")
    if (last - first).days >= LONGEST_DAYS:
        raise FieldRefused("first", typed.first, f"at most {LONGEST_DAYS} days until {last}", problem="too_long")
    period = Period(first=first, last=last)
    before(period)
    return period


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise FieldRefused(field, text, "a day as YYYY-MM-DD", problem="no_day") from None


def _whole_months(period: Period) -> int:
    """Return how many whole months a period is; 0 where it is none."""
    after = period.last + _ONE_DAY
    if period.first.day != 1 or after.day != 1 or period.first.year < date.min.year + 2:
        return 0
    return (after.year - period.first.year) * 12 + after.month - period.first.month


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
