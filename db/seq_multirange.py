"""Seqs between the product and PostgreSQL's int8multirange."""

from collections.abc import Sequence

from psycopg.types.multirange import Multirange

from domain.seq_ranges import SeqRange, SeqRanges


def read(value: Multirange[int]) -> SeqRanges:
    """Return the seqs of a multirange as the database gives it: bounded, upper bounds not included."""
    bounds = [(one.lower, one.upper) for one in value]
    return tuple(SeqRange(lower, upper - 1) for lower, upper in bounds if lower is not None and upper is not None)


def write(ranges: Sequence[SeqRange]) -> str:
    """Write seqs as a multirange literal: {[1,3],[7,7]}."""
    return "{" + ",".join(f"[{one.first},{one.last}]" for one in ranges) + "}"
