"""Reading a journal back without touching it, also while an agent writes it: opened read-only, seen at one moment."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from domain.errors import BadFile
from domain.ids import JournalId, ScaleId
from edge_agent.journal.event_check import KeptEvent, KeptEvents
from edge_agent.journal.journal_check import KeptEntry, KeptJournal
from edge_agent.journal.journal_file import WITHOUT_EVENT_CHAIN, as_unavailable, format_of

_JOURNALS: Final = """
SELECT scale_id, journal_id, last_seq, next_prev, receipted_seq, pruned_seq, pruned_digest
  FROM journals WHERE ?1 IS NULL OR scale_id = ?1 ORDER BY scale_id"""
_ENTRIES: Final = """
SELECT seq, weighed_us, voids_seq, body FROM entries
 WHERE journal = (SELECT number FROM journals WHERE journal_id = ?) AND seq >= ? ORDER BY seq"""
_FIRST_SINCE: Final = """
SELECT min(seq) FROM entries WHERE journal = (SELECT number FROM journals WHERE journal_id = ?) AND weighed_us >= ?"""
_VOIDED: Final = """
SELECT voids_seq, seq FROM entries
 WHERE journal = (SELECT number FROM journals WHERE journal_id = ?) AND voids_seq IS NOT NULL"""
_CHECKPOINTS: Final = """
SELECT body FROM checkpoints WHERE journal = (SELECT number FROM journals WHERE journal_id = ?) ORDER BY seq"""

_EVENTS_ROW: Final = """
SELECT last_event_no, events_digest, pruned_event_no, pruned_events_digest FROM journals WHERE journal_id = ?"""
_EVENTS: Final = """
SELECT event_no, at_us, body FROM events
 WHERE journal = (SELECT number FROM journals WHERE journal_id = ?) ORDER BY event_no"""


class JournalReader:
    """A journal's file as it was when the reader was opened. Raises Unavailable where the file fails it."""

    def __init__(self, db: sqlite3.Connection, *, has_event_chain: bool = True) -> None:
        self._db, self._has_event_chain = db, has_event_chain

    def journals(self, scale_id: ScaleId | None = None) -> list[KeptJournal]:
        """Return the journals of the file, or that of one scale."""
        return [
            KeptJournal(
                scale_id=ScaleId(scale),
                journal_id=JournalId(journal_id),
                last_seq=last_seq,
                next_prev=next_prev,
                receipted_seq=receipted_seq,
                pruned_seq=pruned_seq,
                pruned_digest=pruned_digest,
            )
            for scale, journal_id, last_seq, next_prev, receipted_seq, pruned_seq, pruned_digest in self._db.execute(
                _JOURNALS, (scale_id,)
            )
        ]

    def entries(self, journal_id: JournalId, from_seq: int = 0) -> Iterator[KeptEntry]:
        """Yield the entries of a journal from a place on, in order."""
        for seq, weighed_us, voids_seq, body in self._db.execute(_ENTRIES, (journal_id, from_seq)):
            yield KeptEntry(seq=seq, weighed_us=weighed_us, voids_seq=voids_seq, body=body)

    def first_since(self, journal_id: JournalId, weighed_us: int) -> int | None:
        """Return the place of the first entry weighed at or after a time; None where there is none."""
        found: int | None = self._db.execute(_FIRST_SINCE, (journal_id, weighed_us)).fetchone()[0]
        return found

    def voided(self, journal_id: JournalId) -> dict[int, int]:
        """Return which entries are voided, and by which."""
        return dict(self._db.execute(_VOIDED, (journal_id,)).fetchall())

    def checkpoints(self, journal_id: JournalId) -> list[bytes]:
        """Return the signed heads of a journal that are kept, as they were signed."""
        return [body for (body,) in self._db.execute(_CHECKPOINTS, (journal_id,))]

    def kept_events(self, journal_id: JournalId) -> KeptEvents | None:
        """Return what the journal's row says of its events; None in a file of before they were chained."""
        if not self._has_event_chain:
            return None
        last, digest, pruned, pruned_digest = self._db.execute(_EVENTS_ROW, (journal_id,)).fetchone()
        return KeptEvents(last_event_no=last, digest=digest, pruned_event_no=pruned, pruned_digest=pruned_digest)

    def events(self, journal_id: JournalId) -> Iterator[KeptEvent]:
        """Yield the events of a journal, in order."""
        for event_no, at_us, body in self._db.execute(_EVENTS, (journal_id,)):
            yield KeptEvent(event_no=event_no, at_us=at_us, body=body)

    def held(self) -> int:
        """Return how many entries the file holds, by what its rows say."""
        held: int = self._db.execute("SELECT coalesce(sum(last_seq - pruned_seq), 0) FROM journals").fetchone()[0]
        return held

    def guards(self) -> dict[str, str]:
        """Return the triggers of the file, by name."""
        return dict(self._db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall())

    def numbers(self) -> list[int]:
        """Return the numbers of the journals of the file."""
        return [number for (number,) in self._db.execute("SELECT number FROM journals")]


@contextmanager
def open_for_reading(path: Path) -> Iterator[JournalReader]:
    """Open a journal's file read-only, for the time of a `with`.

    Raise BadFile where it is none, or one of version 0.1; DamagedFile or Unavailable where it cannot be read.
    """
    if not path.is_file():
        raise BadFile(str(path), ("is not there; expected a journal",))
    with as_unavailable(f"the journal {path}"), closing(_connect(path)) as db:
        db.execute("PRAGMA cache_size = -4096")
        db.execute("BEGIN")  # one moment for all that is read
        if (found := format_of(db, path)) in {None, 0}:
            raise BadFile(str(path), ("is an outbox of version 0.1; expected a journal: start the agent once",))
        yield JournalReader(db, has_event_chain=found != WITHOUT_EVENT_CHAIN)


def _connect(path: Path) -> sqlite3.Connection:
    """Open it; on a medium that cannot be written, where SQLite makes no index of the log, as one nobody changes."""
    uri = f"file:{quote(str(path.resolve()))}?mode=ro"
    db = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        db.execute("SELECT name FROM sqlite_schema LIMIT 1").fetchone()
    except sqlite3.OperationalError:
        db.close()
        if path.with_name(f"{path.name}-wal").exists():
            raise
        return sqlite3.connect(f"{uri}&immutable=1", uri=True, isolation_level=None)
    except BaseException:
        db.close()
        raise
    return db
