"""A line on which nothing can be read for a while: it is garbage with a reason, and the next load is read."""

from collections.abc import Iterator

import pytest

from edge_agent.weighing.readings import DeviceSale, Garbage, Reading
from tests.unit.edge_agent.drivers.pair import DIALECTS, Cut, Dialect, Pair, whole

LOAD_G, NEXT_G = 700, 300
SLOWEST_ANSWER_S = 20.0
PORT_READ_BYTES = 4096
TEN_MB = 10 * 1024 * 1024

every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=str)


def nul(data: bytes) -> Iterator[bytes]:
    """Every byte had the wrong parity, and the port gave NUL for it."""
    yield bytes(len(data))


def high_bit(data: bytes) -> Iterator[bytes]:
    """The line is set to eight bits without parity, the scale to seven with it."""
    yield bytes(byte | 0x80 for byte in data)


def at_rest(dialect: Dialect) -> Pair:
    """A load lies there at rest, and was read."""
    pair = Pair(dialect)
    pair.scale.platform.put(LOAD_G, -30.0)
    pair.run(1.0)
    return pair


def carry_badly(pair: Pair, cut: Cut) -> list[int]:
    """Let the line be bad for a while, and return the weights that were heard meanwhile."""
    before, pair.cut = len(pair.weights()), cut
    pair.run(2.0)
    pair.hear(pair.scale.key_total(pair.now))
    pair.cut = whole
    return pair.weights()[before:]


def assert_counted_and_next_is_read(pair: Pair) -> None:
    pair.put(0, for_s=1.0)
    pair.put(NEXT_G, for_s=SLOWEST_ANSWER_S)
    reasons = [item.reason for item in pair.heard if isinstance(item, Garbage)]
    assert reasons, "nothing of it was counted"
    assert all(reasons)
    assert pair.weights()[-1] == NEXT_G


@every_dialect
@pytest.mark.parametrize("cut", [nul, high_bit])
def test_wrong_parity_is_garbage_and_the_next_load_is_read(dialect: Dialect, cut: Cut) -> None:
    pair = at_rest(dialect)
    assert carry_badly(pair, cut) == []
    assert_counted_and_next_is_read(pair)


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if not one.spec.is_polled], ids=str)
def test_all_that_came_in_three_seconds_may_come_in_one_read(dialect: Dialect) -> None:
    pair = at_rest(dialect)
    pair.run(2.0)
    pair.hear(pair.scale.key_total(pair.now))
    frames = [item for item in dialect.driver().feed(pair.sent) if isinstance(item, Reading | DeviceSale)]
    assert frames == [item for item in pair.heard if isinstance(item, Reading | DeviceSale)]
    assert frames


@pytest.mark.parametrize(
    "dialect", [one for one in DIALECTS if one.profile == one.spec.profiles[0]], ids=lambda one: one.spec.name
)
def test_behind_ten_megabytes_without_an_end_the_next_load_is_read(dialect: Dialect) -> None:
    pair = at_rest(dialect)
    pair.heard += pair.driver.feed(pair.sent[:5])
    for _ in range(TEN_MB // PORT_READ_BYTES):
        pair.heard += pair.driver.feed(b"0" * PORT_READ_BYTES)
    assert_counted_and_next_is_read(pair)
