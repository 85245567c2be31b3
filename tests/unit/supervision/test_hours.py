"""Time that counts."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.deadlines.hours import Hours, Span
from tests.alert_acts import POLICIES

CALENDAR = POLICIES.supervision.working_calendar
ZONE = "Asia/Shanghai"
MARKET = Hours(spans=(Span(time(6), time(22)),), calendar=None, timezone=ZONE)
OFFICE = Hours(spans=(Span(time(8), time(12)), Span(time(14, 30), time(17, 30))), calendar=CALENDAR, timezone=ZONE)
ALWAYS = Hours(spans=(), calendar=None, timezone=ZONE)
WORKING_DAYS = Hours(spans=(), calendar=CALENDAR, timezone=ZONE)
BERLIN = Hours(spans=(Span(time(1), time(4)),), calendar=None, timezone="Europe/Berlin")
EVERY = {"market": MARKET, "office": OFFICE, "always": ALWAYS, "working days": WORKING_DAYS, "berlin": BERLIN}

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=729)).map(lambda later: FIRST + later)
COUNTED = st.timedeltas(timedelta(), timedelta(days=20)) | st.timedeltas(timedelta(), timedelta(days=500))


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("hours", "start", "minutes", "due"),
    [
        (MARKET, "2026-11-27T21:50", 30, "2026-11-28T06:20"),  # the night does not count
        (MARKET, "2026-11-27T23:00", 30, "2026-11-28T06:30"),
        (MARKET, "2026-11-27T10:00", 30, "2026-11-27T10:30"),
        (MARKET, "2026-11-27T21:30", 30, "2026-11-27T22:00"),
        (OFFICE, "2026-11-27T11:30", 60, "2026-11-27T15:00"),  # nor does the break at noon
        (OFFICE, "2026-11-27T17:00", 60, "2026-11-30T08:30"),  # nor does the weekend
        (OFFICE, "2026-09-30T17:00", 60, "2026-10-08T08:30"),  # nor does the national holiday
        (OFFICE, "2026-10-10T08:00", 60, "2026-10-10T09:00"),  # but a Saturday that is worked does
        (ALWAYS, "2026-11-27T21:50", 1440, "2026-11-28T21:50"),
        (WORKING_DAYS, "2026-11-27T12:00", 1440, "2026-11-30T12:00"),
        (MARKET, "2026-11-27T10:00", 0, "2026-11-27T10:00"),
    ],
)
def test_when_so_much_time_has_passed(hours: Hours, start: str, minutes: int, due: str) -> None:
    assert hours.after(here(start), timedelta(minutes=minutes)) == here(due)


@pytest.mark.parametrize("hours", EVERY.values(), ids=EVERY)
@settings(deadline=None)
@given(start=MOMENTS, counted=COUNTED)
def test_what_is_added_is_what_lies_between(hours: Hours, start: datetime, counted: timedelta) -> None:
    due = hours.after(start, counted)
    assert due >= start
    assert hours.between(start, due) == counted


@pytest.mark.parametrize("hours", EVERY.values(), ids=EVERY)
@settings(deadline=None)
@given(start=MOMENTS, first=COUNTED, second=COUNTED)
def test_time_adds_up(hours: Hours, start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second
    assert hours.between(start, middle) + hours.between(middle, end) == hours.between(start, end)
    assert hours.between(end, start) == timedelta() or first + second == timedelta()


def test_an_hour_that_the_clock_skips_or_repeats_is_counted_as_it_passes() -> None:
    spring = datetime(2026, 3, 28, 20, tzinfo=UTC)
    assert BERLIN.between(spring, spring + timedelta(hours=10)) == timedelta(hours=2)
    autumn = datetime(2026, 10, 24, 20, tzinfo=UTC)
    assert BERLIN.between(autumn, autumn + timedelta(hours=10)) == timedelta(hours=4)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="expected 0 or more"):
        MARKET.after(here("2026-11-27T10:00"), timedelta(minutes=-1))
