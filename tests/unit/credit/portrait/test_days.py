"""Spans of days as bits, days held, days verified, and weeks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.portrait.reading import last_day_over
from credit.portrait.span import Span, span_of
from credit.portrait.trend import sums_of_days, weeks_of
from credit.portrait.verification import RegisteredUntil, Verified, verified_days
from domain.portrait import Axis, VendorDay

LAST = date(2026, 11, 21)
SPAN = span_of(LAST, 4)
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
A_DAY = st.integers(-40, 40).map(lambda n: LAST + n * DAY)


def days(bits: int) -> set[date]:
    return {SPAN.since + n * DAY for n in range(SPAN.days) if bits >> n & 1}


def test_a_span_is_of_whole_weeks() -> None:
    assert (SPAN.days, SPAN.weeks, SPAN.since) == (28, 4, date(2026, 10, 25))
    with pytest.raises(ValueError, match="27 days; expected whole weeks"):
        Span(SPAN.since + DAY, LAST)


@given(A_DAY, A_DAY)
def test_days_between_are_those_of_the_span(first: date, last: date) -> None:
    within = {SPAN.since + n * DAY for n in range(SPAN.days)}
    assert days(SPAN.days_between(first, last)) == {one for one in within if first <= one <= last}


@pytest.mark.parametrize(
    ("begins", "ends", "first", "last"),
    [
        (None, None, SPAN.since, LAST),
        (datetime(2026, 10, 31, 16, tzinfo=UTC), None, date(2026, 11, 1), LAST),
        (datetime(2026, 10, 31, 16, 1, tzinfo=UTC), None, date(2026, 11, 2), LAST),
        (None, datetime(2026, 10, 31, 16, tzinfo=UTC), SPAN.since, date(2026, 10, 31)),
        (None, datetime(2026, 10, 31, 15, 59, tzinfo=UTC), SPAN.since, date(2026, 10, 30)),
    ],
    ids=["always", "from midnight", "from a minute later", "until midnight", "until a minute sooner"],
)
def test_a_scale_is_held_on_days_that_it_is_held_from_midnight_to_midnight(
    begins: datetime | None, ends: datetime | None, first: date, last: date
) -> None:
    assert SPAN.held(begins, ends, SHANGHAI) == SPAN.days_between(first, last)


def test_a_scale_that_passed_from_hand_to_hand_within_a_day_was_held_by_nobody_all_day() -> None:
    noon = datetime(2026, 11, 3, 4, tzinfo=UTC)
    assert SPAN.held(noon, noon + timedelta(hours=5), SHANGHAI) == 0


def test_a_scale_that_was_never_verified_is_unknown_and_not_unverified() -> None:
    assert verified_days(SPAN, [], None) == (0, 0)


def test_nothing_is_known_before_the_first_verification() -> None:
    known, verified = verified_days(SPAN, [Verified(on=date(2026, 11, 1), until=date(2026, 11, 10))], None)
    assert days(known) == {SPAN.since + n * DAY for n in range(7, 28)}
    assert days(verified) == {date(2026, 11, n) for n in range(1, 11)}


def test_one_that_failed_ends_what_was_before() -> None:
    passed, failed = (
        Verified(on=date(2026, 1, 1), until=date(2026, 12, 31)),
        Verified(on=date(2026, 11, 11), until=None),
    )
    known, verified = verified_days(SPAN, [failed, passed], RegisteredUntil(until=date(2026, 11, 10)))
    assert known == SPAN.days_between(SPAN.since, LAST)
    assert verified == SPAN.days_between(SPAN.since, date(2026, 11, 10))


def test_what_the_register_says_now_corrects_the_newest_record_only() -> None:
    old, new = (
        Verified(on=date(2025, 11, 1), until=date(2026, 10, 31)),
        Verified(on=date(2026, 11, 11), until=date(2027, 11, 10)),
    )
    known, verified = verified_days(SPAN, [old, new], RegisteredUntil(until=date(2026, 11, 15)))
    assert known == SPAN.days_between(SPAN.since, LAST)
    gap = {date(2026, 11, n) for n in range(1, 11)}
    assert days(known & ~verified) == gap | {date(2026, 11, n) for n in range(16, 22)}


@given(st.lists(st.tuples(A_DAY, st.none() | st.integers(0, 30))), st.none() | A_DAY)
def test_no_day_is_verified_that_is_not_known(records: list[tuple[date, int | None]], until: date | None) -> None:
    made = [Verified(on=on, until=None if n is None else on + n * DAY) for on, n in records]
    known, verified = verified_days(SPAN, made, None if until is None else RegisteredUntil(until=until))
    assert verified & ~known == 0


def sold(day: date, sales: int = 10, net_g: int = 1000, capped: int = 10, near: int = 0, over: int = 0) -> VendorDay:
    return VendorDay(day=day, sales=sales, net_g=net_g, paid_fen=1, capped=capped, near_cap=near, over_cap=over)


@given(st.lists(st.integers(0, 27), unique=True))
def test_weeks_add_up_to_the_span(chosen: list[int]) -> None:
    made = [sold(SPAN.since + n * DAY, net_g=n + 1) for n in sorted(chosen)]
    used = sum(SPAN.bit(one.day) for one in made)
    weeks = weeks_of(SPAN, sums_of_days(SPAN, made), held=used, used=used, week_at_least=1)
    assert [one.first_day for one in weeks] == [SPAN.since + n * 7 * DAY for n in range(4)]
    assert sum(one.sums.net_g for one in weeks) == sum(one.net_g for one in made)
    assert sum(one.used_days for one in weeks) == len(made)


def test_a_week_without_a_scale_says_nothing_and_one_without_a_sale_says_nought() -> None:
    made = [sold(date(2026, 11, 1), net_g=7000, near=1, over=1)]
    held = SPAN.days_between(date(2026, 11, 1), date(2026, 11, 8))
    weeks = weeks_of(SPAN, sums_of_days(SPAN, made), held=held, used=SPAN.bit(made[0].day), week_at_least=10)
    assert weeks[0].values == {}
    assert weeks[1].values == {Axis.VOLUME: 1000, Axis.SCALE_USE: 143, Axis.PRICES: 200}
    assert weeks[2].values == {Axis.VOLUME: 0, Axis.SCALE_USE: 0}


@pytest.mark.parametrize(("minute", "day"), [(-1, date(2026, 11, 20)), (0, date(2026, 11, 21))])
def test_a_day_is_over_when_its_late_weighings_are_in(minute: int, day: date) -> None:
    three = datetime(2026, 11, 22, 3, tzinfo=SHANGHAI)
    assert last_day_over(three + timedelta(minutes=minute), "Asia/Shanghai", 3) == day
