"""Statements about device events and checkpoints: E and K. A device may send none; what it sends has to be right."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TypeVar

from domain.errors import BadMessage
from messages.chain import prev_of
from messages.checkpoints import Checkpoint, decode_checkpoint, is_signed_by
from messages.events import NumberedEvent, decode_event
from messages.topics import ScaleChannel
from steelyard.conform.statements import Finding, Statement, no_breach, unseen
from steelyard.conform.transcript import Transcript

T = TypeVar("T")


def _events(transcript: Transcript) -> Finding:
    read = _read(transcript, ScaleChannel.EVENTS, decode_event)

    def breaches() -> Iterator[str]:
        yield from (problem for _payload, _event, problem in read if problem)
        places = sorted({_place(event) for _payload, event, _problem in read if event is not None})
        for (journal, number), (next_journal, after) in pairwise(places):
            if journal == next_journal and after != number + 1:
                yield f"journal {journal}: event_no {number} is followed by {after}; expected {number + 1}"

    return no_breach(breaches(), read, "device events")


def _frozen_events(transcript: Transcript) -> Finding:
    read = _read(transcript, ScaleChannel.EVENTS, decode_event)

    def breaches() -> Iterator[str]:
        first: dict[tuple[str, int], bytes] = {}
        for payload, event, _problem in read:
            if event is not None and first.setdefault(_place(event), payload) != payload:
                yield f"journal {event.journal_id}, event_no {event.event_no} came again with other bytes"

    return no_breach(breaches(), read, "device events")


def _signed(transcript: Transcript) -> Finding:
    """The key is any checkpoint's of that name: who owns it is not known here, only that one key signs them all."""
    read = _read(transcript, ScaleChannel.CHECKPOINTS, decode_checkpoint)
    checkpoints = [checkpoint for _payload, checkpoint, _problem in read if checkpoint is not None]
    keys = {one.key_id: one.public_key for one in checkpoints if one.public_key is not None}
    provable = [one for one in checkpoints if one.key_id in keys]

    def breaches() -> Iterator[str]:
        yield from (problem for _payload, _checkpoint, problem in read if problem)
        for one in provable:
            if not is_signed_by(one, keys[one.key_id]):
                yield f"{_named(one)}: the signature is not that of key {one.key_id} over these lines"

    if checkpoints and not provable:
        return unseen("no checkpoint came with its public_key, so that no signature could be checked")
    return no_breach(breaches(), read, "checkpoints")


def _matches_chain(transcript: Transcript) -> Finding:
    read = _read(transcript, ScaleChannel.CHECKPOINTS, decode_checkpoint)
    checkpoints = [checkpoint for _payload, checkpoint, _problem in read if checkpoint is not None]
    compared = [(one, known) for one in checkpoints if (known := _known_digest(transcript, one))]
    wrong = (
        f"{_named(one)}: digest is {said!r}; expected {known!r}"
        for one, known in compared
        if (said := b64encode(one.head.digest).decode("ascii")) != known
    )
    return no_breach(wrong, compared, "checkpoints of weighings that were heard")


def _known_digest(transcript: Transcript, checkpoint: Checkpoint) -> str:
    """Base64, by the weighing's own bytes, or by what the one after it says of it; empty where neither was heard."""
    journal_id, seq = checkpoint.head.journal_id, checkpoint.head.seq
    line = transcript.first_lines.get((journal_id, seq))
    if line is not None:
        return prev_of(line.body)
    after = transcript.first_lines.get((journal_id, seq + 1))
    return "" if after is None or after.weighing is None else after.weighing.prev


def _read(
    transcript: Transcript, channel: ScaleChannel, decode: Callable[[bytes], T]
) -> list[tuple[bytes, T | None, str]]:
    """Each message of a topic with what it says, or with why it cannot be read."""
    found: list[tuple[bytes, T | None, str]] = []
    for message in transcript.on(channel):
        try:
            found.append((message.payload, decode(message.payload), ""))
        except BadMessage as error:
            found.append((message.payload, None, str(error)))
    return found


def _place(event: NumberedEvent) -> tuple[str, int]:
    return event.journal_id, event.event_no


def _named(checkpoint: Checkpoint) -> str:
    return f"checkpoint of journal {checkpoint.head.journal_id}, seq {checkpoint.head.seq}"


PROOF_STATEMENTS = (
    Statement(
        number="E1",
        text="Device events can be read, and event_no counts 1, 2, 3 … within a journal, without a gap.",
        judge=_events,
    ),
    Statement(number="E2", text="The same event_no always has the same bytes.", judge=_frozen_events),
    Statement(
        number="K1",
        text="Checkpoints can be read, and are signed by the key they name.",
        judge=_signed,
    ),
    Statement(
        number="K2",
        text="A checkpoint's digest is the SHA-256 of the bytes of the weighing it names.",
        judge=_matches_chain,
    ),
)
