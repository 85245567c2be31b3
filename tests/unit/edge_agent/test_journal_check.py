"""A journal that somebody changed says so, and where."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import JournalId
from domain.units import Fen
from edge_agent.journal.journal_carving import carve, chains
from edge_agent.journal.journal_check import Finding, Flaw, KeptEntry, KeptJournal, check_journal
from edge_agent.journal.journal_reading import open_for_reading
from edge_agent.journal.outbox import Outbox
from edge_agent.journal.times import microseconds
from messages.chain import digest, prev_of
from messages.checkpoints import ChainHead, Checkpoint, decode_checkpoint, sign
from messages.weighings import decode_weighing, encode_weighing
from tests.unit.edge_agent.test_journal_voids import VOID
from tests.unit.edge_agent.test_outbox import NOW, SCALE, draft

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
OPEN = (
    "entries_never_change", "entries_take_the_next_place", "entries_leave_when_pruned", "checkpoints_never_change",
    "checkpoints_leave_when_pruned", "journals_go_forward",
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of 20 entries, signed at 8 and 16; the last is a void."""
    made = tmp_path / "outbox.sqlite"
    outbox = Outbox(made)
    for count, at in ((8, NOW), (8, NOW + timedelta(hours=1))):
        outbox.append([draft(net_g=500 + number) for number in range(count)])
        assert outbox.sign_checkpoints(KEY, at) == 1
    outbox.append([draft(), draft(), draft(), VOID])
    outbox.close()
    return made


def tamper(path: Path, *statements: str) -> None:
    """As somebody with the file and SQLite would: the triggers first."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for trigger in OPEN:
            db.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            assert db.execute(statement).rowcount > 0, statement


def findings(
    path: Path, elsewhere: list[Checkpoint] | None = None, key: bytes | None = PUBLIC
) -> list[tuple[Flaw, int]]:
    with open_for_reading(path) as reader:
        (journal,) = reader.journals(SCALE)
        checkpoints = [decode_checkpoint(message) for message in reader.checkpoints(journal.journal_id)]
        found = check_journal(
            journal, reader.entries(journal.journal_id), checkpoints + (elsewhere or []), public_key=key
        )
        return [(one.flaw, one.seq) for one in found]


def test_what_nobody_changed_is_sound(path: Path) -> None:
    assert findings(path) == []
    assert findings(path, key=None) == []


def edited(table: str, seq: int, old: str, new: str) -> str:
    """A statement that changes a body as a text editor would."""
    return f"UPDATE {table} SET body = CAST(replace(CAST(body AS TEXT), '{old}', '{new}') AS BLOB) WHERE seq = {seq}"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ((edited("entries", 5, '"net_g":504', '"net_g":500'),), [(Flaw.ALTERED, 5)]),
        (("UPDATE entries SET body = x'00' WHERE seq = 5",), [(Flaw.ALTERED, 5), (Flaw.ALTERED, 5)]),
        (("UPDATE entries SET weighed_us = weighed_us + 1 WHERE seq = 7",), [(Flaw.ALTERED, 7)]),
        (("UPDATE entries SET voids_seq = 3 WHERE seq = 7",), [(Flaw.ALTERED, 7)]),
        (("UPDATE entries SET voids_seq = NULL WHERE seq = 20",), [(Flaw.ALTERED, 20)]),
        (("DELETE FROM entries WHERE seq = 11",), [(Flaw.MISSING, 11)]),
        (("DELETE FROM entries WHERE seq BETWEEN 11 AND 13",), [(Flaw.MISSING, 11)]),
        (("DELETE FROM entries WHERE seq = 1",), [(Flaw.MISSING, 1)]),
        (("DELETE FROM entries WHERE seq > 18",), [(Flaw.MISSING, 19)]),
        (
            ("DELETE FROM entries WHERE seq = 11", "UPDATE entries SET seq = seq - 1 WHERE seq > 11"),
            [*((Flaw.REORDERED, seq) for seq in range(11, 20)), (Flaw.MISSING, 20)],
        ),
        (("UPDATE journals SET next_prev = 'x'",), [(Flaw.WRONG_HEAD, 20)]),
        (("UPDATE journals SET last_seq = 19",), [(Flaw.WRONG_HEAD, 20)]),
        (("UPDATE journals SET receipted_seq = 3, pruned_seq = 3",), [(Flaw.REORDERED, 1)]),
        ((edited("checkpoints", 8, '"seq":8', '"seq":9'),), [(Flaw.BAD_SIGNATURE, 9)]),
    ],
    ids=[
        "a body", "an unreadable body", "a time", "a void made", "a void unmade", "one deleted", "three deleted",
        "the first deleted", "the tail deleted", "deleted and renumbered", "the head's digest", "the head's place",
        "pruned by hand", "a checkpoint",
    ],
)  # fmt: skip
def test_every_change_shows_with_its_place(
    path: Path, statements: tuple[str, ...], expected: list[tuple[Flaw, int]]
) -> None:
    tamper(path, *statements)
    found = findings(path)
    assert set(expected) <= set(found)


def test_two_entries_that_were_swapped_show(path: Path) -> None:
    tamper(
        path,
        "UPDATE entries SET seq = -1 WHERE seq = 9",
        "UPDATE entries SET seq = 9 WHERE seq = 10",
        "UPDATE entries SET seq = 10 WHERE seq = -1",
    )
    assert {(Flaw.REORDERED, 9), (Flaw.REORDERED, 10)} <= set(findings(path))


def test_a_tail_that_was_cut_off_with_its_head_shows_by_the_checkpoint(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        digest_12 = prev_of(db.execute("SELECT body FROM entries WHERE seq = 12").fetchone()[0])
    tamper(path, "DELETE FROM entries WHERE seq > 12", f"UPDATE journals SET last_seq = 12, next_prev = '{digest_12}'")
    assert findings(path) == [(Flaw.AGAINST_CHECKPOINT, 12)]


def rewrite(path: Path) -> None:
    """Sell everything cheaper, and make the whole chain, its columns and its head agree."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for trigger in OPEN:
            db.execute(f"DROP TRIGGER {trigger}")
        prev = ""
        for seq, body in db.execute("SELECT seq, body FROM entries ORDER BY seq").fetchall():
            cheap = encode_weighing(replace(decode_weighing(body), prev=prev, amount_fen=Fen(1), paid_fen=Fen(1)))
            db.execute("UPDATE entries SET body = ? WHERE seq = ?", (cheap, seq))
            prev = prev_of(cheap)
        db.execute("UPDATE journals SET next_prev = ?", (prev,))


def checkpoint_at(path: Path, seq: int) -> Checkpoint:
    with closing(sqlite3.connect(path)) as db:
        (body,) = db.execute("SELECT body FROM checkpoints WHERE seq = ?", (seq,)).fetchone()
        return decode_checkpoint(body)


def test_a_chain_that_was_rewritten_as_a_whole_shows_by_its_checkpoints_alone(path: Path) -> None:
    elsewhere = checkpoint_at(path, 16)
    rewrite(path)
    assert findings(path) == [(Flaw.AGAINST_CHECKPOINT, 8), (Flaw.AGAINST_CHECKPOINT, 16)]
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM checkpoints")
        db.commit()
    assert findings(path) == [], "without a checkpoint, nothing contradicts it"
    assert findings(path, [elsewhere]) == [(Flaw.AGAINST_CHECKPOINT, 16)]


def test_a_rewritten_chain_signed_anew_by_another_key_shows(path: Path) -> None:
    rewrite(path)
    theirs = Ed25519PrivateKey.from_private_bytes(b"t" * 32)
    with open_for_reading(path) as reader:
        (journal,) = reader.journals()
        bodies = [entry.body for entry in reader.entries(journal.journal_id)]
        forged = [
            sign(ChainHead(journal_id=journal.journal_id, seq=seq, digest=digest(bodies[seq - 1]), at=NOW), theirs)
            for seq in (8, 16)
        ]
        entries = list(reader.entries(journal.journal_id))
    found = [(one.flaw, one.seq) for one in check_journal(journal, entries, forged, public_key=PUBLIC)]
    assert found == [(Flaw.BAD_SIGNATURE, 8), (Flaw.BAD_SIGNATURE, 16)]
    assert list(check_journal(journal, entries, forged, public_key=None)) == [], "whose key it is, is not in the file"


def test_a_key_that_changes_within_a_journal_shows(path: Path) -> None:
    with open_for_reading(path) as reader:
        (journal,) = reader.journals()
        entries = list(reader.entries(journal.journal_id))
        first = decode_checkpoint(reader.checkpoints(journal.journal_id)[0])
    other = sign(
        ChainHead(journal_id=journal.journal_id, seq=20, digest=digest(entries[-1].body), at=NOW),
        Ed25519PrivateKey.from_private_bytes(b"t" * 32),
    )
    (found,) = check_journal(journal, entries, [first, other], public_key=None)
    assert (found.flaw, found.seq) == (Flaw.BAD_SIGNATURE, 20)
    assert "by another key" in found.says


def test_an_old_copy_of_the_file_shows_by_a_newer_checkpoint(path: Path) -> None:
    old = path.with_name("old.sqlite")
    old.write_bytes(path.read_bytes())
    outbox = Outbox(path)
    outbox.append([draft() for _ in range(100)])
    outbox.sign_checkpoints(KEY, NOW + timedelta(days=1))
    outbox.close()
    newer = checkpoint_at(path, 120)
    assert findings(path, [newer]) == []
    assert findings(old) == [], "an old copy is sound by itself"
    assert findings(old, [newer]) == [(Flaw.AGAINST_CHECKPOINT, 20)]


def test_a_bad_signature_shows(path: Path) -> None:
    bad = replace(checkpoint_at(path, 16), signature=bytes(64))
    assert findings(path, [bad]) == [(Flaw.BAD_SIGNATURE, 16)]
    assert findings(path, [replace(bad, public_key=None)], key=None) == [(Flaw.BAD_SIGNATURE, 16)]


def kept(count: int) -> tuple[KeptJournal, list[KeptEntry]]:
    prev, entries = "", []
    for seq in range(1, count + 1):
        body = encode_weighing(replace(draft().weighing, seq=seq, prev=prev))
        entries.append(KeptEntry(seq=seq, weighed_us=microseconds(NOW), voids_seq=None, body=body))
        prev = prev_of(body)
    journal = KeptJournal(
        scale_id=SCALE,
        journal_id=JournalId("j"),
        last_seq=count,
        next_prev=prev,
        receipted_seq=0,
        pruned_seq=0,
        pruned_digest="",
    )
    return journal, entries


JOURNAL, ENTRIES = kept(12)


def flaws(entries: list[KeptEntry]) -> list[Finding]:
    return list(check_journal(JOURNAL, entries, [], public_key=None))


@given(st.data())
def test_a_byte_changed_anywhere_shows(data: st.DataObject) -> None:
    assert flaws(ENTRIES) == []
    place = data.draw(st.integers(0, len(ENTRIES) - 1))
    body = bytearray(ENTRIES[place].body)
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] ^= data.draw(st.integers(1, 255))
    changed = [*ENTRIES]
    changed[place] = replace(changed[place], body=bytes(body))
    assert flaws(changed)


@given(st.lists(st.sampled_from(ENTRIES), unique_by=lambda entry: entry.seq, max_size=12))
def test_any_part_or_order_of_the_entries_but_the_right_one_shows(entries: list[KeptEntry]) -> None:
    assert bool(flaws(entries)) == (entries != ENTRIES)


@given(
    st.permutations(range(12)),
    st.lists(st.binary(max_size=40), min_size=13, max_size=13),
    st.sets(st.integers(0, 11), max_size=4),
)
def test_weighings_are_found_among_any_bytes_and_put_in_order(
    order: list[int], noise: list[bytes], lost: set[int]
) -> None:
    data = noise[12] + b"".join(
        (ENTRIES[place].body[:-5] if place in lost else ENTRIES[place].body) + noise[place] for place in order
    )
    pieces = chains(carve(data))
    seqs = sorted(decode_weighing(body).seq for piece in pieces for body in piece)
    assert seqs == [seq for seq in range(1, 13) if seq - 1 not in lost]
    for piece in pieces:
        for before, after in pairwise(piece):
            assert decode_weighing(after).prev == prev_of(before)
    if not lost:
        assert len(pieces) == 1
