"""The gaps of an alert as its page shows them: a journal a line, its missing numbers together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.continuity import JournalGap
from domain.ids import JournalId, ScaleId
from domain.seq_ranges import SeqRange, SeqRanges, count, together, without

#: Of a journal with many gaps the page names so many runs of numbers.
_SHOWN_RUNS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """The first runs of numbers, and how many there are in all."""

    runs: SeqRanges
    count: int
    has_more: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MissingLine:
    """What a journal lacks, and what of it has come since; `filled_at` once all of it has."""

    scale_id: ScaleId
    journal_id: JournalId
    missing: Numbers
    arrived: Numbers
    noticed_at: datetime
    filled_at: datetime | None


def by_journal(gaps: Iterable[JournalGap]) -> list[MissingLine]:
    """Put the gaps of each journal together, in the order the journals come in."""
    journals: dict[tuple[ScaleId, JournalId], list[JournalGap]] = {}
    for gap in gaps:
        journals.setdefault((gap.scale_id, gap.journal_id), []).append(gap)
    return [_line(scale_id, journal_id, of_it) for (scale_id, journal_id), of_it in journals.items()]


def _line(scale_id: ScaleId, journal_id: JournalId, gaps: list[JournalGap]) -> MissingLine:
    missing = together([], [run for gap in gaps for run in gap.missing])
    noticed = together([], [SeqRange(gap.first_seq, gap.last_seq) for gap in gaps])
    filled = [gap.filled_at for gap in gaps if gap.filled_at is not None]
    return MissingLine(
        scale_id=scale_id,
        journal_id=journal_id,
        missing=_numbers(missing),
        arrived=_numbers(without(noticed, missing)),
        noticed_at=min(gap.noticed_at for gap in gaps),
        filled_at=max(filled) if len(filled) == len(gaps) else None,
    )


def _numbers(runs: SeqRanges) -> Numbers:
    return Numbers(runs=runs[:_SHOWN_RUNS], count=count(runs), has_more=len(runs) > _SHOWN_RUNS)
