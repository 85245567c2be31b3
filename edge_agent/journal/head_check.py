"""Is a journal as far as its head was noted to be, in a file beside it? Pure, as `journal_check` is."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from edge_agent.journal.event_check import KeptEvents
from edge_agent.journal.journal_check import Finding, Flaw, KeptJournal
from edge_agent.journal.journal_heads import Head, SignedHeads


def check_file(name: str, noted: SignedHeads, public_key: bytes | None) -> Iterator[Finding]:
    """Yield whether a file of heads is not the agent's; where its key is not known, not the key's that it carries."""
    key = public_key or noted.public_key
    if len(key) != len(noted.public_key) or not noted.is_signed_by(key):
        yield Finding(flaw=Flaw.BAD_SIGNATURE, seq=0, says=f"{name} is not signed by the agent's key, or was altered")


def check_journals(name: str, noted: Sequence[Head], journals: Iterable[KeptJournal]) -> Iterator[Finding]:
    """Yield the journals that were noted and are not in the file at all."""
    known = {journal.journal_id for journal in journals}
    for head in noted:
        if head.journal_id not in known:
            says = f"journal {head.journal_id} of scale {head.scale_id} is not in this file, and {_had(name, head)}"
            yield Finding(flaw=Flaw.MISSING, seq=0, says=says)


def check_events_head(name: str, noted: Sequence[Head], events: KeptEvents) -> Iterator[Finding]:
    """Yield the events that were noted and are behind the end that the journal's row now says."""
    for head in noted:
        if head.event_no > events.last_event_no:
            first = events.last_event_no + 1
            missing = f"event {first} is" if head.event_no == first else f"events {first} to {head.event_no} are"
            says = f"{missing} missing: {_had(name, head)}"
            yield Finding(flaw=Flaw.AGAINST_HEAD, seq=events.last_event_no, says=says)


def check_leaving(
    name: str, noted: Sequence[Head], journal: KeptJournal, *, now: datetime, keep: timedelta, has_room: bool
) -> Iterator[Finding]:
    """Yield entries that left as if they were old and were not. `has_room`: nothing had to leave for want of it."""
    for head in noted:
        if has_room and head.weighed_at is not None and head.seq <= journal.pruned_seq and head.weighed_at > now - keep:
            says = (
                f"entry {head.seq} has left the file, though it was weighed at {head.weighed_at.isoformat()} ({name})"
                f" and stays {keep.days} days: it was taken out, or the clock was far ahead for a while (--events)"
            )
            yield Finding(flaw=Flaw.MISSING, seq=head.seq, says=says)


def _had(name: str, head: Head) -> str:
    return f"it had come to entry {head.seq} and event {head.event_no} at {head.at.isoformat()} ({name})"
