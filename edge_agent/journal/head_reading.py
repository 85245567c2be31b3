"""What the journals' file itself says of their heads: inside a transaction of the caller."""

import sqlite3
from datetime import datetime
from typing import Final

from domain.ids import JournalId, ScaleId
from edge_agent.journal.event_chain import digest_at
from edge_agent.journal.journal_heads import Head
from messages.chain import prev_of

_HEADS: Final = """
SELECT scale_id, journal_id, last_seq, next_prev, last_event_no, events_digest, last_weighed_at
  FROM journals ORDER BY scale_id"""
_PLACES: Final = """
SELECT number, last_seq, pruned_seq, pruned_digest, last_event_no, pruned_event_no
  FROM journals WHERE journal_id = ? AND scale_id = ?"""


def read_heads(db: sqlite3.Connection, now: datetime) -> list[Head]:
    """Return how far every journal has come."""
    return [
        Head(
            scale_id=ScaleId(scale_id),
            journal_id=JournalId(journal_id),
            seq=seq,
            digest=digest,
            event_no=event_no,
            events_digest=events_digest,
            weighed_at=None if weighed_at is None else datetime.fromisoformat(weighed_at),
            at=now,
        )
        for scale_id, journal_id, seq, digest, event_no, events_digest, weighed_at in db.execute(_HEADS)
    ]


def holds(db: sqlite3.Connection, head: Head) -> bool:
    """Say whether the file holds what a head says. What has left it cannot be asked any more, and counts as held."""
    row = db.execute(_PLACES, (head.journal_id, head.scale_id)).fetchone()
    if row is None:
        return False
    number, last_seq, pruned_seq, pruned_digest, last_event_no, pruned_event_no = row
    if head.seq > last_seq or head.event_no > last_event_no:
        return False
    if head.seq == pruned_seq and head.digest != pruned_digest:
        return False
    if head.seq > pruned_seq:
        body = db.execute("SELECT body FROM entries WHERE journal = ? AND seq = ?", (number, head.seq)).fetchone()
        if body is None or prev_of(body[0]) != head.digest:
            return False
    return head.event_no < pruned_event_no or digest_at(db, number, head.event_no) == head.events_digest
