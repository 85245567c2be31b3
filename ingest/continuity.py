"""Is what a scale sent whole? Which lines are missing, and which do not follow the one before. Pure.

Everything follows from which lines are there, never from the order they came in or who took them. A line is held
against the one before it once both are there, and a hole that is noticed can only shrink: what is received stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.continuity import ChainFault
from domain.seq_ranges import SeqRange, SeqRanges, count, holes, lowest, together, without
from messages.chain import prev_after


class Line(NamedTuple):
    """What the chain is made of: the digest of a line's bytes, and its `prev` (None: cannot be read)."""

    digest: bytes
    prev: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Observed:
    """What a look at a journal comes to. `links`: the lines to hold against the one before them."""

    seen: SeqRanges
    new_gaps: SeqRanges
    links: SeqRanges


def observe(*, received: SeqRanges, seen: SeqRanges, known_gaps: Sequence[SeqRange], most_lines: int) -> Observed:
    """Look at a journal of which `seen` was looked at before; at most `most_lines` new ones, the next look goes on.

    `known_gaps` are the gaps noticed before and not filled yet. A hole lies within one of them, or is new as a whole.
    """
    now_seen = together(seen, lowest(without(received, seen), most_lines))
    return Observed(
        seen=now_seen,
        new_gaps=without(holes(received), sorted(known_gaps)),
        links=without(_with_one_before(now_seen), _with_one_before(seen)),
    )


def still_missing(gap: SeqRange, received: SeqRanges) -> SeqRanges:
    """Return what of a gap has not come; nothing: it is filled, and will never be missing again."""
    return without([gap], received)


def lines_needed(links: SeqRanges) -> SeqRanges:
    """Return the lines to read for these links: each with the one before it."""
    return together(links, [SeqRange(max(1, one.first - 1), one.last) for one in links])


def faults(links: SeqRanges, lines: Mapping[int, Line]) -> dict[int, ChainFault]:
    """Return which of the `links` do not hold, by seq. A line that is nowhere to be found breaks nothing."""
    found = {}
    for one in links:
        for seq in range(one.first, one.last + 1):
            fault = _fault(lines.get(seq), lines.get(seq - 1), is_first=seq == 1)
            if fault is not None:
                found[seq] = fault
    return found


def portions(new_lines: Sequence[int], most_lines: int) -> list[slice]:
    """Cut journals, by how many lines of each are new, into runs of `most_lines` new lines and few more."""
    cut, start, lines = [], 0, 0
    for position, of_this in enumerate(new_lines, start=1):
        lines += min(of_this, most_lines)
        if lines >= most_lines or position == len(new_lines):
            cut.append(slice(start, position))
            start, lines = position, 0
    return cut


def _with_one_before(seen: SeqRanges) -> SeqRanges:
    """Return the lines whose predecessor is there too; the first line of a journal has none and needs none."""
    starts = [one if one.first == 1 else SeqRange(one.first + 1, one.last) for one in seen]
    return tuple(one for one in starts if count([one]) > 0)


def _fault(line: Line | None, before: Line | None, *, is_first: bool) -> ChainFault | None:
    if line is None or line.prev is None:
        return None
    if is_first:
        return ChainFault.FIRST_NAMES_ONE if line.prev else None
    if before is None:
        return None
    if not line.prev:
        # A journal without prev is allowed; one that had it and leaves it out is not.
        return ChainFault.LEFT_OUT if before.prev else None
    return None if line.prev == prev_after(before.digest) else ChainFault.DOES_NOT_FIT
