"""A span of days as bits: which days the market traded, a scale was held, something was sold. Pure.

Bit n is the day `since` + n. Sets of days of a hundred thousand vendors are met and counted in no time so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.portrait import DAYS_OF_A_WEEK

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole weeks from the day `since` to the day `last`."""

    since: date
    last: date

    def __post_init__(self) -> None:
        if self.days < 1 or self.days % DAYS_OF_A_WEEK:
            raise ValueError(f"a span of {self.days} days; expected whole weeks")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.since) // _DAY + 1

    @property
    def weeks(self) -> int:
        """How many weeks it has."""
        return self.days // DAYS_OF_A_WEEK

    def days_between(self, first: date, last: date) -> int:
        """Return the days from `first` to `last` as bits, of those that are in the span."""
        low = max(0, (first - self.since) // _DAY)
        high = min(self.days - 1, (last - self.since) // _DAY)
        return ((1 << (high - low + 1)) - 1) << low if low <= high else 0

    def bit(self, day: date) -> int:
        """Return a day as a bit; 0 outside of the span."""
        return self.days_between(day, day)

    def days_of(self, bits: int) -> list[date]:
        """Return days as dates, the oldest first."""
        return [self.since + n * _DAY for n in range(self.days) if bits >> n & 1]

    def week(self, number: int) -> int:
        """Return the days of a week as bits; 0 is the oldest."""
        return ((1 << DAYS_OF_A_WEEK) - 1) << (number * DAYS_OF_A_WEEK)

    def first_of(self, week: int) -> date:
        """Return the first day of a week."""
        return self.since + week * DAYS_OF_A_WEEK * _DAY

    def each_week(self) -> Iterator[int]:
        """Yield the days of each week, the oldest first."""
        return (self.week(number) for number in range(self.weeks))

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return when it begins and ends on the clock of a zone."""
        begins = datetime.combine(self.since, time(), zone)
        return begins.astimezone(UTC), datetime.combine(self.last + _DAY, time(), zone).astimezone(UTC)

    def held(self, begins: datetime | None, ends: datetime | None, zone: ZoneInfo) -> int:
        """Return the days that `[begins, ends)` covers from midnight to midnight; None: without a beginning or end."""
        first = self.since if begins is None else _first_whole_day(begins, zone)
        last = self.last if ends is None else _day_before_its_end(ends, zone)
        return self.days_between(first, last)


def span_of(last: date, weeks: int) -> Span:
    """Return the span of so many weeks that ends with a day."""
    return Span(last - (weeks * DAYS_OF_A_WEEK - 1) * _DAY, last)


def _first_whole_day(begins: datetime, zone: ZoneInfo) -> date:
    local = begins.astimezone(zone)
    return local.date() if local.time() == time() else local.date() + _DAY


def _day_before_its_end(ends: datetime, zone: ZoneInfo) -> date:
    return ends.astimezone(zone).date() - _DAY
