"""Runs of seqs are sets of numbers, written short."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.seq_ranges import SeqRange, SeqRanges, count, holes, lowest, together, without

seqs = st.sets(st.integers(1, 40))


def ranges_of(seqs: set[int]) -> SeqRanges:
    return together([], [SeqRange(seq, seq) for seq in seqs])


def seqs_of(ranges: SeqRanges) -> set[int]:
    return {seq for one in ranges for seq in range(one.first, one.last + 1)}


def is_short(ranges: SeqRanges) -> bool:
    """Rising, not touching, none of them empty."""
    return all(one.first <= one.last for one in ranges) and all(
        before.last + 1 < after.first for before, after in pairwise(ranges)
    )


@given(some=seqs, others=seqs)
def test_they_are_reckoned_with_as_sets_are(some: set[int], others: set[int]) -> None:
    a, b = ranges_of(some), ranges_of(others)
    assert seqs_of(a) == some
    assert (seqs_of(together(a, b)), is_short(together(a, b))) == (some | others, True)
    assert (seqs_of(without(a, b)), is_short(without(a, b))) == (some - others, True)
    assert count(a) == len(some)


@given(some=seqs, most=st.integers(0, 45))
def test_the_lowest_of_them(some: set[int], most: int) -> None:
    found = lowest(ranges_of(some), most)
    assert (seqs_of(found), is_short(found)) == (set(sorted(some)[:most]), True)


@given(received=seqs)
def test_a_hole_is_what_is_missing_below_the_highest(received: set[int]) -> None:
    assert seqs_of(holes(ranges_of(received))) == set(range(1, max(received, default=0))) - received


def test_a_run_is_written_as_people_write_it() -> None:
    assert [str(SeqRange(7, 7)), str(SeqRange(5, 9))] == ["7", "5-9"]
