"""The journal's file: append-only for everybody, brought up from version 0.1, and moved aside when it is damaged."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from domain.device_event import DeviceEvent, EventKind
from domain.errors import BadFile, Unavailable
from domain.ids import JournalId
from edge_agent.journal.journal_carving import carve
from edge_agent.journal.journal_file import FORMAT, DamagedFile, move_aside
from edge_agent.journal.outbox import Outbox
from edge_agent.journal.outbox_opening import open_outbox
from edge_agent.journal.signing_key import load_or_make_signing_key
from messages.chain import prev_of
from messages.events import decode_event
from messages.weighings import decode_weighing
from tests.unit.edge_agent.test_outbox import NOW, OTHER, SCALE, assert_chained, draft

# As version 0.1 made it, word for word.
SCHEMA_OF_0_1: Final = """
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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


@pytest.fixture
def filled(path: Path) -> Path:
    """A file with three weighings, an event more than the one of its beginning, and a checkpoint."""
    outbox = Outbox(path)
    outbox.append([draft(), draft(), draft()])
    outbox.add_events(SCALE, [DeviceEvent(kind=EventKind.TARE, at=NOW)])
    outbox.sign_checkpoints(load_or_make_signing_key(path), NOW)
    outbox.close()
    return path


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = x'7b7d'",
        "UPDATE entries SET weighed_us = 0 WHERE seq = 2",
        "DELETE FROM entries",
        "DELETE FROM entries WHERE seq = 3",
        "INSERT INTO entries (journal, seq, weighed_us, body) VALUES (1, 9, 0, x'7b7d')",
        "INSERT OR REPLACE INTO entries (journal, seq, weighed_us, body) VALUES (1, 2, 0, x'7b7d')",
        "INSERT OR REPLACE INTO entries (number, journal, seq, weighed_us, body) VALUES (1, 1, 4, 0, x'7b7d')",
        "INSERT INTO entries (journal, seq, weighed_us, body) VALUES (7, 1, 0, x'7b7d')",
        "UPDATE events SET body = x'7b7d'",
        "DELETE FROM events",
        "UPDATE checkpoints SET seq = 2",
        "DELETE FROM checkpoints",
        "INSERT INTO checkpoints (journal, seq, at_us, body) VALUES (1, 4, 0, x'7b7d')",
        "DELETE FROM journals",
        "UPDATE journals SET last_seq = 2",
        "UPDATE journals SET journal_id = 'mine'",
        "UPDATE journals SET receipted_seq = 4",
        "UPDATE journals SET pruned_seq = 1",
        "UPDATE journals SET pruned_event_no = 1",
    ],
)
def test_no_statement_changes_what_is_recorded(filled: Path, statement: str) -> None:
    with closing(sqlite3.connect(filled)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)


def test_a_receipt_never_goes_back(filled: Path) -> None:
    outbox = Outbox(filled)
    journal_id = outbox.journal(SCALE).journal_id
    assert [outbox.receipted(journal_id, seq) for seq in (2, 1, 2, 3)] == [2, 0, 0, 1]
    with pytest.raises(sqlite3.IntegrityError, match="only goes forward"):
        outbox._db.execute("UPDATE journals SET receipted_seq = 1")
    outbox.close()


def old_file(path: Path, weighings: int, receipted: int) -> JournalId:
    """Write what an agent of version 0.1 left: entries of two scales, the first without those that had a receipt."""
    source = Outbox(path.with_name("source.sqlite"))
    source.append([draft(net_g=500 + number) for number in range(weighings)])
    source.append([draft(OTHER)])
    journals = [source.journal(SCALE), source.journal(OTHER)]
    with closing(sqlite3.connect(path)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.executescript(SCHEMA_OF_0_1)
        for journal in journals:
            at = None if journal.last_weighed_at is None else journal.last_weighed_at.isoformat()
            old.execute(
                "INSERT INTO journals VALUES (?, ?, ?, ?, ?, ?)",
                (journal.scale_id, journal.journal_id, journal.last_seq, journal.next_prev, at, journal.last_net_g),
            )
            for entry in source.pending(journal.journal_id, after_seq=0, limit=999):
                if journal.scale_id == OTHER or entry.seq > receipted:
                    row = (journal.journal_id, journal.scale_id, entry.seq, at, entry.body)
                    old.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", row)
        old.commit()
    source.close()
    return journals[0].journal_id


@pytest.mark.parametrize("receipted", [0, 2, 5], ids=["none receipted", "some receipted", "all receipted"])
def test_an_outbox_of_version_0_1_becomes_a_journal_that_goes_on(path: Path, receipted: int) -> None:
    journal_id = old_file(path, 5, receipted)
    outbox = Outbox(path)
    journal = outbox.journal(SCALE)
    assert (journal.journal_id, journal.last_seq, journal.last_net_g) == (journal_id, 5, 504)
    assert (outbox.committed(journal_id), outbox.depth(journal_id)) == (receipted, 5 - receipted)
    waiting = outbox.pending(journal_id, after_seq=0, limit=9)
    assert [entry.seq for entry in waiting] == list(range(receipted + 1, 6))
    (made,) = outbox.append([draft()])
    assert made is not None
    assert (made.seq, made.prev) == (6, journal.next_prev)
    assert_chained(outbox, OTHER, 1)
    assert outbox.pending_events(9) == []
    outbox.close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (FORMAT,)
        assert not [name for (name,) in db.execute("SELECT name FROM sqlite_schema") if name.endswith("_0")]
        pruned = db.execute(
            "SELECT pruned_seq, pruned_digest FROM journals WHERE journal_id = ?", (journal_id,)
        ).fetchone()
        first = db.execute("SELECT body FROM entries WHERE journal = 1 AND seq = ?", (receipted + 1,)).fetchone()[0]
    assert pruned == (receipted, decode_weighing(first).prev)


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_an_old_entry_that_somebody_made_unreadable_does_not_stop_the_scale(path: Path, seq: int) -> None:
    journal_id = old_file(path, 3, 0)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE entries SET body = x'00' WHERE seq = ? AND journal_id = ?", (seq, journal_id))
        db.commit()
    outbox = Outbox(path)
    assert [entry.seq for entry in outbox.pending(journal_id, after_seq=0, limit=9)] == [1, 2, 3]
    (made,) = outbox.append([draft()])
    assert made is not None
    assert made.seq == 4
    outbox.close()


def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE accounts (name TEXT)")
    with pytest.raises(BadFile, match="is another program's database"):
        Outbox(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT name FROM sqlite_schema").fetchall() == [("accounts",)]


def test_a_journal_of_a_newer_product_is_refused(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as db:
        db.execute(f"PRAGMA user_version = {FORMAT + 1}")
    with pytest.raises(BadFile, match=f"of format {FORMAT + 1}; expected at most {FORMAT}: update"):
        Outbox(filled)


def overwrite(path: Path, content: bytes, at: int = 0) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def test_a_damaged_file_is_moved_aside_whole_and_a_new_journal_begins(filled: Path) -> None:
    before = Outbox(filled)
    old_id = before.journal(SCALE).journal_id
    bodies = [entry.body for entry in before.pending(old_id, after_seq=0, limit=9)]
    before.close()
    overwrite(filled, b"\xff" * 100)
    content = filled.read_bytes()
    with pytest.raises(DamagedFile):
        Outbox(filled)
    outbox = open_outbox(filled, lambda: NOW)
    aside = filled.with_name("outbox.sqlite.damaged-20261122T021108Z")
    assert aside.read_bytes() == content
    assert sorted(carve(aside.read_bytes())) == sorted(bodies)
    journal = outbox.journal(SCALE)
    assert journal.journal_id != old_id
    assert journal.last_seq == 0
    (pending,) = outbox.pending_events(9)
    begun = decode_event(pending.body)
    assert (begun.journal_id, begun.event_no, begun.event.kind) == (journal.journal_id, 1, EventKind.JOURNAL_BEGUN)
    assert begun.event.detail == {"because": f"damaged_file, moved to {aside.name}"}
    outbox.append([draft()])
    assert_chained(outbox, SCALE, 1)
    outbox.close()


@pytest.mark.parametrize("table", ["journals", "entries", "sqlite_autoindex_entries_1"])
def test_damage_where_the_next_append_would_write_shows_at_the_start(path: Path, table: str) -> None:
    outbox = Outbox(path)
    outbox.append([draft()])
    outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    root = outbox._db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    outbox.close()
    overwrite(path, b"\xff" * 4096, (root - 1) * 4096)
    with pytest.raises(DamagedFile):
        Outbox(path)


def test_the_log_of_a_damaged_file_goes_with_it(filled: Path) -> None:
    outbox = Outbox(filled)
    outbox.append([draft()])
    log, main = filled.with_name("outbox.sqlite-wal").read_bytes(), filled.read_bytes()
    outbox.close()
    filled.write_bytes(b"\x00" * 50 + main[50:])
    filled.with_name("outbox.sqlite-wal").write_bytes(log)
    aside = move_aside(filled, NOW)
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == log
    assert not list(filled.parent.glob("outbox.sqlite-*"))
    filled.write_bytes(b"x")
    assert move_aside(filled, NOW).name == f"{aside.name}.2"


def test_a_disk_that_fails_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        open_outbox(tmp_path / "nowhere" / "outbox.sqlite", lambda: NOW)
    assert not isinstance(refused.value, DamagedFile)
    assert list(tmp_path.iterdir()) == []


def test_an_entry_of_a_clock_that_was_ahead_keeps_those_behind_it(path: Path) -> None:
    outbox = Outbox(path, clock=lambda: NOW)
    outbox.append([draft(), draft(at=NOW + timedelta(days=365)), draft(at=NOW + timedelta(seconds=5))])
    journal_id = outbox.journal(SCALE).journal_id
    outbox.receipted(journal_id, 3)
    late = NOW + timedelta(days=100)
    assert [outbox.prune(late), outbox.prune(late)] == [1, 0]
    assert [seq for (seq,) in outbox._db.execute("SELECT seq FROM entries")] == [2, 3]
    assert outbox.prune(NOW + timedelta(days=460)) == 2
    outbox.close()


def test_pruning_leaves_a_chain_that_begins_where_it_was_cut(path: Path) -> None:
    clock = [NOW]
    outbox = Outbox(path, clock=lambda: clock[0])
    outbox.append([draft(), draft(), draft()])
    outbox.append([draft(at=NOW + timedelta(days=80)), draft(OTHER, at=NOW + timedelta(days=80))])
    journal_id = outbox.journal(SCALE).journal_id
    bodies = [entry.body for entry in outbox.pending(journal_id, after_seq=0, limit=9)]
    outbox.receipted(journal_id, 2)
    assert outbox.prune(NOW + timedelta(days=89)) == 0
    assert outbox.prune(NOW + timedelta(days=91)) == 2
    outbox.receipted(journal_id, 4)
    assert outbox.prune(NOW + timedelta(days=91)) == 1
    assert outbox._db.execute("SELECT body FROM entries WHERE journal = 1").fetchall() == [(bodies[3],)]
    row = outbox._db.execute("SELECT pruned_seq, pruned_digest FROM journals WHERE journal_id = ?", (journal_id,))
    assert row.fetchone() == (3, prev_of(bodies[2]))
    (made,) = outbox.append([draft()])
    assert made is not None
    assert (made.seq, made.prev) == (5, prev_of(bodies[3]))
    outbox.close()
