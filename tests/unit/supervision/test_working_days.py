"""Working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alert_acts import POLICIES

CALENDAR = POLICIES.supervision.working_calendar
DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        (date(2026, 11, 27), True),  # a Friday
        (date(2026, 11, 28), False),
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 10), True),  # a Saturday that is worked
        (date(2026, 2, 23), False),  # the last of the Spring Festival, a Monday
        (date(2026, 2, 14), True),
        (date(2027, 10, 1), True),  # a year whose notice is not out: weekdays count
    ],
)
def test_holidays_and_worked_weekends(day: date, is_working: bool) -> None:
    assert CALENDAR.is_working(day) == is_working


@given(DAYS, st.integers(1, 40))
def test_the_last_of_n_working_days_has_n_working_days_up_to_it(day: date, count: int) -> None:
    last = CALENDAR.after(day, count)
    between = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    assert CALENDAR.is_working(last)
    assert sum(map(CALENDAR.is_working, between)) == count


def test_no_working_days_are_no_span() -> None:
    with pytest.raises(ValueError, match="working_days is 0; expected at least 1"):
        CALENDAR.after(date(2026, 11, 27), 0)
