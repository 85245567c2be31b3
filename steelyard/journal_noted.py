"""What the agent noted of its journals' ends, beside the file that is read back: so that an emptied one shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from edge_agent.journal.event_check import KeptEvents
from edge_agent.journal.head_check import check_events_head, check_file, check_journals, check_leaving
from edge_agent.journal.journal_capacity import JournalLimits
from edge_agent.journal.journal_check import Finding, Flaw, KeptJournal, NotedPlace
from edge_agent.journal.journal_heads import Head, SignedHeads, decode_heads
from edge_agent.journal.journal_pruning import SLICE

_LIMITS: Final = JournalLimits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Noted:
    """A file of heads by its name. `signed` is None where there is none, or where `problem` says why it is unusable."""

    name: str
    signed: SignedHeads | None
    problem: str = ""

    @property
    def heads(self) -> tuple[Head, ...]:
        """All that was noted, of every journal."""
        return () if self.signed is None else self.signed.heads

    def of_the_file(self, journals: list[KeptJournal], public_key: bytes | None) -> Iterator[Finding]:
        """Yield what is wrong with this file, and which journals it knows that are not in the other one at all."""
        if self.problem:
            yield Finding(flaw=Flaw.ALTERED, seq=0, says=f"{self.name} cannot be used: {self.problem}")
        if self.signed is not None:
            yield from check_file(self.name, self.signed, public_key)
        yield from check_journals(self.name, self.heads, journals)

    def of_journal(
        self, journal: KeptJournal, events: KeptEvents | None, held: int, now: datetime
    ) -> Iterator[Finding]:
        """Yield what a journal lacks by what was noted of it; `held` entries are in its file in all."""
        heads = self._of(journal)
        if events is not None:
            yield from check_events_head(self.name, heads, events)
        keep, has_room = timedelta(days=_LIMITS.keep_days), held + SLICE < _LIMITS.max_entries
        yield from check_leaving(self.name, heads, journal, now=now, keep=keep, has_room=has_room)

    def places(self, journal: KeptJournal) -> list[NotedPlace]:
        """Return the entries of a journal that were noted as its last."""
        return [
            NotedPlace(seq=head.seq, digest=head.digest, at=head.at, by=self.name, flaw=Flaw.AGAINST_HEAD)
            for head in self._of(journal)
        ]

    def event_places(self, journal: KeptJournal) -> list[tuple[int, str]]:
        """Return the events of a journal that were noted as its last, each with the digest behind it."""
        return [(head.event_no, head.events_digest) for head in self._of(journal)]

    def says_of(self, journal: KeptJournal) -> str:
        """Say how far the end of a journal was held against this file."""
        heads = self._of(journal)
        if heads:
            return f"its end held against {self.name}, up to {max(head.seq for head in heads)}"
        return f"its end held against nothing: {self.name} {'is not there' if self.signed is None else 'knows none'}"

    def _of(self, journal: KeptJournal) -> list[Head]:
        return [head for head in self.heads if head.journal_id == journal.journal_id]


def read_noted(path: Path) -> Noted:
    """Read what was noted; a file that is not there or cannot be used is said to be so."""
    try:
        return Noted(name=path.name, signed=decode_heads(path.read_bytes()))
    except FileNotFoundError:
        return Noted(name=path.name, signed=None)
    except OSError as error:
        return Noted(name=path.name, signed=None, problem=error.strerror or str(error))
    except ValueError as error:
        return Noted(name=path.name, signed=None, problem=str(error))
