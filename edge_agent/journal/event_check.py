"""Are a journal's device events what was kept, and is the file guarded as it was made? Pure, as `journal_check` is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.errors import BadMessage
from edge_agent.journal.event_chain import begin_with, go_on
from edge_agent.journal.journal_check import Finding, Flaw, KeptJournal
from edge_agent.journal.times import microseconds
from messages.events import decode_event


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptEvent:
    """A row of the file: an event with the columns that repeat what its body says."""

    event_no: int
    at_us: int
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptEvents:
    """What a journal's row says of its events."""

    last_event_no: int
    digest: str
    pruned_event_no: int
    pruned_digest: str


def check_events(
    journal: KeptJournal, kept: KeptEvents, events: Iterable[KeptEvent], noted: Sequence[tuple[int, str]] = ()
) -> Iterator[Finding]:
    """Yield every flaw of a journal's events, which come ordered by their number.

    `noted`: numbers of events, each with the digest behind it, as something besides the file knows them.
    """
    number, digest, is_whole = kept.pruned_event_no, kept.pruned_digest, True
    if number == 0 and digest != begin_with(journal.scale_id, journal.journal_id):
        says = f"the journal {journal.journal_id} was begun for another scale than {journal.scale_id}"
        yield Finding(flaw=Flaw.ALTERED, seq=0, says=says)
    for event in events:
        if event.event_no != number + 1:
            is_whole = False
            yield Finding(flaw=Flaw.MISSING, seq=number + 1, says=_gap(number, event.event_no))
        yield from _check_event(journal, event)
        number, digest = event.event_no, go_on(digest, event.body)
        if is_whole and any(place == number and known != digest for place, known in noted):
            says = f"event {number}, or one before it, is not what was noted of it"
            yield Finding(flaw=Flaw.AGAINST_HEAD, seq=number, says=says)
    if number != kept.last_event_no:
        yield Finding(flaw=Flaw.MISSING, seq=number + 1, says=_gap(number, kept.last_event_no + 1))
    elif is_whole and digest != kept.digest:
        says = f"the events up to {number} are not what was kept: one of them was altered"
        yield Finding(flaw=Flaw.ALTERED, seq=number, says=says)


def check_guards(expected: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is wrong with the triggers of a file, by name: some are gone, altered, or somebody else's."""
    gone = sorted(name for name in expected if expected[name].strip() != found.get(name, "").strip())
    strange = sorted({*found} - {*expected})
    if gone:
        says = f"what keeps the file append-only was taken out of it or altered: {', '.join(gone)}"
        yield Finding(flaw=Flaw.UNGUARDED, seq=0, says=says)
    if strange:
        says = f"the file has triggers that are none of ours: {', '.join(strange)}"
        yield Finding(flaw=Flaw.UNGUARDED, seq=0, says=says)


def check_numbers(numbers: Sequence[int]) -> Iterator[Finding]:
    """Yield the journals that are missing: their rows are numbered 1, 2, 3…, and none ever leaves."""
    for number in sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers)):
        yield Finding(flaw=Flaw.MISSING, seq=0, says=f"the whole journal number {number} of the file is missing")


def _check_event(journal: KeptJournal, event: KeptEvent) -> Iterator[Finding]:
    try:
        said = decode_event(event.body)
    except BadMessage as error:
        yield Finding(flaw=Flaw.ALTERED, seq=event.event_no, says=f"event {event.event_no} cannot be read ({error})")
        return
    if (said.event_no, said.journal_id) != (event.event_no, journal.journal_id):
        says = f"the place of event {event.event_no} holds event {said.event_no} of journal {said.journal_id}"
        yield Finding(flaw=Flaw.REORDERED, seq=event.event_no, says=says)
    if microseconds(said.event.at) != event.at_us:
        says = f"event {event.event_no} has another time beside it than it says"
        yield Finding(flaw=Flaw.ALTERED, seq=event.event_no, says=says)


def _gap(number: int, found: int) -> str:
    if found <= number:
        return f"event {found} is there, where only events behind {number} are expected"
    return (
        f"event {number + 1} is missing" if found == number + 2 else f"events {number + 1} to {found - 1} are missing"
    )
