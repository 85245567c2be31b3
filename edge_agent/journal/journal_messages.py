"""Device events and checkpoints in the journal's file: numbered, frozen, and there until they are delivered.

Inside a transaction of the caller. What is delivered is a number per journal: a broker answers in the order of sending
(MQTT 5, 4.6).
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.device_event import DeviceEvent, EventKind
from domain.ids import JournalId, ScaleId
from edge_agent.journal.event_chain import go_on
from edge_agent.journal.times import microseconds, moment
from messages.chain import digest
from messages.checkpoints import ChainHead, Checkpoint, encode_checkpoint
from messages.events import NumberedEvent, decode_event, encode_event

CHECKPOINT_EVERY: Final = 100
CHECKPOINT_AFTER: Final = timedelta(minutes=10)

_PENDING_EVENTS: Final = """
SELECT scale_id, journal_id, event_no, body
  FROM journals CROSS JOIN events ON events.journal = journals.number
 WHERE event_no > delivered_event_no ORDER BY events.number LIMIT ?"""
_PENDING_CHECKPOINTS: Final = """
SELECT scale_id, journal_id, seq, body
  FROM journals CROSS JOIN checkpoints ON checkpoints.journal = journals.number
 WHERE seq > delivered_checkpoint_seq ORDER BY checkpoints.number LIMIT ?"""
_LAST_OF_KIND: Final = """
SELECT body FROM events WHERE journal = ? AND json_extract(CAST(body AS TEXT), '$.kind') = ?
 ORDER BY event_no DESC LIMIT 1"""
_HEADS: Final = """
SELECT number, last_seq, coalesce((SELECT max(seq) FROM checkpoints WHERE journal = journals.number), 0),
       (SELECT at_us FROM checkpoints WHERE journal = journals.number ORDER BY seq DESC LIMIT 1)
  FROM journals WHERE last_seq > pruned_seq ORDER BY number"""
_HEAD: Final = """
SELECT journal_id, seq, body FROM journals CROSS JOIN entries ON journal = journals.number AND seq = last_seq
 WHERE journals.number = ?"""


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingMessage:
    """A frozen message that waits for its delivery. `place`: the event's number, or the checkpoint's `seq`."""

    scale_id: ScaleId
    journal_id: JournalId
    place: int
    body: bytes


def is_checkpoint_due(*, last_seq: int, signed_seq: int, signed_at: datetime | None, now: datetime) -> bool:
    """Say whether a head should be signed: there is something new, and it is enough or has waited long enough.

    Where the clock has stepped back behind the last checkpoint by as much, it is due too.
    """
    if last_seq <= signed_seq:
        return False
    return signed_at is None or last_seq - signed_seq >= CHECKPOINT_EVERY or abs(now - signed_at) >= CHECKPOINT_AFTER


def journals_due(db: sqlite3.Connection, now: datetime) -> list[int]:
    """Return the row numbers of the journals whose head should be signed."""
    return [
        number
        for number, last_seq, signed_seq, at_us in db.execute(_HEADS)
        if is_checkpoint_due(
            last_seq=last_seq,
            signed_seq=signed_seq,
            signed_at=None if at_us is None else moment(at_us),
            now=now,
        )
    ]


def head_of(db: sqlite3.Connection, number: int, now: datetime) -> ChainHead:
    """Return the head of a journal that is due. Its digest is made anew from the entry itself."""
    journal_id, seq, body = db.execute(_HEAD, (number,)).fetchone()
    return ChainHead(journal_id=JournalId(journal_id), seq=seq, digest=digest(body), at=now)


def write_event(db: sqlite3.Connection, number: int, event: DeviceEvent) -> int:
    """Give an event its place in a journal, write it, and return the place."""
    journal_id, last, digest_before = db.execute(
        "SELECT journal_id, last_event_no, events_digest FROM journals WHERE number = ?", (number,)
    ).fetchone()
    event_no = int(last) + 1
    body = encode_event(NumberedEvent(JournalId(journal_id), event_no, event))
    db.execute(
        "INSERT INTO events (journal, event_no, at_us, body) VALUES (?, ?, ?, ?)",
        (number, event_no, microseconds(event.at), body),
    )
    db.execute(
        "UPDATE journals SET last_event_no = ?, events_digest = ? WHERE number = ?",
        (event_no, go_on(digest_before, body), number),
    )
    return event_no


def last_event(db: sqlite3.Connection, number: int, kind: EventKind) -> DeviceEvent | None:
    """Return the latest event of a kind that a journal still holds."""
    row = db.execute(_LAST_OF_KIND, (number, kind.value)).fetchone()
    return None if row is None else decode_event(row[0]).event


def write_checkpoint(db: sqlite3.Connection, number: int, checkpoint: Checkpoint) -> None:
    """Keep a signed head of a journal, once for each place."""
    db.execute(
        "INSERT INTO checkpoints (journal, seq, at_us, body) VALUES (?, ?, ?, ?)",
        (number, checkpoint.head.seq, microseconds(checkpoint.head.at), encode_checkpoint(checkpoint)),
    )


def pending_events(db: sqlite3.Connection, limit: int) -> list[PendingMessage]:
    """Return up to `limit` events that are not delivered, of all journals, the oldest first."""
    return _messages(db.execute(_PENDING_EVENTS, (limit,)).fetchall())


def pending_checkpoints(db: sqlite3.Connection, limit: int) -> list[PendingMessage]:
    """Return up to `limit` checkpoints that are not delivered, of all journals, the oldest first."""
    return _messages(db.execute(_PENDING_CHECKPOINTS, (limit,)).fetchall())


def note_event_delivered(db: sqlite3.Connection, journal_id: JournalId, event_no: int) -> None:
    """Note that the events of a journal up to this one are delivered; one that was never made here changes nothing."""
    db.execute(
        "UPDATE journals SET delivered_event_no = ?2"
        " WHERE journal_id = ?1 AND ?2 > delivered_event_no AND ?2 <= last_event_no",
        (journal_id, event_no),
    )


def note_checkpoint_delivered(db: sqlite3.Connection, journal_id: JournalId, seq: int) -> None:
    """Note that the checkpoints of a journal up to this one are delivered; an unknown one changes nothing."""
    db.execute(
        "UPDATE journals SET delivered_checkpoint_seq = ?2"
        " WHERE journal_id = ?1 AND ?2 > delivered_checkpoint_seq"
        " AND ?2 <= (SELECT max(seq) FROM checkpoints WHERE journal = journals.number)",
        (journal_id, seq),
    )


def _messages(rows: Sequence[tuple[str, str, int, bytes]]) -> list[PendingMessage]:
    return [
        PendingMessage(scale_id=ScaleId(scale_id), journal_id=JournalId(journal_id), place=place, body=body)
        for scale_id, journal_id, place, body in rows
    ]
