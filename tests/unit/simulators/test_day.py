"""A market's day: when customers come, what breaks, which scales change places."""

import math
import random
from collections import Counter

import pytest

from simulators.faults import FaultKind
from simulators.market.day import Day, clock
from simulators.market.incidents import Breakdown, Incidents, Rotation


def arrivals(day: Day, seed: int = 1) -> list[float]:
    rng, at_s, found = random.Random(seed), 0.0, []
    while (at_s := day.next_customer(rng, at_s)) != math.inf:
        found.append(at_s)
    return found


def test_customers_come_while_it_is_open_and_mostly_in_the_rush() -> None:
    hours = Counter(int(at_s // 3600) for seed in range(50) for at_s in arrivals(Day(), seed))
    assert min(hours) == 5
    assert max(hours) == 20
    assert 2250 < hours.total() < 2750  # 50 days of 50 customers
    assert min(hours[hour] for hour in (6, 7, 8, 17, 18, 19, 20)) > max(hours[hour] for hour in range(9, 17))


def test_a_festival_brings_more() -> None:
    assert 8 < len(arrivals(Day(customers=200, festival=10))) / len(arrivals(Day(customers=200))) < 12


def test_after_closing_nobody_comes_and_before_opening_they_wait() -> None:
    day = Day(opens_h=6, closes_h=7)
    assert day.next_customer(random.Random(1), 7 * 3600) == math.inf
    assert day.next_customer(random.Random(1), 0.0) > 6 * 3600
    assert day.per_hour(5) == 0
    assert day.per_hour(6) == 50


@pytest.mark.parametrize("change", [{"opens_h": 9, "closes_h": 9}, {"closes_h": 25}, {"customers": 0}, {"speed": 0}])
def test_a_day_that_cannot_be_is_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Day(**change)


def test_the_clock_is_shown_as_a_market_shows_it() -> None:
    assert [clock(at_s) for at_s in (0, 7 * 3600 + 12 * 60 + 59, 86_399)] == ["00:00", "07:12", "23:59"]


def test_incidents_are_the_same_however_often_one_looks() -> None:
    every, once = (Incidents(1, 10, 600.0, 1200.0) for _ in range(2))
    seen = [incident for at_s in range(0, 36_000, 7) for incident in every.due(at_s)]
    assert sorted(seen, key=lambda it: it.at_s) == sorted(once.due(35_999), key=lambda it: it.at_s)
    breakdowns = [incident for incident in seen if isinstance(incident, Breakdown)]
    rotations = [incident for incident in seen if isinstance(incident, Rotation)]
    assert 30 < len(breakdowns) < 90
    assert 15 < len(rotations) < 45
    assert {incident.fault.kind for incident in breakdowns} == {FaultKind.SILENCE, FaultKind.GARBAGE}
    assert all(one != other for one, other in (incident.stalls for incident in rotations))


def test_without_a_time_between_them_there_are_none() -> None:
    assert Incidents(1, 10, None, None).due(1e9) == []
    assert Incidents(1, 1, None, 10.0).due(1e9) == []
