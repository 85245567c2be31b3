"""A journal's gaps in one line."""

from datetime import timedelta

from domain.continuity import JournalGap
from domain.ids import JournalId, ScaleId
from domain.seq_ranges import SeqRange, SeqRanges
from tests.factories import NOW
from web.missing_lines import by_journal


def gap(first: int, last: int, *missing: tuple[int, int], journal: str = "j1", after_s: int = 0) -> JournalGap:
    return JournalGap(
        scale_id=ScaleId("S-1"),
        journal_id=JournalId(journal),
        first_seq=first,
        last_seq=last,
        missing=runs(*missing),
        noticed_at=NOW + timedelta(seconds=after_s),
        filled_at=None if missing else NOW + timedelta(hours=1, seconds=after_s),
    )


def runs(*bounds: tuple[int, int]) -> SeqRanges:
    return tuple(SeqRange(*one) for one in bounds)


def test_gaps_of_a_journal_stand_together_in_rising_order() -> None:
    first, second = by_journal([gap(9, 12, (9, 9), (12, 12), after_s=5), gap(3, 3, (3, 3), journal="j2"), gap(2, 5)])
    assert (first.journal_id, second.journal_id) == ("j1", "j2")
    assert (first.missing.runs, first.missing.count) == (runs((9, 9), (12, 12)), 2)
    assert (first.arrived.runs, first.arrived.count) == (runs((2, 5), (10, 11)), 6)
    assert (first.noticed_at, first.filled_at) == (NOW, None)


def test_a_journal_is_whole_when_the_last_of_its_gaps_has_filled() -> None:
    [line] = by_journal([gap(2, 5), gap(9, 9, after_s=7)])
    assert (line.missing.count, line.filled_at) == (0, NOW + timedelta(hours=1, seconds=7))


def test_of_many_runs_only_the_first_are_named() -> None:
    [line] = by_journal([gap(1, 99, *[(seq, seq) for seq in range(1, 99, 2)])])
    assert (len(line.missing.runs), line.missing.count, line.missing.has_more) == (12, 49, True)
    assert by_journal([gap(1, 9, (1, 9))])[0].missing.has_more is False
