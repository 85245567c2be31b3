"""Scales that have to be asked: how often they are, and that nothing of an old connection is asked or believed."""

import heapq

import pytest

from edge_agent.drivers.protocol import ScaleDriver
from edge_agent.weighing.readings import NoWeight, Reading
from simulators.scales.protocol import SimulatedScale
from tests.unit.edge_agent.drivers.pair import DIALECTS, Dialect, Pair

AGENT_TICK_S = 0.1
EARLY_S = 0.004
ANSWERS_AFTER_S = 0.02  # a question and an answer of some twenty bytes at 9600 baud
SECONDS = 10

ASKED_FOR_WEIGHTS = [
    dialect
    for dialect in DIALECTS
    if dialect.driver().poll(0.0)
    # A dialogue to a result at rest, streams, and S, which answers at rest only, have a pace of their own.
    and dialect.spec.name not in {"dialog06", "dibal"}
    and dialect.profile not in {"repeat", "on_change", "stable"}
]
POLLED = [dialect for dialect in DIALECTS if dialect.driver().poll(0.0)]


def weights_heard(driver: ScaleDriver, scale: SimulatedScale) -> int:
    """The agent's loop in time that is not waited for: it asks at its ticks, and again after everything it heard."""
    count, moments = 0, [(n * AGENT_TICK_S - EARLY_S * (n % 2), b"") for n in range(SECONDS * 10)]
    heapq.heapify(moments)
    while moments:
        now, answer = heapq.heappop(moments)
        count += sum(isinstance(item, Reading | NoWeight) for item in driver.feed(answer))
        reply = scale.hear(driver.poll(now), now) + scale.tick(now)
        if reply:
            heapq.heappush(moments, (now + ANSWERS_AFTER_S, reply))
    return count


@pytest.mark.parametrize("dialect", ASKED_FOR_WEIGHTS, ids=str)
def test_a_scale_that_answers_at_once_is_read_ten_times_a_second(dialect: Dialect) -> None:
    scale = dialect.scale()
    scale.platform.put(700, 0.0)
    assert weights_heard(dialect.driver(), scale) >= 10 * (SECONDS - 1)  # it begins with other questions


@pytest.mark.parametrize("dialect", POLLED, ids=str)
@pytest.mark.parametrize("after", range(6))
def test_after_a_replug_the_dialogue_begins_anew(dialect: Dialect, after: int) -> None:
    """Wherever it was, the first question is that of a new driver, and what then still comes of the old one, stays."""
    pair = Pair(dialect)
    pair.put(700, for_s=0.5)
    for _ in range(after):
        pair.now += 1.0
        pair.driver.feed(pair.scale.hear(pair.driver.poll(pair.now), pair.now) + pair.scale.tick(pair.now))
    pair.driver.poll(pair.now + 1.0)  # a question that the old connection never answers
    pair.driver.reset()
    assert pair.driver.poll(pair.now) == dialect.driver().poll(0.0)
    before = len(pair.heard)
    pair.run(1.0)
    pair.put(3000, for_s=20.0)
    assert pair.weights()[-1] == 3000
    assert len(pair.heard) > before
