"""A journal that was emptied whole is sound by itself; what was noted of its head beside it says what is missing."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog

from domain.device_event import DeviceEvent, EventKind
from edge_agent.journal.event_chain import begin_with
from edge_agent.journal.head_keeping import HeadKeeper, heads_path
from edge_agent.journal.journal_file import GUARDS, move_aside
from edge_agent.journal.journal_heads import Head, decode_heads, encode_heads, go_on
from edge_agent.journal.journal_keeping import JournalKeeper
from edge_agent.journal.outbox import Outbox
from edge_agent.journal.signing_key import load_or_make_signing_key
from tests.unit.edge_agent.test_outbox import NOW, OTHER, SCALE, draft


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of five entries and two events, with its head noted; another scale's has one."""
    made = tmp_path / "outbox.sqlite"
    outbox = Outbox(made, clock=lambda: NOW)
    outbox.append([draft(net_g=500 + number) for number in range(5)])
    outbox.append([draft(OTHER)])
    outbox.add_events(SCALE, [DeviceEvent(kind=EventKind.CASE_OPEN, at=NOW)])
    keeper(made, outbox).note()
    outbox.close()
    return made


def keeper(path: Path, outbox: Outbox, now: datetime = NOW) -> HeadKeeper:
    return HeadKeeper(outbox, heads_path(path), load_or_make_signing_key(path), lambda: now)


def noted(path: Path) -> list[tuple[str, int, int]]:
    return [(head.scale_id, head.seq, head.event_no) for head in decode_heads(heads_path(path).read_bytes()).heads]


def empty(path: Path) -> None:
    """Empty the first journal as somebody would who knows the program: its head set back, its guards put in again."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for guard in GUARDS:
            db.execute(f"DROP TRIGGER {guard}")
        for table in ("entries", "events", "checkpoints"):
            db.execute(f"DELETE FROM {table} WHERE journal = 1")
        scale_id, journal_id = db.execute("SELECT scale_id, journal_id FROM journals WHERE number = 1").fetchone()
        begin = begin_with(scale_id, journal_id)
        db.execute(
            "UPDATE journals SET last_seq = 0, next_prev = '', last_weighed_at = NULL, last_net_g = NULL,"
            " receipted_seq = 0, pruned_seq = 0, pruned_digest = '', last_event_no = 0, delivered_event_no = 0,"
            " pruned_event_no = 0, events_digest = ?1, pruned_events_digest = ?1, delivered_checkpoint_seq = 0"
            " WHERE number = 1",
            (begin,),
        )
        for statement in GUARDS.values():
            db.execute(statement)
        db.execute("VACUUM")


def test_heads_are_noted_as_the_journals_go_on_and_again_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = Outbox(path, clock=lambda: NOW)
    tending = JournalKeeper(outbox, load_or_make_signing_key(path), [SCALE], lambda: NOW, keeper(path, outbox))
    outbox.append([draft()])
    tending.tend(0.0)
    assert noted(path) == [(SCALE, 1, 1)]
    outbox.append([draft()])
    tending.tend(5.0)
    assert noted(path) == [(SCALE, 1, 1)], "not more often than every ten seconds"
    tending.tend(10.0)
    assert noted(path) == [(SCALE, 2, 1)]
    before = heads_path(path).stat().st_ino
    tending.tend(20.0)
    assert heads_path(path).stat().st_ino == before, "nothing new, nothing written"
    outbox.append([draft()])
    tending.end()
    assert noted(path) == [(SCALE, 3, 1)]
    outbox.close()


def test_a_journal_that_was_set_back_is_told_at_the_start_and_going_on_does_not_wipe_it_out(path: Path) -> None:
    empty(path)
    for restart in range(3):
        outbox = Outbox(path, clock=lambda: NOW)
        with structlog.testing.capture_logs() as logs:
            keeping = keeper(path, outbox, NOW + timedelta(hours=restart + 1))
        assert [(one["event"], one["scale_id"]) for one in logs] == [("journal_is_not_what_was_noted", SCALE)]
        assert "entries up to 5, events up to 2" in logs[0]["noted"]
        outbox.append([draft() for _ in range(4)])  # beyond where it had been, at the second start
        keeping.note()
        outbox.close()
        assert noted(path) == [(SCALE, 5, 2), (SCALE, 4 * (restart + 1), 0), (OTHER, 1, 1)]


def test_another_file_in_its_place_is_told(path: Path) -> None:
    path.unlink()
    outbox = Outbox(path, clock=lambda: NOW)
    outbox.append([draft() for _ in range(9)])
    with structlog.testing.capture_logs() as logs:
        keeper(path, outbox).note()
    assert [one["scale_id"] for one in logs] == [SCALE, OTHER]
    assert noted(path) == [(SCALE, 5, 2), (OTHER, 1, 1), (SCALE, 9, 1)]
    outbox.close()


def test_what_left_in_its_time_is_not_missing(path: Path) -> None:
    outbox = Outbox(path, clock=lambda: NOW)
    outbox.receipted(outbox.journal(SCALE).journal_id, 5)
    late = NOW + timedelta(days=91)
    assert outbox.prune(late) == 5
    with structlog.testing.capture_logs() as logs:
        keeper(path, outbox, late).note()
    assert logs == []
    assert noted(path) == [(SCALE, 5, 2), (OTHER, 1, 1)]
    outbox.close()


def test_a_damaged_journal_takes_its_heads_along(path: Path) -> None:
    heads = heads_path(path).read_bytes()
    aside = move_aside(path, NOW)
    assert heads_path(aside).read_bytes() == heads
    assert not heads_path(path).exists()


def test_heads_that_cannot_be_understood_are_kept_aside(path: Path) -> None:
    heads_path(path).write_bytes(b"\x00 nonsense")
    outbox = Outbox(path, clock=lambda: NOW)
    with structlog.testing.capture_logs() as logs:
        keeper(path, outbox).note()
    assert [one["event"] for one in logs] == ["journal_heads_damaged", "journal_heads_missing"]
    assert Path(logs[0]["moved_to"]).read_bytes() == b"\x00 nonsense"
    assert noted(path) == [(SCALE, 5, 2), (OTHER, 1, 1)]
    outbox.close()


def test_a_head_is_signed(path: Path) -> None:
    key = load_or_make_signing_key(path)
    public_key = key.public_key().public_bytes_raw()
    content = heads_path(path).read_bytes()
    signed = decode_heads(content)
    assert signed.is_signed_by(public_key)
    assert decode_heads(encode_heads(signed.heads, key)) == signed
    assert not decode_heads(content.replace(b'"seq":5', b'"seq":4')).is_signed_by(public_key)


def test_only_the_earliest_denied_head_of_a_scale_is_kept(path: Path) -> None:
    first, other = decode_heads(heads_path(path).read_bytes()).heads
    later = replace(first, seq=9, at=NOW + timedelta(days=1))
    now = replace(first, seq=2, at=NOW + timedelta(days=2))

    def holds(head: Head) -> bool:
        return head not in {first, later}

    assert go_on([later, first, other], [now, other], holds) == (first, now, other)
