"""Which lines of a journal: runs of seqs, as receipts and continuity reckon with them."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple


class SeqRange(NamedTuple):
    """The seqs from `first` to `last`, both among them."""

    first: int
    last: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


#: Runs that rise and do not touch: 1, 2, 3, 7 are (1, 3) and (7, 7).
SeqRanges = tuple[SeqRange, ...]


def count(ranges: Sequence[SeqRange]) -> int:
    """Return how many seqs there are."""
    return sum(one.last - one.first + 1 for one in ranges)


def without(ranges: Sequence[SeqRange], taken: Sequence[SeqRange]) -> SeqRanges:
    """Return the seqs of `ranges` that are not in `taken`; both rise."""
    left: list[SeqRange] = []
    for one in ranges:
        first = one.first
        at = bisect_left(taken, first, key=lambda run: run.last)
        while at < len(taken) and taken[at].first <= one.last:
            if first < taken[at].first:
                left.append(SeqRange(first, taken[at].first - 1))
            first = taken[at].last + 1
            at += 1
        if first <= one.last:
            left.append(SeqRange(first, one.last))
    return tuple(left)


def together(some: Sequence[SeqRange], others: Sequence[SeqRange]) -> SeqRanges:
    """Return the seqs that are in either."""
    joined: list[SeqRange] = []
    for one in sorted((*some, *others)):
        if joined and one.first <= joined[-1].last + 1:
            joined[-1] = SeqRange(joined[-1].first, max(joined[-1].last, one.last))
        else:
            joined.append(one)
    return tuple(joined)


def lowest(ranges: Sequence[SeqRange], most: int) -> SeqRanges:
    """Return the lowest seqs, at most `most` of them."""
    found: list[SeqRange] = []
    for one in ranges:
        if most <= 0:
            break
        found.append(SeqRange(one.first, min(one.last, one.first + most - 1)))
        most -= one.last - one.first + 1
    return tuple(found)


def holes(received: Sequence[SeqRange]) -> SeqRanges:
    """Return what is missing below the highest seq received: a journal counts from 1."""
    return without([SeqRange(1, received[-1].last)], received) if received else ()
