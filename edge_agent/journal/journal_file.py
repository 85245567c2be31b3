"""The journal's file: one SQLite database, its schema, how it is opened, and what becomes of one that is damaged.

WAL mode with `synchronous=FULL`: a commit is on the disk when it returns. Entries, events and checkpoints only grow:
triggers refuse every change, and a deletion of anything but what the row of its journal says is pruned. That row is the
one door: `pruned_seq` may go up to `receipted_seq`, and `pruned_digest` must take the digest of the last that leaves.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from domain.errors import BadFile, Unavailable
from edge_agent.journal.event_chain import begin_chains
from edge_agent.journal.journal_heads import SUFFIX
from edge_agent.journal.journal_migration import add_event_chain, carry_over, set_aside

FORMAT: Final = 2  # PRAGMA user_version; 0 with tables is the outbox of version 0.1
WITHOUT_EVENT_CHAIN: Final = 1
# Full, locked, damaged, no database at all: these are the file's. The other errors of SQLite are bugs of ours.
_OF_THE_FILE: Final = (sqlite3.DatabaseError, sqlite3.OperationalError)
_DAMAGED: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
_PRIMARY: Final = 0xFF  # an extended result code's low byte is its primary one (sqlite.org/rescode)
_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -1024",  # a MiB: the backlog stays on the disk
    "PRAGMA wal_autocheckpoint = 250",  # a MiB too, so that no single commit copies much
    "PRAGMA journal_size_limit = 4194304",
    "PRAGMA recursive_triggers = ON",  # else INSERT OR REPLACE deletes past the triggers
)
_TABLES: Final = (
    """
CREATE TABLE journals (
    number                  INTEGER PRIMARY KEY,
    scale_id                TEXT NOT NULL UNIQUE,
    journal_id              TEXT NOT NULL UNIQUE,
    last_seq                INTEGER NOT NULL DEFAULT 0,
    next_prev               TEXT NOT NULL DEFAULT '',   -- the digest of the last entry: what the next one carries
    last_weighed_at         TEXT,
    last_net_g              INTEGER,                    -- of the sale made last; NULL where that is voided
    receipted_seq           INTEGER NOT NULL DEFAULT 0, -- the service has everything up to here
    pruned_seq              INTEGER NOT NULL DEFAULT 0, -- everything up to here has left the file
    pruned_digest           TEXT NOT NULL DEFAULT '',   -- of the last that left: what the first one left carries
    last_event_no           INTEGER NOT NULL DEFAULT 0,
    delivered_event_no      INTEGER NOT NULL DEFAULT 0,
    pruned_event_no         INTEGER NOT NULL DEFAULT 0,
    events_digest           TEXT NOT NULL DEFAULT '',   -- of the chain over all its events: `event_chain.py`
    pruned_events_digest    TEXT NOT NULL DEFAULT '',   -- behind the last event that left
    delivered_checkpoint_seq INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT only_what_is_receipted_leaves CHECK (pruned_seq <= receipted_seq AND receipted_seq <= last_seq),
    CONSTRAINT only_what_is_delivered_leaves
        CHECK (pruned_event_no <= delivered_event_no AND delivered_event_no <= last_event_no)
) STRICT""",
    """
CREATE TABLE entries (
    number     INTEGER PRIMARY KEY,                     -- as recorded, over all journals: the oldest leaves first
    journal    INTEGER NOT NULL REFERENCES journals (number),
    seq        INTEGER NOT NULL,
    weighed_us INTEGER NOT NULL,                        -- microseconds since 1970, UTC
    voids_seq  INTEGER,
    body       BLOB NOT NULL,                           -- frozen: sent again as it is, byte for byte
    UNIQUE (journal, seq)
) STRICT""",
    "CREATE INDEX entries_voids ON entries (journal, voids_seq) WHERE voids_seq IS NOT NULL",
    """
CREATE TABLE events (
    number   INTEGER PRIMARY KEY,
    journal  INTEGER NOT NULL REFERENCES journals (number),
    event_no INTEGER NOT NULL,
    at_us    INTEGER NOT NULL,
    body     BLOB NOT NULL,                             -- the message, frozen
    UNIQUE (journal, event_no)
) STRICT""",
    """
CREATE TABLE checkpoints (
    number  INTEGER PRIMARY KEY,
    journal INTEGER NOT NULL REFERENCES journals (number),
    seq     INTEGER NOT NULL,
    at_us   INTEGER NOT NULL,
    body    BLOB NOT NULL,                              -- the message, frozen
    UNIQUE (journal, seq)
) STRICT""",
)


def _guards(table: str, place: str, *, next_place: str, gone: str) -> tuple[str, ...]:
    """The triggers of a table that only grows. `next_place` and `gone` are asked of the row's journal."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
    is_not_next = (
        f"NOT coalesce((SELECT NEW.{place} {next_place} FROM journals WHERE number = NEW.journal), FALSE)"
        f" OR EXISTS (SELECT 1 FROM {table} WHERE number = NEW.number)"
    )
    is_not_pruned = f"OLD.{place} > coalesce((SELECT {gone} FROM journals WHERE number = OLD.journal), 0)"
    return (
        f"CREATE TRIGGER {table}_never_change BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_take_the_next_place BEFORE INSERT ON {table} WHEN {is_not_next} {refuse}",
        f"CREATE TRIGGER {table}_leave_when_pruned BEFORE DELETE ON {table} WHEN {is_not_pruned} {refuse}",
    )


_JOURNALS_GO_FORWARD: Final = """
CREATE TRIGGER journals_go_forward BEFORE UPDATE ON journals
WHEN NEW.number <> OLD.number OR NEW.scale_id <> OLD.scale_id OR NEW.journal_id <> OLD.journal_id
  OR NEW.last_seq < OLD.last_seq OR NEW.receipted_seq < OLD.receipted_seq OR NEW.pruned_seq < OLD.pruned_seq
  OR NEW.last_event_no < OLD.last_event_no OR NEW.delivered_event_no < OLD.delivered_event_no
  OR NEW.pruned_event_no < OLD.pruned_event_no OR NEW.delivered_checkpoint_seq < OLD.delivered_checkpoint_seq
BEGIN SELECT RAISE(ABORT, 'a journal only goes forward'); END"""
_GUARDS: Final = (
    *_guards("entries", "seq", next_place="= last_seq + 1", gone="pruned_seq"),
    *_guards("events", "event_no", next_place="= last_event_no + 1", gone="pruned_event_no"),
    *_guards("checkpoints", "seq", next_place="<= last_seq", gone="min(pruned_seq, delivered_checkpoint_seq)"),
    _JOURNALS_GO_FORWARD,
    "CREATE TRIGGER journals_stay BEFORE DELETE ON journals BEGIN SELECT RAISE(ABORT, 'a journal never leaves'); END",
)


GUARDS: Final = {statement.split()[2]: statement for statement in _GUARDS}


class DamagedFile(Unavailable):
    """The file is no database any more, or one that cannot be read: no power cut does that."""


@contextmanager
def as_unavailable(what: str) -> Iterator[None]:
    """Raise Unavailable, or DamagedFile, where the file or its disk fails; a bug of ours goes through."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if type(error) not in _OF_THE_FILE:
            raise
        kind = DamagedFile if is_damage(error) else Unavailable
        raise kind(f"{what} cannot be used: {error}") from error


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Say whether SQLite found the file itself wrong, and not the disk full, the file locked, or the like."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY in _DAMAGED


def open_file(path: Path) -> sqlite3.Connection:
    """Open the file, made or brought up to this format where it must be.

    Raise DamagedFile or Unavailable where it cannot be used, BadFile where it is another program's or a newer one.
    """
    with as_unavailable(f"the outbox {path}"):
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            for pragma in _PRAGMAS:
                db.execute(pragma).fetchall()
            with transaction(db):
                _bring_up(db, path)
                _touch_every_journal(db)
        except BaseException:
            db.close()
            raise
        return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """One transaction, durable when it ends; rolled back where anything fails."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk has ended it already; to say so again would hide the cause
            db.execute("ROLLBACK")
        raise


def format_of(db: sqlite3.Connection, path: Path) -> int | None:
    """Return the file's format, None for an empty one. Raise BadFile where it is not a journal of this product."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if version > FORMAT:
        raise BadFile(str(path), (f"is a journal of format {version}; expected at most {FORMAT}: update steelyard",))
    if version == 0 and tables and not {"journals", "entries"} <= tables:
        raise BadFile(str(path), ("is another program's database; expected a journal, or nothing yet",))
    return version if tables else None


def _bring_up(db: sqlite3.Connection, path: Path) -> None:
    found = format_of(db, path)
    if found == FORMAT:
        return
    if found == WITHOUT_EVENT_CHAIN:
        add_event_chain(db)
    else:
        if found is not None:
            set_aside(db)
        for statement in _TABLES:
            db.execute(statement)
        if found is not None:
            carry_over(db)
        for statement in _GUARDS:
            db.execute(statement)
    begin_chains(db)
    db.execute(f"PRAGMA user_version = {FORMAT}")


def _touch_every_journal(db: sqlite3.Connection) -> None:
    """Read what the next append needs, so that damage there shows now and not at the first sale."""
    db.execute(
        "SELECT length(body) FROM journals CROSS JOIN entries ON journal = journals.number AND seq = last_seq"
    ).fetchall()
    db.execute("SELECT length(body) FROM entries ORDER BY number DESC LIMIT 1").fetchall()


def move_aside(path: Path, now: datetime) -> Path:
    """Rename a damaged file, what SQLite keeps beside it, and what was noted of its heads, and return its new name.

    The write-ahead log goes first: a new file must never be opened beside an old one's log.
    """
    stem = f"{path.name}.damaged-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    names = [stem, *(f"{stem}.{number}" for number in range(2, 100))]
    free = next(name for name in names if not path.with_name(name).exists())
    for suffix in ("-wal", "-shm", SUFFIX, ""):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(path.with_name(free + suffix))
    _make_renames_durable(path.parent)
    return path.with_name(free)


def _make_renames_durable(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
