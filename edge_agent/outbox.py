"""The outbox: every weighing is durable here before anybody is told "recorded", and stays until the service's receipt.

One SQLite file for all scales of the agent, in WAL mode with `synchronous=FULL`: a commit is on the disk when it
returns. Each scale has a journal that never repeats a `seq`, whose chain goes on over restarts.
"""

import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from domain.errors import Unavailable
from domain.ids import JournalId, ScaleId
from domain.units import Grams
from domain.weighing import Weighing
from edge_agent.clock import settle
from messages.chain import prev_of
from messages.weighings import encode_weighing

# Full, locked, damaged, no database at all: these are the file's. The other errors of SQLite are bugs of ours.
_OF_THE_FILE: Final = (sqlite3.DatabaseError, sqlite3.OperationalError)
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS journals (
    scale_id        TEXT PRIMARY KEY,
    journal_id      TEXT NOT NULL UNIQUE,
    last_seq        INTEGER NOT NULL DEFAULT 0,
    next_prev       TEXT NOT NULL DEFAULT '',  -- the digest of the last weighing: what the next one carries
    last_weighed_at TEXT,
    last_net_g      INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS entries (
    journal_id TEXT NOT NULL REFERENCES journals (journal_id),
    scale_id   TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    weighed_at TEXT NOT NULL,
    body       BLOB NOT NULL,                  -- frozen: sent again as it is, byte for byte
    PRIMARY KEY (journal_id, seq)
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Journal:
    """A scale's journal: `last_seq` is 0 and the others None before its first weighing."""

    scale_id: ScaleId
    journal_id: JournalId
    last_seq: int
    next_prev: str
    last_weighed_at: datetime | None
    last_net_g: Grams | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A weighing that waits for its receipt."""

    seq: int
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A weighing that has no place in its journal yet; its `seq` and `prev` are given by the outbox."""

    scale_id: ScaleId
    weighing: Weighing


class Outbox:
    """The file. Its methods may be called from any thread; they raise `Unavailable` where the disk fails them."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        with _as_unavailable(f"the outbox {path}"):
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA cache_size = -1024")  # a MiB: the backlog stays on the disk
            self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file. Nothing is lost: there is nothing that is not in it."""
        with self._lock:
            self._db.close()

    def journal(self, scale_id: ScaleId) -> Journal:
        """Return the scale's journal, begun now where it has none."""
        with self._transaction() as db:
            return _journal(db, scale_id)

    def append(self, drafts: Sequence[Draft]) -> list[Weighing]:
        """Make drafts durable, all in one transaction, and return them with their `seq` and `prev`.

        Where the clock stepped back a little, a weighing takes the time of the one before; where it stepped back by
        more, its `clock_synced` is false. What is recorded already keeps its time.
        """
        with self._transaction() as db:
            return [_append(db, draft) for draft in drafts]

    def left_behind(self, scales: Collection[ScaleId]) -> list[Journal]:
        """Return the journals of other scales than these that still have weighings without a receipt."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT scale_id FROM journals WHERE EXISTS"
                " (SELECT 1 FROM entries WHERE entries.journal_id = journals.journal_id) ORDER BY scale_id"
            ).fetchall()
            return [_journal(db, scale_id) for (scale_id,) in rows if scale_id not in scales]

    def pending(self, journal_id: JournalId, *, after_seq: int, limit: int) -> list[Entry]:
        """Return up to `limit` weighings of a journal that have no receipt, in order, from behind `after_seq` on."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT seq, body FROM entries WHERE journal_id = ? AND seq > ? ORDER BY seq LIMIT ?",
                (journal_id, after_seq, limit),
            )
            return [Entry(seq=seq, body=body) for seq, body in rows]

    def receipted(self, journal_id: JournalId, committed_seq: int) -> int:
        """Forget what the service has, and return how many weighings that were.

        A receipt for weighings that were never made here forgets nothing: who sent it does not mean this journal.
        """
        with self._transaction() as db:
            row = db.execute("SELECT last_seq FROM journals WHERE journal_id = ?", (journal_id,)).fetchone()
            if row is None or committed_seq > row[0]:
                return 0
            done = db.execute("DELETE FROM entries WHERE journal_id = ? AND seq <= ?", (journal_id, committed_seq))
            return done.rowcount

    def last_seq(self, journal_id: JournalId) -> int:
        """Return the highest `seq` this journal has given; 0 before the first, and for a journal of someone else."""
        with self._reading() as db:
            row = db.execute("SELECT last_seq FROM journals WHERE journal_id = ?", (journal_id,)).fetchone()
            return 0 if row is None else int(row[0])

    def committed(self, journal_id: JournalId) -> int:
        """Return the `seq` up to which everything has its receipt."""
        return self.last_seq(journal_id) - self.depth(journal_id)

    def depth(self, journal_id: JournalId) -> int:
        """Return how many weighings of a journal wait for their receipt. Quick, however many they are."""
        with self._reading() as db:
            row = db.execute(
                # Receipts take from the front only, so what is left has no gaps.
                "SELECT last_seq - (SELECT min(seq) FROM entries WHERE journal_id = ?1) + 1"
                " FROM journals WHERE journal_id = ?1",
                (journal_id,),
            ).fetchone()
            return 0 if row is None or row[0] is None else int(row[0])

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _as_unavailable():
            yield self._db

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _as_unavailable():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk has ended it already; to say so again would hide the cause
                    self._db.execute("ROLLBACK")
                raise


@contextmanager
def _as_unavailable(what: str = "the outbox") -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if type(error) not in _OF_THE_FILE:
            raise
        raise Unavailable(f"{what} cannot be used: {error}") from error


def _journal(db: sqlite3.Connection, scale_id: ScaleId) -> Journal:
    db.execute(
        "INSERT INTO journals (scale_id, journal_id) VALUES (?, ?) ON CONFLICT (scale_id) DO NOTHING",
        (scale_id, uuid4().hex),
    )
    journal_id, last_seq, next_prev, weighed_at, net_g = db.execute(
        "SELECT journal_id, last_seq, next_prev, last_weighed_at, last_net_g FROM journals WHERE scale_id = ?",
        (scale_id,),
    ).fetchone()
    return Journal(
        scale_id=scale_id,
        journal_id=JournalId(journal_id),
        last_seq=last_seq,
        next_prev=next_prev,
        last_weighed_at=None if weighed_at is None else datetime.fromisoformat(weighed_at),
        last_net_g=None if net_g is None else Grams(net_g),
    )


def _append(db: sqlite3.Connection, draft: Draft) -> Weighing:
    journal = _journal(db, draft.scale_id)
    weighed_at, has_stepped_back = settle(draft.weighing.weighed_at.astimezone(UTC), journal.last_weighed_at)
    weighing = replace(
        draft.weighing,
        seq=journal.last_seq + 1,
        prev=journal.next_prev,
        weighed_at=weighed_at,
        clock_synced=draft.weighing.clock_synced and not has_stepped_back,
    )
    body = encode_weighing(weighing)
    db.execute(
        "INSERT INTO entries (journal_id, scale_id, seq, weighed_at, body) VALUES (?, ?, ?, ?, ?)",
        (journal.journal_id, draft.scale_id, weighing.seq, weighed_at.isoformat(), body),
    )
    db.execute(
        "UPDATE journals SET last_seq = ?, next_prev = ?, last_weighed_at = ?, last_net_g = ? WHERE scale_id = ?",
        (weighing.seq, prev_of(body), weighed_at.isoformat(), weighing.net_g, draft.scale_id),
    )
    return weighing
