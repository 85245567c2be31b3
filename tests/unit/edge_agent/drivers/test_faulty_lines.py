"""Faults of real lines: a byte whose parity was wrong comes as NUL, and a scale is set to another format while it runs.

The load rests from the beginning, so whatever weight is heard has to be the load's.
"""

from collections.abc import Iterator

import pytest

from edge_agent.weighing.readings import Garbage
from tests.unit.edge_agent.drivers.pair import DIALECTS, Cut, Dialect, Pair, whole

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


@pytest.mark.parametrize(("before", "after"), changes, ids=str)
def test_another_format_in_mid_stream_never_makes_another_weight(before: Dialect, after: Dialect) -> None:
    pair = heard_of_a_load(before)
    pair.scale = after.scale()
    pair.scale.platform.put(LOAD_G, -30.0)
    pair.run(3.0)
    assert set(pair.weights()) == {LOAD_G}
