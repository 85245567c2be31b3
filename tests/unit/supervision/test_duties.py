"""A duty in no hurry looks once in a while, whatever wakes it and however the clock is set."""

from datetime import timedelta

from supervision.duties import Pace
from tests.factories import NOW

MINUTE = timedelta(minutes=1)


def test_a_duty_looks_at_first_and_then_once_in_its_time() -> None:
    pace = Pace(MINUTE)
    assert pace.is_time(NOW)
    assert pace.looked(NOW) == NOW + MINUTE
    assert [pace.is_time(NOW + MINUTE * part) for part in (0, 0.99, 1)] == [False, False, True]


def test_what_was_not_done_to_the_end_is_done_at_the_next_call() -> None:
    pace = Pace(MINUTE)
    assert [pace.is_time(NOW), pace.is_time(NOW)] == [True, True]


def test_a_clock_that_was_set_back_does_not_keep_it_waiting() -> None:
    pace = Pace(MINUTE)
    pace.looked(NOW)
    assert pace.is_time(NOW - timedelta(hours=1))
