"""Faults of real lines: a byte whose parity was wrong comes as NUL, frames come together or torn, a comma stands for a
point, other units are set, and a scale is set to another format while it runs.

The load rests from the beginning, so whatever weight is heard has to be the load's.
"""

import re
from collections.abc import Iterator

import pytest

from edge_agent.weighing.readings import DeviceSale, Garbage, Reading
from tests.unit.edge_agent.drivers.pair import DIALECTS, PRICE_FEN, Cut, Dialect, Pair, whole

LOAD_G = 700
DAMAGED_PLACES = 24
# The same three values, read in three ways: only a try with known weights tells which (docs/drivers.md).
UNDECIDABLE = {"dp401"}

every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=str)
changes = [
    (before, after)
    for before in DIALECTS
    for after in DIALECTS
    if before.spec is after.spec and before.profile != after.profile and before.spec.name not in UNDECIDABLE
]


def nul_at(place: int) -> Cut:
    """The line carries a NUL in place of one byte."""
    carried = 0

    def carry(data: bytes) -> Iterator[bytes]:
        nonlocal carried
        at = place - carried
        carried += len(data)
        yield data[:at] + b"\0" + data[at + 1 :] if 0 <= at < len(data) else data

    return carry


def two_in_one_read(data: bytes) -> Iterator[bytes]:
    yield data + data


def half_before_whole(data: bytes) -> Iterator[bytes]:
    yield data[: len(data) // 2] + data


def nul_bytes_between(data: bytes) -> Iterator[bytes]:
    yield bytes(40) + data + bytes(40)


def comma_for_a_point(data: bytes) -> Iterator[bytes]:
    """Where the frames have no point, a comma takes the place of a digit."""
    pointless = re.sub(rb"\d(?=\d{4}|\d\d [a-z])", b",", data, count=1)
    yield data.replace(b".", b",") if b"." in data and b'"' not in data else pointless


def pounds(data: bytes) -> Iterator[bytes]:
    yield data.replace(b"kg", b"lb").replace(b" g\r", b"lb\r")


def million_and_more(data: bytes) -> Iterator[bytes]:
    """Yield a unit price of nines wherever the frames have the one that was set, at its own length."""
    yield data.replace(b"0090.00", b"9999999").replace(b"   90.00", b"99999999").replace(b"00009000", b"99999999")


def heard_of_a_load(dialect: Dialect, cut: Cut = whole) -> Pair:
    pair = Pair(dialect, cut=cut)
    pair.scale.platform.put(LOAD_G, -30.0)
    pair.run(1.5)
    pair.hear(pair.scale.key_total(pair.now))
    return pair


@every_dialect
def test_a_byte_of_wrong_parity_never_makes_another_weight(dialect: Dialect) -> None:
    clean = heard_of_a_load(dialect)
    assert set(clean.weights()) == {LOAD_G}
    length, garbage = min(len(clean.sent), 200), 0
    for place in range(0, length, max(1, length // DAMAGED_PLACES)):
        pair = heard_of_a_load(dialect, nul_at(place))
        assert set(pair.weights()) <= {LOAD_G}, place
        garbage += any(isinstance(item, Garbage) for item in pair.heard)
    assert garbage > 0, "the damage never showed"


def _lift_and_put_back(pair: Pair) -> None:
    pair.scale.platform.put(0, pair.now)
    pair.run(1.0)
    pair.put(LOAD_G, for_s=20.0)


@every_dialect
@pytest.mark.parametrize("cut", [two_in_one_read, half_before_whole, nul_bytes_between])
def test_frames_that_come_together_or_torn_make_no_other_weight_and_the_next_is_read(
    dialect: Dialect, cut: Cut
) -> None:
    is_bad = True
    pair = heard_of_a_load(dialect, lambda data: cut(data) if is_bad else whole(data))
    assert set(pair.weights()) <= {LOAD_G}
    is_bad = False
    before = len(pair.weights())
    _lift_and_put_back(pair)
    assert LOAD_G in pair.weights()[before:]


@every_dialect
@pytest.mark.parametrize("cut", [comma_for_a_point, pounds, million_and_more])
def test_what_is_no_weight_of_kilograms_at_a_price_that_can_be_is_garbage_and_the_next_frame_is_read(
    dialect: Dialect, cut: Cut
) -> None:
    """Wherever the frames of a dialect have such a place at all."""
    is_bad, changed = True, 0

    def for_a_while(data: bytes) -> Iterator[bytes]:
        nonlocal changed
        bad = b"".join(cut(data))
        changed += is_bad and bad != data
        yield bad if is_bad else data

    pair = heard_of_a_load(dialect, for_a_while)
    assert any(isinstance(item, Garbage) for item in pair.heard) == (changed > 0)
    is_bad = False
    _lift_and_put_back(pair)
    assert pair.weights()[-1] == LOAD_G
    prices = [item.unit_price_fen for item in pair.heard if isinstance(item, Reading | DeviceSale)]
    assert set(prices) <= {None, PRICE_FEN}


@pytest.mark.parametrize(("before", "after"), changes, ids=str)
def test_another_format_in_mid_stream_never_makes_another_weight(before: Dialect, after: Dialect) -> None:
    pair = heard_of_a_load(before)
    pair.scale = after.scale()
    pair.scale.platform.put(LOAD_G, -30.0)
    pair.run(3.0)
    assert set(pair.weights()) == {LOAD_G}
