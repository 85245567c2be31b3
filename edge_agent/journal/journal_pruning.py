"""What leaves the file: receipted entries and delivered events, the oldest first, a slice at a time.

The journal's row is moved on first and takes the digest of the last entry that leaves; only then do the triggers let
go of what is behind it.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

from edge_agent.journal.event_chain import digest_at
from messages.chain import prev_of

SLICE: Final = 100  # entries a transaction: some milliseconds on an SD card

_OLDEST_RECEIPTED: Final = """
SELECT entries.journal, entries.seq, pruned_seq
  FROM journals CROSS JOIN entries ON entries.journal = journals.number
 WHERE entries.seq > pruned_seq AND entries.seq <= min(receipted_seq, pruned_seq + :count)
   AND entries.weighed_us < :before_us
 ORDER BY entries.number LIMIT :count"""
_ANY_OLD: Final = """
SELECT EXISTS (
    SELECT 1 FROM journals CROSS JOIN entries ON entries.journal = journals.number AND entries.seq = pruned_seq + 1
     WHERE pruned_seq < receipted_seq AND weighed_us < ?)"""
_OLD_EVENTS: Final = """
SELECT events.journal, event_no, pruned_event_no
  FROM journals CROSS JOIN events ON events.journal = journals.number
 WHERE event_no > pruned_event_no AND event_no <= min(delivered_event_no, pruned_event_no + :count)
   AND at_us < :before_us
 ORDER BY events.number LIMIT :count"""
_ALWAYS_US: Final = 2**62  # microseconds: every time is before it


def has_old_entries(db: sqlite3.Connection, before_us: int) -> bool:
    """Say whether the first entry of some journal is receipted and older. Quick: a look-up a journal."""
    return bool(db.execute(_ANY_OLD, (before_us,)).fetchone()[0])


def prune_entries(db: sqlite3.Connection, count: int, before_us: int = _ALWAYS_US) -> int:
    """Let up to `count` (and SLICE) of the oldest receipted entries go, all weighed before; return how many went."""
    wanted = {"count": min(count, SLICE), "before_us": before_us}
    gone = 0
    for journal, up_to in _fronts(db.execute(_OLDEST_RECEIPTED, wanted).fetchall()).items():
        body = db.execute("SELECT body FROM entries WHERE journal = ? AND seq = ?", (journal, up_to)).fetchone()[0]
        db.execute(
            "UPDATE journals SET pruned_seq = ?, pruned_digest = ? WHERE number = ?", (up_to, prev_of(body), journal)
        )
        gone += db.execute("DELETE FROM entries WHERE journal = ? AND seq <= ?", (journal, up_to)).rowcount
        db.execute(
            "DELETE FROM checkpoints WHERE journal = ?1 AND seq < min(?2,"
            " (SELECT delivered_checkpoint_seq FROM journals WHERE number = ?1))",
            (journal, up_to),
        )
    return gone


def prune_events(db: sqlite3.Connection, before_us: int) -> int:
    """Let a slice of the oldest delivered events go, all from before; return how many went."""
    gone = 0
    for journal, up_to in _fronts(db.execute(_OLD_EVENTS, {"count": SLICE, "before_us": before_us}).fetchall()).items():
        db.execute(
            "UPDATE journals SET pruned_event_no = ?, pruned_events_digest = ? WHERE number = ?",
            (up_to, digest_at(db, journal, up_to), journal),
        )
        gone += db.execute("DELETE FROM events WHERE journal = ? AND event_no <= ?", (journal, up_to)).rowcount
    return gone


def _fronts(rows: Iterable[tuple[int, int, int]]) -> dict[int, int]:
    """Return up to which place each journal may go: without a gap, for times need not be in the order of places."""
    fronts: dict[int, int] = {}
    for journal, place, gone in rows:
        if place == fronts.get(journal, gone) + 1:
            fronts[journal] = place
    return fronts
