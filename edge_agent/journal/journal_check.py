"""Is a journal what was recorded? Pure: its entries and signed heads in, what is wrong with them out, and where.

What can show here is what contradicts itself. A chain that was rewritten as a whole, or an old copy of the file, is
sound by itself: only a checkpoint tells, one kept in the file or one that the service has.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from domain.ids import JournalId, ScaleId
from edge_agent.journal.times import microseconds
from messages.chain import prev_of
from messages.checkpoints import Checkpoint, is_signed_by


class Flaw(StrEnum):
    """What is wrong with a journal."""

    MISSING = "missing"
    ALTERED = "altered"
    REORDERED = "reordered"
    WRONG_HEAD = "wrong_head"
    UNGUARDED = "unguarded"
    BAD_SIGNATURE = "bad_signature"
    AGAINST_CHECKPOINT = "against_checkpoint"
    AGAINST_HEAD = "against_head"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One flaw: `seq` is where to look, `says` the sentence for a person."""

    flaw: Flaw
    seq: int
    says: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptJournal:
    """The row of a journal: what its entries must agree with."""

    scale_id: ScaleId
    journal_id: JournalId
    last_seq: int
    next_prev: str
    receipted_seq: int
    pruned_seq: int
    pruned_digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NotedPlace:
    """An entry that something besides the chain knows: `digest` in base64, and `by` whom, for a person."""

    seq: int
    digest: str
    at: datetime
    by: str
    flaw: Flaw


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptEntry:
    """A row of the file: an entry with the columns that repeat what its body says."""

    seq: int
    weighed_us: int
    voids_seq: int | None
    body: bytes


class _Chained(msgspec.Struct, frozen=True):
    """The fields of a body that have to agree with something else."""

    seq: int
    weighed_at: Annotated[datetime, Meta(tz=True)]
    prev: str = ""
    voids_seq: int | None = None


_decoder = msgspec.json.Decoder(_Chained)


def check_journal(
    journal: KeptJournal,
    entries: Iterable[KeptEntry],
    checkpoints: Sequence[Checkpoint],
    *,
    public_key: bytes | None,
    noted: Sequence[NotedPlace] = (),
) -> Iterator[Finding]:
    """Yield every flaw of a journal, whose entries come ordered by `seq`. It keeps no entry in memory.

    `public_key`: the agent's, 32 bytes; where it is not known a checkpoint is checked against the key it carries, and
    all of a journal against each other. `noted`: what else is known of it, as from the file of heads beside.
    """
    yield from _check_signatures(checkpoints, public_key)
    places = [*(_signed_place(one) for one in checkpoints), *noted]
    known: dict[int, list[NotedPlace]] = {}
    for place in places:
        known.setdefault(place.seq, []).append(place)
    seq, digest = journal.pruned_seq, journal.pruned_digest
    yield from _against(known.get(seq, ()), digest)
    for entry in entries:
        if entry.seq != seq + 1:
            yield _gap(seq, entry.seq)
        yield from _check_entry(entry, digest if entry.seq == seq + 1 else None)
        seq, digest = entry.seq, prev_of(entry.body)
        yield from _against(known.get(seq, ()), digest)
    yield from _check_head(journal, seq, digest)
    yield from _check_reach(places, max(seq, journal.last_seq))


def _check_entry(entry: KeptEntry, digest_before: str | None) -> Iterator[Finding]:
    try:
        body = _decoder.decode(entry.body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        yield Finding(flaw=Flaw.ALTERED, seq=entry.seq, says=f"entry {entry.seq} cannot be read ({error})")
        return
    if body.seq != entry.seq:
        yield Finding(
            flaw=Flaw.REORDERED, seq=entry.seq, says=f"the place of entry {entry.seq} holds weighing {body.seq}"
        )
    if digest_before is not None and body.prev != digest_before:
        says = f"entry {entry.seq - 1} is not what entry {entry.seq} was chained to: one of the two was altered"
        yield Finding(flaw=Flaw.ALTERED, seq=entry.seq - 1, says=says)
    for column, kept, said in (
        ("weighed_us", entry.weighed_us, microseconds(body.weighed_at)),
        ("voids_seq", entry.voids_seq, body.voids_seq),
    ):
        if kept != said:
            says = f"entry {entry.seq} has {column} {kept} beside a weighing that says {said}"
            yield Finding(flaw=Flaw.ALTERED, seq=entry.seq, says=says)


def _gap(seq: int, found: int) -> Finding:
    if found <= seq:
        says = f"entry {found} is there, where only entries behind {seq} are expected"
        return Finding(flaw=Flaw.REORDERED, seq=found, says=says)
    missing = f"entry {seq + 1} is" if found == seq + 2 else f"entries {seq + 1} to {found - 1} are"
    return Finding(flaw=Flaw.MISSING, seq=seq + 1, says=f"{missing} missing")


def _check_head(journal: KeptJournal, seq: int, digest: str) -> Iterator[Finding]:
    if seq < journal.last_seq:
        yield _gap(seq, journal.last_seq + 1)
    elif seq > journal.last_seq:
        says = f"the journal's head says {journal.last_seq} entries; there is an entry {seq}"
        yield Finding(flaw=Flaw.WRONG_HEAD, seq=seq, says=says)
    elif digest != journal.next_prev:
        says = f"entry {seq} is not what the journal's head was chained to: one of the two was altered"
        yield Finding(flaw=Flaw.WRONG_HEAD, seq=seq, says=says)


def _check_signatures(checkpoints: Sequence[Checkpoint], public_key: bytes | None) -> Iterator[Finding]:
    first = next((one.key_id for one in checkpoints), "")
    for one in checkpoints:
        key = public_key or one.public_key
        seq = one.head.seq
        if public_key is None and one.key_id != first:
            says = f"the checkpoint of entry {seq} is signed by another key, {one.key_id}, than the first, {first}"
            yield Finding(flaw=Flaw.BAD_SIGNATURE, seq=seq, says=says)
        elif key is None or not is_signed_by(one, key):
            says = f"the checkpoint of entry {seq} is not signed by the agent's key, or was altered"
            yield Finding(flaw=Flaw.BAD_SIGNATURE, seq=seq, says=says)


def _signed_place(one: Checkpoint) -> NotedPlace:
    return NotedPlace(
        seq=one.head.seq,
        digest=b64encode(one.head.digest).decode(),
        at=one.head.at,
        by="a checkpoint",
        flaw=Flaw.AGAINST_CHECKPOINT,
    )


def _against(places: Sequence[NotedPlace], digest: str) -> Iterator[Finding]:
    for one in places:
        if digest != one.digest:
            says = f"entry {one.seq}, or one before it, is not what was signed at {one.at.isoformat()} ({one.by})"
            yield Finding(flaw=one.flaw, seq=one.seq, says=says)


def _check_reach(places: Sequence[NotedPlace], last_seq: int) -> Iterator[Finding]:
    beyond = [one for one in places if one.seq > last_seq]
    if beyond:
        newest = max(beyond, key=lambda one: one.seq)
        first = last_seq + 1
        missing = f"entry {first} is" if newest.seq == first else f"entries {first} to {newest.seq} are"
        says = (
            f"{missing} missing: entry {newest.seq} was signed at {newest.at.isoformat()} ({newest.by}), and the"
            f" journal ends at {last_seq}: it was emptied or its end was cut off, or this is an old copy of the file"
        )
        yield Finding(flaw=newest.flaw, seq=last_seq, says=says)
