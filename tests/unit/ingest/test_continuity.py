"""Gaps and breaks follow from which lines are there: not from the order they came in, nor from when somebody looked."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.continuity import ChainFault
from domain.seq_ranges import SeqRange, SeqRanges, count, together, without
from ingest.continuity import Line, faults, lines_needed, observe, portions, still_missing
from messages.chain import digest, prev_after, prev_in, prev_of
from tests.factories import chained, weighing

LENGTH = 14


@dataclass(slots=True)
class Record:
    """What is kept of one journal between looks, as the tables keep it."""

    journal: dict[int, Line]
    most_lines: int = 1000
    received: SeqRanges = ()
    seen: SeqRanges = ()
    gaps: list[SeqRange] = field(default_factory=list)
    missing: dict[SeqRange, SeqRanges] = field(default_factory=dict)
    filled: set[SeqRange] = field(default_factory=set)
    breaks: list[tuple[int, ChainFault]] = field(default_factory=list)

    def arrive(self, seqs: set[int]) -> None:
        self.received = together(self.received, [SeqRange(seq, seq) for seq in seqs])

    def look(self) -> None:
        known = [gap for gap in self.gaps if gap not in self.filled]
        found = observe(received=self.received, seen=self.seen, known_gaps=known, most_lines=self.most_lines)
        self.gaps += found.new_gaps
        for gap in self.gaps:
            self.missing[gap] = still_missing(gap, self.received)
            if not self.missing[gap]:
                self.filled.add(gap)
        here = {seq: line for seq, line in self.journal.items() if without([SeqRange(seq, seq)], self.received) == ()}
        needed = {seq for run in lines_needed(found.links) for seq in range(run.first, run.last + 1)}
        assert needed <= here.keys()
        self.breaks += faults(found.links, {seq: here[seq] for seq in needed}).items()
        self.seen = found.seen


def lines_of(bodies: list[bytes]) -> dict[int, Line]:
    return {seq: Line(digest(body), prev_in(body)) for seq, body in enumerate(bodies, start=1)}


def journal_with(altered: set[int], left_out: set[int]) -> dict[int, Line]:
    """A chained journal whose lines `altered` were changed after the next was made; some left `prev` out."""
    lines = lines_of(chained([{} for _ in range(LENGTH)]))
    for seq in altered:
        lines[seq] = lines[seq]._replace(digest=digest(b"other"))
    for seq in left_out:
        lines[seq] = lines[seq]._replace(prev="")
    return lines


arrivals = st.lists(st.sets(st.integers(1, LENGTH), min_size=1), max_size=8)
journals = st.builds(journal_with, st.sets(st.integers(1, LENGTH)), st.sets(st.integers(1, LENGTH)))


@given(journal=journals, arrivals=arrivals, looks=st.lists(st.booleans(), min_size=8, max_size=8))
def test_however_lines_arrive_and_whenever_somebody_looks_the_same_is_found(
    journal: dict[int, Line], arrivals: list[set[int]], looks: list[bool]
) -> None:
    record, at_once = Record(journal), Record(journal)
    for seqs, is_looked_at in zip(arrivals, looks, strict=False):
        record.arrive(seqs)
        if is_looked_at:
            record.look()
    record.look()
    at_once.arrive(set[int]().union(*arrivals))
    at_once.look()
    assert sorted(record.breaks) == at_once.breaks
    assert sorted(run for missing in record.missing.values() for run in missing) == sorted(at_once.gaps)


@given(arrivals=arrivals)
def test_every_missing_line_is_in_exactly_one_gap_and_a_filled_gap_is_filled_for_good(arrivals: list[set[int]]) -> None:
    record = Record(journal_with(set(), set()))
    arrived: set[int] = set()
    for seqs in arrivals:
        filled_before = set(record.filled)
        record.arrive(seqs)
        record.look()
        arrived |= seqs
        missing = [seq for runs in record.missing.values() for run in runs for seq in range(run.first, run.last + 1)]
        assert sorted(missing) == sorted(set(range(1, max(arrived))) - arrived)
        assert filled_before <= record.filled
        assert len(set(record.gaps)) == len(record.gaps)
    record.arrive(set(range(1, LENGTH + 1)))
    record.look()
    assert record.filled == set(record.gaps)


@given(journal=journals, arrived=st.sets(st.integers(1, LENGTH), min_size=1), most_lines=st.integers(1, LENGTH))
def test_a_backlog_looked_at_in_small_parts_comes_to_the_same(
    journal: dict[int, Line], arrived: set[int], most_lines: int
) -> None:
    in_parts, at_once = Record(journal, most_lines=most_lines), Record(journal)
    for record in (in_parts, at_once):
        record.arrive(arrived)
        record.look()
    looks = 1
    while in_parts.seen != in_parts.received:
        in_parts.look()
        looks += 1
    assert looks == -(-len(arrived) // most_lines)
    assert (sorted(in_parts.breaks), in_parts.gaps) == (at_once.breaks, at_once.gaps)


@given(arrivals=arrivals)
def test_a_whole_chain_has_no_break_whatever_is_missing_of_it(arrivals: list[set[int]]) -> None:
    record = Record(journal_with(set(), set()))
    for seqs in arrivals:
        record.arrive(seqs)
        record.look()
    assert record.breaks == []


FIRST, SECOND, THIRD = chained([{}, {}, {}])


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ([FIRST, SECOND, THIRD], {}),
        ([FIRST, SECOND, weighing(3, prev=prev_of(FIRST))], {3: ChainFault.DOES_NOT_FIT}),
        ([FIRST, SECOND, weighing(3, prev="x")], {3: ChainFault.DOES_NOT_FIT}),
        ([FIRST, SECOND, weighing(3)], {3: ChainFault.LEFT_OUT}),
        ([FIRST, SECOND, weighing(3), weighing(4)], {3: ChainFault.LEFT_OUT}),
        ([weighing(1), weighing(2), weighing(3)], {}),
        ([weighing(1), weighing(2), weighing(3, prev=prev_of(weighing(2)))], {}),
        ([weighing(1, prev=prev_of(b"{}"))], {1: ChainFault.FIRST_NAMES_ONE}),
        ([FIRST, b'{"seq":2,"prev":5}', weighing(3, prev=prev_of(b'{"seq":2,"prev":5}'))], {}),
        ([FIRST, b'{"seq":2,"prev":5}', weighing(3)], {}),
    ],
    ids=[
        "whole",
        "names another",
        "no hash",
        "leaves prev out",
        "leaves it out from then on: one break",
        "a journal without prev",
        "begins to have it",
        "the first names one",
        "a held line is a link by its bytes",
        "whether a line had prev that cannot be read is not known",
    ],
)
def test_what_does_not_follow(bodies: list[bytes], expected: dict[int, ChainFault]) -> None:
    assert faults((SeqRange(1, len(bodies)),), lines_of(bodies)) == expected


def test_a_line_is_held_against_the_one_before_as_soon_as_both_are_there() -> None:
    before = observe(received=RECEIVED, seen=(), known_gaps=(), most_lines=100)
    assert before.links == (SeqRange(1, 2), SeqRange(6, 7))
    whole = (SeqRange(1, 7),)
    assert observe(received=whole, seen=RECEIVED, known_gaps=before.new_gaps, most_lines=100).links == (SeqRange(3, 5),)


RECEIVED = (SeqRange(1, 2), SeqRange(5, 7))


def test_a_line_that_is_nowhere_to_be_found_breaks_nothing() -> None:
    lines = lines_of([FIRST, SECOND, THIRD])
    assert faults((SeqRange(1, 3),), {3: lines[3]}) == {}
    assert faults((SeqRange(1, 3),), {1: lines[1], 2: lines[2]}) == {}


def test_a_digest_and_its_bytes_make_the_same_prev() -> None:
    assert prev_after(digest(FIRST)) == prev_of(FIRST) == prev_in(SECOND)
    assert [prev_in(FIRST), prev_in(b"{}"), prev_in(b"["), prev_in(b"\xff"), prev_in(b"[" * 100_000)] == [
        "",
        "",
        None,
        None,
        None,
    ]


@given(new_lines=st.lists(st.integers(0, 30)), most=st.integers(1, 40))
def test_portions_cover_every_journal_once_and_hold_few_more_lines_than_they_may(
    new_lines: list[int], most: int
) -> None:
    cut = [new_lines[portion] for portion in portions(new_lines, most)]
    assert [one for portion in cut for one in portion] == new_lines
    assert all(sum(min(one, most) for one in portion) < 2 * most for portion in cut)
    assert all(portion for portion in cut)


def test_lines_are_read_with_the_one_before() -> None:
    links = (SeqRange(1, 1), SeqRange(5, 6), SeqRange(9, 9))
    assert lines_needed(links) == (SeqRange(1, 1), SeqRange(4, 6), SeqRange(8, 9))
    assert count(lines_needed(())) == 0
