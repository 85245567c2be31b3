"""The period of a report and the one before it; until when decisions are final."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.reports.finality import final_until
from credit.reports.periods import LONGEST_DAYS, Preset, Typed, before, preset, require_period
from credit.reports.shape_of_parts import Period
from domain.errors import FieldRefused
from tests.alert_acts import POLICIES

CALENDAR = POLICIES.supervision.working_calendar


def period(first: str, last: str) -> Period:
    return Period(first=date.fromisoformat(first), last=date.fromisoformat(last))


@pytest.mark.parametrize(
    ("which", "today", "expected"),
    [
        (Preset.THIS_CYCLE, "2026-11-22", period("2026-10-01", "2026-11-22")),
        (Preset.THIS_CYCLE, "2026-10-01", period("2026-10-01", "2026-10-01")),
        (Preset.LAST_MONTH, "2026-11-22", period("2026-10-01", "2026-10-31")),
        (Preset.LAST_MONTH, "2026-01-01", period("2025-12-01", "2025-12-31")),
        (Preset.LAST_MONTH, "2028-03-31", period("2028-02-01", "2028-02-29")),
        (Preset.LAST_QUARTER, "2026-11-22", period("2026-07-01", "2026-09-30")),
        (Preset.LAST_QUARTER, "2026-03-31", period("2025-10-01", "2025-12-31")),
    ],
)
def test_the_usual_periods(which: Preset, today: str, expected: Period) -> None:
    assert preset(which, date.fromisoformat(today), POLICIES.credit) == expected


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (period("2026-10-01", "2026-10-31"), period("2026-09-01", "2026-09-30")),
        (period("2026-07-01", "2026-09-30"), period("2026-04-01", "2026-06-30")),
        (period("2026-01-01", "2026-12-31"), period("2025-01-01", "2025-12-31")),
        (period("2026-10-01", "2026-11-22"), period("2026-08-09", "2026-09-30")),
        (period("2026-10-05", "2026-10-05"), period("2026-10-04", "2026-10-04")),
    ],
    ids=["a month", "a quarter", "a year", "no whole months", "a day"],
)
def test_it_is_compared_with_as_much_right_before_it(of: Period, expected: Period) -> None:
    assert before(of) == expected


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, LONGEST_DAYS - 1))
def test_the_period_before_ends_where_this_one_begins(first: date, days: int) -> None:
    this = Period(first=first, last=first + timedelta(days=days))
    then = before(this)
    assert then.last + timedelta(days=1) == this.first
    assert then.first <= then.last
    assert require_period(Typed(str(this.first), str(this.last)), this.last) == this


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        ("", "2026-11-22", "no_day"),
        ("2026-02-29", "2026-11-22", "no_day"),
        ("2026-11-01", "yesterday", "no_day"),
        ("2026-11-01", "2026-11-23", "after_today"),
        ("2026-11-02", "2026-11-01", "first_after_last"),
        ("2025-11-21", "2026-11-22", "too_long"),
        ("0001-01-01", "0001-01-01", "too_early"),
    ],
)
def test_what_is_no_period_is_refused_with_its_field(first: str, last: str, problem: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        require_period(Typed(first, last), date(2026, 11, 22))
    assert refused.value.problem == problem
    assert refused.value.value in (first, last)


def test_the_longest_period_is_a_leap_year() -> None:
    assert require_period(Typed("2025-11-22", "2026-11-22"), date(2026, 11, 22)).first == date(2025, 11, 22)


@given(st.dates(date(2026, 1, 10), date(2026, 12, 31)))
def test_a_decision_is_final_the_day_after_its_last_day_of_appeal(decided: date) -> None:
    last_day = CALENDAR.after(decided, 5)
    assert final_until(last_day, CALENDAR, 5) < decided
    assert final_until(last_day + timedelta(days=1), CALENDAR, 5) >= decided
