"""Time that counts: the hours in which somebody is there to act, added up across nights and days off."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from supervision.deadlines.working_days import WorkingCalendar

_ONE_DAY: Final = timedelta(days=1)
_NOTHING: Final = timedelta()


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a day, by the local clock; it ends on the same day."""

    opens: time
    closes: time


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """When time counts. Without `spans` it always does; without a `calendar` every day is one that counts.

    `timezone` is the market's: hours are by its clock.
    """

    spans: tuple[Span, ...]
    calendar: WorkingCalendar | None
    timezone: str

    def after(self, start: datetime, counted: timedelta) -> datetime:
        """Return the moment at which so much time that counts has passed since `start`. Raise ValueError below 0."""
        if counted < _NOTHING:
            raise ValueError(f"counted is {counted}; expected 0 or more")
        if not self.spans and self.calendar is None:
            return start + counted
        left = counted
        for opens, closes in self._spans_from(start):
            begins = max(start, opens)
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
        raise AssertionError("hours without an end")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much time that counts lies between two moments; none where `end` is not after `start`."""
        if end <= start:
            return _NOTHING
        if not self.spans and self.calendar is None:
            return end - start
        zone = ZoneInfo(self.timezone)
        first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        whole = self._of_days(first + _ONE_DAY, last) if first < last else _NOTHING
        return whole + sum((self._within(day, start, end) for day in {first, last}), _NOTHING)

    def _within(self, day: date, start: datetime, end: datetime) -> timedelta:
        """What of a day's time that counts lies between two moments."""
        parts = (min(closes, end) - max(opens, start) for opens, closes in self.spans_on(day))
        return sum((part for part in parts if part > _NOTHING), _NOTHING)

    def _of_days(self, first: date, end: date) -> timedelta:
        """The time that counts of the days `[first, end)`. What waited for a year is not added up day by day."""
        counted = _NOTHING
        while first < end:
            new_year = date(first.year, 1, 1)
            until = min(end, date(first.year + 1, 1, 1))
            sums = _sums_of_year(self, first.year)
            counted += sums[(until - new_year).days] - sums[(first - new_year).days]
            first = until
        return counted

    def _spans_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans that end after `start`, as moments of UTC, in their order: there is always another."""
        day = start.astimezone(ZoneInfo(self.timezone)).date()
        while True:
            for opens, closes in self.spans_on(day):
                if closes > start:
                    yield opens, closes
            day += _ONE_DAY

    def spans_on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the spans of a day as moments of UTC; none where the day does not count."""
        if self.calendar is not None and not self.calendar.is_working(day):
            return ()
        return _of_day(self.spans, self.timezone, day)


@lru_cache(maxsize=256)
def _sums_of_year(hours: Hours, year: int) -> tuple[timedelta, ...]:
    """How much time that counts has passed when each day of a year begins, and when the year is over."""
    day, passed, sums = date(year, 1, 1), _NOTHING, [_NOTHING]
    while day.year == year:
        passed += sum((closes - opens for opens, closes in hours.spans_on(day)), _NOTHING)
        sums.append(passed)
        day += _ONE_DAY
    return tuple(sums)


# A list of old alerts asks for the same year's days again and again.
@lru_cache(maxsize=8192)
def _of_day(spans: tuple[Span, ...], timezone: str, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The spans of a day as moments of UTC, without what the clock skips; the whole day where there are none."""
    zone = ZoneInfo(timezone)
    if not spans:
        return ((_moment(day, time(), zone), _moment(day + _ONE_DAY, time(), zone)),)
    moments = ((_moment(day, span.opens, zone), _moment(day, span.closes, zone)) for span in spans)
    return tuple((opens, closes) for opens, closes in moments if closes > opens)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)
