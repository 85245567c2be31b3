"""How long a day's count is shown, and when it is counted anew; the counting itself is tested with a real database."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from db.day_trends import PriceCount
from domain.ids import MarketId
from tests.waiting import wait_until
from web.day_counts import OVER, RUNNING, DayCounts

MARKET = MarketId("m")
SINCE = datetime(2026, 11, 22, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=1)
NOON = SINCE + timedelta(hours=12)


class Pool:
    """Lends nothing: what is counted here looks at no database."""

    def connection(self) -> "Pool":
        return self

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


class Counter:
    def __init__(self) -> None:
        self.now, self.times, self.may_go_on = NOON, 0, threading.Event()
        self.may_go_on.set()

    def __call__(self, *_: Any) -> Sequence[PriceCount]:
        self.times += 1
        self.may_go_on.wait(10)
        return []


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def counts(counter: Counter) -> DayCounts:
    return DayCounts(cast("Any", Pool()), count=counter, clock=lambda: counter.now)


def ask(counts: DayCounts) -> datetime:
    return counts.of(cast("Any", None), MARKET, SINCE, UNTIL).at


def test_a_fresh_count_is_shown_as_it_is(counts: DayCounts, counter: Counter) -> None:
    ask(counts)
    counter.now += RUNNING.fresh - timedelta(seconds=1)
    assert ask(counts) == NOON
    assert counter.times == 1


def test_one_that_is_a_little_old_is_shown_and_counted_anew_beside(counts: DayCounts, counter: Counter) -> None:
    ask(counts)
    counter.now += RUNNING.fresh
    counter.may_go_on.clear()
    assert [ask(counts), ask(counts)] == [NOON, NOON]  # nobody waits
    counter.may_go_on.set()
    wait_until(lambda: ask(counts) == counter.now, what="the new count")
    assert counter.times == 2


def test_one_that_is_too_old_is_waited_for(counts: DayCounts, counter: Counter) -> None:
    ask(counts)
    counter.now += RUNNING.usable
    assert ask(counts) == counter.now
    assert counter.times == 2


def test_a_day_that_is_over_is_shown_for_longer(counts: DayCounts, counter: Counter) -> None:
    counter.now = UNTIL
    ask(counts)
    counter.now += OVER.fresh - timedelta(seconds=1)
    assert ask(counts) == UNTIL
    assert counter.times == 1


def test_whoever_asks_at_once_waits_for_the_same_count(counts: DayCounts, counter: Counter) -> None:
    counter.may_go_on.clear()
    threads = [threading.Thread(target=ask, args=[counts]) for _ in range(5)]
    for thread in threads:
        thread.start()
    wait_until(lambda: counter.times == 1, what="one counts")
    counter.may_go_on.set()
    for thread in threads:
        thread.join(10)
    assert counter.times == 1
