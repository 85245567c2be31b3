"""From the outbox of version 0.1, which forgot a weighing with its receipt, to a journal that keeps it.

All in the one transaction of the caller: a power cut leaves the old file or the new one.
"""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from domain.errors import BadMessage
from domain.weighing import Weighing
from edge_agent.journal.times import microseconds
from messages.weighings import decode_weighing

_Row = tuple[int, int, int, int | None, bytes]
# What has left an old outbox had its receipt, and took the front only: the first that is left tells where it ends.
_JOURNALS: Final = """
INSERT INTO journals (scale_id, journal_id, last_seq, next_prev, last_weighed_at, last_net_g, receipted_seq)
SELECT scale_id, journal_id, last_seq, next_prev, last_weighed_at, last_net_g, coalesce(first_seq - 1, last_seq)
  FROM journals_0 LEFT JOIN (SELECT journal_id, min(seq) AS first_seq FROM entries_0 GROUP BY journal_id)
 USING (journal_id) ORDER BY scale_id"""
_ENTRIES: Final = """
SELECT journals.number, seq, weighed_at, body
  FROM entries_0 JOIN journals USING (journal_id) ORDER BY journals.number, seq"""


def set_aside(db: sqlite3.Connection) -> None:
    """Give the old tables other names."""
    db.execute("ALTER TABLE entries RENAME TO entries_0")
    db.execute("ALTER TABLE journals RENAME TO journals_0")


def carry_over(db: sqlite3.Connection) -> None:
    """Fill the new tables, which are empty and unguarded yet, and drop the old ones."""
    db.execute(_JOURNALS)
    db.executemany("INSERT INTO entries (journal, seq, weighed_us, voids_seq, body) VALUES (?, ?, ?, ?, ?)", _rows(db))
    for number, pruned_seq, next_prev in db.execute("SELECT number, receipted_seq, next_prev FROM journals").fetchall():
        first = db.execute(
            "SELECT body FROM entries WHERE journal = ? AND seq = ?", (number, pruned_seq + 1)
        ).fetchone()
        gone_with = next_prev
        if first is not None:
            known = _readable(first[0])
            gone_with = "" if known is None else known.prev
        db.execute(
            "UPDATE journals SET pruned_seq = ?, pruned_digest = ? WHERE number = ?", (pruned_seq, gone_with, number)
        )
    db.execute("DROP TABLE entries_0")
    db.execute("DROP TABLE journals_0")


def add_event_chain(db: sqlite3.Connection) -> None:
    """Make place in a file of format 1 for the chain over its events."""
    for column in ("events_digest", "pruned_events_digest"):
        db.execute(f"ALTER TABLE journals ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")


def _rows(db: sqlite3.Connection) -> Iterator[_Row]:
    for journal, seq, weighed_at, body in db.execute(_ENTRIES):
        known = _readable(body)
        voids_seq = None if known is None else known.voids_seq
        yield journal, seq, microseconds(datetime.fromisoformat(weighed_at)), voids_seq, body


def _readable(body: bytes) -> Weighing | None:
    """An entry that somebody made unreadable is carried over too: reading the journal back will name it."""
    try:
        return decode_weighing(body)
    except BadMessage:
        return None
