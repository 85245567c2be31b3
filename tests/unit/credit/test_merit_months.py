"""Which months are counted, and when: pure."""

from datetime import UTC, date, datetime

import pytest

from credit.merits.duty import worth_of
from credit.merits.months import bounds_of, first_of, followed_since, last_of, may_be_counted, to_count
from tests.alert_acts import POLICIES
from tests.unit.credit.test_scoring import RULES

CALENDAR = POLICIES.supervision.working_calendar


@pytest.mark.parametrize(
    ("today", "months"),
    [
        (date(2026, 11, 28), [date(2026, 10, 1)]),
        (date(2026, 12, 1), [date(2026, 10, 1), date(2026, 11, 1)]),
        (date(2027, 1, 5), [date(2026, 12, 1)]),
        (date(2027, 2, 1), [date(2027, 1, 1)]),
    ],
    ids=["within the quarter", "its third month", "the last month of the one before", "the first of the next"],
)
def test_months_of_the_cycle_and_the_last_one_are_counted(today: date, months: list[date]) -> None:
    assert to_count(today, RULES) == months


@pytest.mark.parametrize(("today", "may"), [(date(2026, 12, 7), False), (date(2026, 12, 8), True)])
def test_a_month_is_counted_once_its_days_of_appeal_are_over(today: date, may: bool) -> None:
    """30 November 2026 is a Monday: five working days after it end on Monday, 7 December."""
    assert may_be_counted(date(2026, 11, 1), today, RULES, CALENDAR) is may


def test_months_have_their_bounds_by_the_clock_of_the_place() -> None:
    since, until, noon = bounds_of(date(2026, 2, 1), "Asia/Shanghai")
    assert (since, until, noon) == (
        datetime(2026, 1, 31, 16, tzinfo=UTC),
        datetime(2026, 2, 28, 16, tzinfo=UTC),
        datetime(2026, 2, 28, 4, tzinfo=UTC),
    )
    assert last_of(date(2028, 2, 1)) == date(2028, 2, 29)
    assert first_of(date(2026, 1, 31), months_before=1) == date(2025, 12, 1)
    assert followed_since(date(2026, 11, 28)) == date(2025, 11, 1)


def test_what_merits_are_worth_is_what_the_rules_say() -> None:
    worth = worth_of(RULES)
    assert dict(zip(worth.rules, worth.worth, strict=True)) == {"clean_month": 1, "scale_use": 2, "promise_kept": 2}
    assert dict(zip(worth.rules, worth.permille, strict=True))["scale_use"] == 950
