"""Reading a journal back: lines to one side, what was found wrong to the other, and whether it is sound."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

from domain.errors import BadFile, BadMessage
from domain.ids import ScaleId
from edge_agent.journal.event_check import check_events, check_guards, check_numbers
from edge_agent.journal.journal_carving import carve, chains
from edge_agent.journal.journal_check import Finding, Flaw, KeptJournal, check_journal
from edge_agent.journal.journal_file import GUARDS, DamagedFile
from edge_agent.journal.journal_reading import JournalReader, open_for_reading
from edge_agent.journal.times import microseconds
from messages.checkpoints import Checkpoint, decode_checkpoint
from messages.weighings import decode_weighing
from steelyard import journal_event_lines
from steelyard.journal_event_lines import EventLine
from steelyard.journal_lines import Layout, Line, heading, write
from steelyard.journal_noted import Noted, read_noted

Say = Callable[[str], None]
_MOST_FINDINGS: Final = 100  # told of one journal; a file that is nonsense has one at every entry


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is asked for. `checkpoints` are messages from elsewhere; `public_key` is the agent's, where it is known."""

    scale_id: str
    from_seq: int | None
    since: datetime | None
    last: int | None
    layout: Layout
    is_shown: bool
    shows_events: bool = False
    checkpoints: tuple[bytes, ...]
    public_key: bytes | None
    heads: Path
    now: datetime


def read_back(file: Path, wanted: Wanted, *, show: Say, tell: Say) -> bool:
    """Show the journals of a file and tell what is wrong with them; return whether nothing is.

    Raise BadFile where the file is no journal or a checkpoint from elsewhere cannot be used.
    """
    elsewhere = [_from_elsewhere(message) for message in wanted.checkpoints]
    noted = read_noted(
        wanted.heads
    )  # before the journal: an agent that goes on meanwhile has not noted more than it holds
    try:
        with open_for_reading(file) as reader:
            journals = reader.journals(ScaleId(wanted.scale_id) if wanted.scale_id else None)
            if wanted.scale_id and not journals:
                raise BadFile(str(file), (f"has no journal of scale {wanted.scale_id!r}",))
            if wanted.is_shown:
                for line in _shown(reader, journals, wanted):
                    if line:
                        show(line)
            flaws = _tell_of_the_file(reader, noted, wanted, tell)
            flaws += sum(_tell_of(reader, journal, elsewhere, noted, wanted, tell) for journal in journals)
            return flaws + _tell_of_strangers(reader.journals(), elsewhere, tell) == 0
    except DamagedFile as error:
        tell(f"DAMAGED: {error}; what follows was found in its bytes")
        for head in noted.heads:
            says = f"{noted.name} says that it had come to entry {head.seq}"
            tell(f"scale {head.scale_id}, journal {head.journal_id}: {says}")
        _show_pieces(file, wanted, show, tell)
        return False


def _from_elsewhere(message: bytes) -> Checkpoint:
    try:
        return decode_checkpoint(message)
    except BadMessage as error:
        raise BadFile("--checkpoint", (str(error),)) from error


def _shown(reader: JournalReader, journals: list[KeptJournal], wanted: Wanted) -> Iterator[str]:
    if wanted.shows_events:
        yield journal_event_lines.heading(wanted.layout)
        yield from _event_lines(reader, journals, wanted)
    else:
        yield heading(wanted.layout)
        yield from _lines(reader, journals, wanted)


def _event_lines(reader: JournalReader, journals: list[KeptJournal], wanted: Wanted) -> Iterator[str]:
    """Device events, few enough beside weighings to be looked through: those wanted, the last ones."""
    since_us = None if wanted.since is None else microseconds(wanted.since)
    for journal in journals:
        if wanted.layout is Layout.TABLE:
            yield f"scale {journal.scale_id}, journal {journal.journal_id}"
        asked = (
            event
            for event in reader.events(journal.journal_id)
            if event.event_no >= (wanted.from_seq or 0) and (since_us is None or event.at_us >= since_us)
        )
        for event in deque(asked, maxlen=wanted.last):
            line = EventLine(
                scale_id=journal.scale_id, journal_id=journal.journal_id, event_no=event.event_no, body=event.body
            )
            yield journal_event_lines.write(line, wanted.layout)


def _lines(reader: JournalReader, journals: list[KeptJournal], wanted: Wanted) -> Iterator[str]:
    for journal in journals:
        if wanted.layout is Layout.TABLE:
            yield f"scale {journal.scale_id}, journal {journal.journal_id}"
        first = _first(reader, journal, wanted)
        if first is None:
            continue
        voided = reader.voided(journal.journal_id)
        for entry in reader.entries(journal.journal_id, first):
            line = Line(
                scale_id=journal.scale_id,
                journal_id=journal.journal_id,
                seq=entry.seq,
                body=entry.body,
                voided_by=voided.get(entry.seq),
                is_receipted=entry.seq <= journal.receipted_seq,
            )
            yield write(line, wanted.layout)


def _first(reader: JournalReader, journal: KeptJournal, wanted: Wanted) -> int | None:
    """The first entry to show; None where all were weighed before."""
    first: int | None = wanted.from_seq or 0
    if wanted.since is not None:
        first = reader.first_since(journal.journal_id, microseconds(wanted.since))
    if first is None or wanted.last is None:
        return first
    return max(first, journal.last_seq - wanted.last + 1)


def _tell_of_the_file(reader: JournalReader, noted: Noted, wanted: Wanted, tell: Say) -> int:
    findings = [
        *check_guards(GUARDS, reader.guards()),
        *check_numbers(reader.numbers()),
        *noted.of_the_file(reader.journals(), wanted.public_key),
    ]
    for finding in findings:
        tell(f"TAMPERED: {finding.says} ({finding.flaw})")
    return len(findings)


def _tell_of_strangers(journals: list[KeptJournal], elsewhere: list[Checkpoint], tell: Say) -> int:
    known = {journal.journal_id for journal in journals}
    strangers = [one for one in elsewhere if one.head.journal_id not in known]
    for one in strangers:
        tell(f"TAMPERED: entry {one.head.seq} of journal {one.head.journal_id} was signed, which is not in this file")
    return len(strangers)


def _tell_of(
    reader: JournalReader, journal: KeptJournal, elsewhere: list[Checkpoint], noted: Noted, wanted: Wanted, tell: Say
) -> int:
    """Tell what is wrong with a journal, and return how much that is."""
    kept, unusable = _checkpoints(reader, journal)
    checkpoints = [*kept, *(one for one in elsewhere if one.head.journal_id == journal.journal_id)]
    found = check_journal(
        journal,
        reader.entries(journal.journal_id),
        checkpoints,
        public_key=wanted.public_key,
        noted=noted.places(journal),
    )
    events = reader.kept_events(journal.journal_id)
    of_events: Iterator[Finding] = iter(())
    if events is not None:
        of_events = check_events(journal, events, reader.events(journal.journal_id), noted.event_places(journal))
    against = noted.of_journal(journal, events, reader.held(), wanted.now)
    count = 0
    for count, finding in enumerate(chain(unusable, found, of_events, against), start=1):
        if count <= _MOST_FINDINGS:
            tell(f"TAMPERED: scale {journal.scale_id}: {finding.says} ({finding.flaw})")
    if count > _MOST_FINDINGS:
        tell(f"TAMPERED: scale {journal.scale_id}: and {count - _MOST_FINDINGS} more")
    summary = _summary(journal, checkpoints, count, is_key_known=wanted.public_key is not None)
    tell(f"{summary}; {noted.says_of(journal)}")
    return count


def _checkpoints(reader: JournalReader, journal: KeptJournal) -> tuple[list[Checkpoint], list[Finding]]:
    usable, unusable = [], []
    for message in reader.checkpoints(journal.journal_id):
        try:
            usable.append(decode_checkpoint(message))
        except BadMessage as error:
            unusable.append(Finding(flaw=Flaw.BAD_SIGNATURE, seq=0, says=f"a checkpoint cannot be read: {error}"))
    return usable, unusable


def _summary(journal: KeptJournal, checkpoints: list[Checkpoint], flaws: int, *, is_key_known: bool) -> str:
    signed = max((one.head.seq for one in checkpoints), default=0)
    against = "the agent's key" if is_key_known else "the key it carries: give --public-key to be sure whose it is"
    parts = (
        f"{'NOT what was recorded' if flaws else 'intact'}: scale {journal.scale_id}, journal {journal.journal_id}",
        f"entries {journal.pruned_seq + 1} to {journal.last_seq}" if journal.last_seq else "no entry yet",
        f"{journal.last_seq - journal.receipted_seq} waiting for a receipt",
        f"signed up to {signed}, checked against {against}" if signed else "not signed yet",
    )
    return "; ".join(parts)


def _show_pieces(file: Path, wanted: Wanted, show: Say, tell: Say) -> None:
    """Show what stands whole in the bytes of a damaged file and of its log."""
    for piece in chains(_carved(file)):
        seqs = [decode_weighing(body).seq for body in piece]
        tell(f"a piece of a journal: entries {seqs[0]} to {seqs[-1]}, chained to each other")
        if wanted.is_shown:
            for seq, body in zip(seqs, piece, strict=True):
                line = Line(scale_id="", journal_id="", seq=seq, body=body, voided_by=None, is_receipted=None)
                show(write(line, wanted.layout))


def _carved(file: Path) -> Iterator[bytes]:
    for path in (file, file.with_name(f"{file.name}-wal")):
        if path.is_file() and path.stat().st_size:
            with ExitStack() as opened:
                raw = opened.enter_context(path.open("rb"))
                yield from carve(opened.enter_context(mmap(raw.fileno(), 0, access=ACCESS_READ)))
