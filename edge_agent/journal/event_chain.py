"""The chain over a journal's device events, kept in the file only: that a case was opened must not be unwritten.

A digest in the journal's row goes on with each event. It begins with whose journal it is, so that one that was given to
another scale shows as well. What leaves the file leaves its digest behind, as a weighing does.
"""

import sqlite3
from typing import Final

from messages.chain import prev_of

_BODIES: Final = "SELECT body FROM events WHERE journal = ? AND event_no > ? AND event_no <= ? ORDER BY event_no"


def begin_with(scale_id: str, journal_id: str) -> str:
    """Return the digest before the first event of a journal."""
    return prev_of(f"{scale_id}\n{journal_id}\n".encode())


def go_on(digest_before: str, body: bytes) -> str:
    """Return the digest behind an event's frozen message."""
    return prev_of(f"{digest_before}\n".encode() + body)


def digest_at(db: sqlite3.Connection, number: int, event_no: int) -> str:
    """Return the digest behind an event that a journal still holds, made anew from what is there."""
    pruned, digest = db.execute(
        "SELECT pruned_event_no, pruned_events_digest FROM journals WHERE number = ?", (number,)
    ).fetchone()
    for (body,) in db.execute(_BODIES, (number, pruned, event_no)):
        digest = go_on(digest, body)
    return str(digest)


def begin_chains(db: sqlite3.Connection) -> None:
    """Begin the chain of every journal with the events that it holds: in a file that had none."""
    for number, scale_id, journal_id, last in db.execute(
        "SELECT number, scale_id, journal_id, last_event_no FROM journals"
    ).fetchall():
        db.execute(
            "UPDATE journals SET pruned_events_digest = ? WHERE number = ?", (begin_with(scale_id, journal_id), number)
        )
        db.execute("UPDATE journals SET events_digest = ? WHERE number = ?", (digest_at(db, number, last), number))
