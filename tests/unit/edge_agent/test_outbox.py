"""The outbox: durable, in order, chained over restarts; only a receipt ends the waiting of a weighing."""

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Unavailable
from domain.ids import JournalId, ScaleId
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import Weighing
from edge_agent.journal.outbox import Outbox
from edge_agent.weighing.recording import Draft
from messages.chain import prev_of
from messages.weighings import decode_weighing

NOW = datetime(2026, 11, 22, 2, 11, 8, 412_000, tzinfo=UTC)
SCALE, OTHER = ScaleId("SC-001"), ScaleId("SC-002")
REPOSITORY = Path(__file__).parents[3]


def draft(scale_id: ScaleId = SCALE, net_g: int = 712, at: datetime = NOW) -> Draft:
    weighing = Weighing(
        seq=0,
        weighed_at=at,
        net_g=Grams(net_g),
        unit_price_fen=Fen(9000),
        price_unit=PriceUnit.KG,
        amount_fen=Fen(6408),
        paid_fen=Fen(6408),
        clock_synced=True,
    )
    return Draft(scale_id=scale_id, weighing=weighing)


def recorded(outbox: Outbox, *drafts: Draft) -> list[Weighing]:
    """Append drafts that are no voids: each is recorded."""
    made = outbox.append(drafts)
    assert len(made) == len(drafts)
    return [weighing for weighing in made if weighing is not None]


def assert_chained(outbox: Outbox, scale_id: ScaleId, count: int) -> None:
    journal = outbox.journal(scale_id)
    before: bytes | None = None
    entries = outbox.pending(journal.journal_id, after_seq=0, limit=count + 1)
    assert [entry.seq for entry in entries] == list(range(1, count + 1))
    for entry in entries:
        assert decode_weighing(entry.body).prev == prev_of(before)
        before = entry.body
    assert journal.next_prev == prev_of(before)


def test_a_batch_gets_its_places_and_its_chain_scale_by_scale(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    made = recorded(outbox, draft(), draft(OTHER), draft())
    assert [weighing.seq for weighing in made] == [1, 1, 2]
    assert_chained(outbox, SCALE, 2)
    assert_chained(outbox, OTHER, 1)
    outbox.close()


def test_a_restart_goes_on_with_the_journal_its_numbers_and_its_chain(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "outbox.sqlite")
    first.append([draft(net_g=500)])
    journal = first.journal(SCALE)
    first.close()
    second = Outbox(tmp_path / "outbox.sqlite")
    assert second.journal(SCALE) == journal
    assert journal.last_net_g == 500
    second.append([draft()])
    assert_chained(second, SCALE, 2)
    second.close()


def test_the_chain_goes_on_over_what_was_receipted(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.append([draft()])
    journal_id = outbox.journal(SCALE).journal_id
    (first,) = outbox.pending(journal_id, after_seq=0, limit=1)
    assert outbox.receipted(journal_id, 1) == 1
    (second,) = recorded(outbox, draft())
    assert (second.seq, second.prev) == (2, prev_of(first.body))
    outbox.close()


def times(outbox: Outbox, *clock: datetime) -> list[tuple[datetime, bool]]:
    return [(made.weighed_at, made.clock_synced) for at in clock for made in recorded(outbox, draft(at=at))]


def test_a_clock_that_was_a_year_ahead_for_one_weighing_leaves_the_next_ones_with_right_times(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    clock = [NOW, NOW + timedelta(days=365), NOW + timedelta(seconds=20), NOW + timedelta(seconds=30)]
    made = times(outbox, *clock)
    assert [weighed_at for weighed_at, _synced in made] == clock
    assert [synced for _weighed_at, synced in made] == [True, True, False, True]  # the leap itself: see the station
    entries = outbox.pending(outbox.journal(SCALE).journal_id, after_seq=0, limit=9)
    assert [decode_weighing(entry.body).weighed_at for entry in entries] == clock
    assert_chained(outbox, SCALE, 4)
    outbox.close()


@pytest.mark.parametrize(
    ("back_ms", "kept_back_ms", "synced"),
    [(1, 0, True), (5000, 0, True), (5001, 5001, False), (3_600_000, 3_600_000, False)],
    ids=["a little", "five seconds", "a millisecond more", "an hour"],
)
def test_a_slight_step_back_is_held_and_a_larger_one_is_taken_and_marked(
    tmp_path: Path, back_ms: int, kept_back_ms: int, synced: bool
) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    on = NOW + timedelta(milliseconds=1)
    made = times(outbox, NOW, NOW - timedelta(milliseconds=back_ms), on)
    assert made == [(NOW, True), (NOW - timedelta(milliseconds=kept_back_ms), synced), (on, True)]
    outbox.close()


def test_a_step_back_over_a_restart_is_found(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "outbox.sqlite")
    first.append([draft()])
    first.close()
    second = Outbox(tmp_path / "outbox.sqlite")
    assert times(second, NOW - timedelta(days=1)) == [(NOW - timedelta(days=1), False)]
    second.close()


def test_a_full_disk_is_named_leaves_nothing_behind_and_is_got_over(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox._db.execute("PRAGMA max_page_count = 12")
    with pytest.raises(Unavailable, match="the outbox cannot be used: database or disk is full"):
        outbox.append([draft()] * 200)
    assert outbox.journal(SCALE).last_seq == 0
    outbox._db.execute("PRAGMA max_page_count = 100000")
    outbox.append([draft()])
    assert_chained(outbox, SCALE, 1)
    outbox.close()


class FailingCommit:
    """A connection whose disk fails it at the first commit and lets the transaction stand."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._failures = 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        if sql == "COMMIT" and self._failures:
            self._failures -= 1
            raise sqlite3.OperationalError("disk I/O error")
        return self._db.execute(sql, values)


def test_a_commit_that_fails_leaves_no_transaction_open(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox._db = FailingCommit(outbox._db)  # type: ignore[assignment]
    with pytest.raises(Unavailable, match="disk I/O error"):
        outbox.append([draft()])
    outbox.append([draft()])
    assert_chained(outbox, SCALE, 1)
    outbox.close()


def test_journals_left_behind_are_those_of_other_scales_that_still_wait(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.append([draft(), draft(OTHER)])
    outbox.journal(ScaleId("SC-003"))
    (left,) = outbox.left_behind({SCALE})
    assert left == outbox.journal(OTHER)
    outbox.receipted(left.journal_id, 1)
    assert outbox.left_behind({SCALE}) == []
    outbox.close()


@pytest.mark.parametrize(("committed", "left"), [(0, 3), (1, 2), (3, 0), (4, 3)])
def test_a_receipt_takes_what_it_names_and_one_beyond_the_journal_takes_nothing(
    tmp_path: Path, committed: int, left: int
) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.append([draft(), draft(), draft(), draft(OTHER)])
    journal_id = outbox.journal(SCALE).journal_id
    assert outbox.receipted(journal_id, committed) == 3 - left
    assert outbox.depth(journal_id) == left
    assert outbox.committed(journal_id) == 3 - left
    assert outbox.depth(outbox.journal(OTHER).journal_id) == 1
    outbox.close()


def test_a_receipt_for_an_unknown_journal_takes_nothing(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.append([draft()])
    assert outbox.receipted(JournalId("nobody"), 5) == 0
    assert outbox.depth(JournalId("nobody")) == 0
    assert outbox.depth(outbox.journal(SCALE).journal_id) == 1
    outbox.close()


def test_a_batch_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    with pytest.raises(AttributeError):
        outbox.append([draft(), None])  # type: ignore[list-item]
    assert outbox.journal(SCALE).last_seq == 0
    outbox.append([draft()])
    assert_chained(outbox, SCALE, 1)
    outbox.close()


def test_an_outbox_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"nowhere/outbox\.sqlite cannot be used: unable to open"):
        Outbox(tmp_path / "nowhere" / "outbox.sqlite")


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"a text, and no database", "not a database"), (b"SQLite format 3\x00" + b"\xff" * 4096, "")],
    ids=["no database", "damaged"],
)
def test_what_is_no_usable_database_is_unavailable_and_named(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "outbox.sqlite").write_bytes(content)
    with pytest.raises(Unavailable, match=rf"outbox\.sqlite cannot be used: .*{says}"):
        Outbox(tmp_path / "outbox.sqlite")


APPEND_WITHOUT_END = """
import sys
from pathlib import Path
from tests.unit.edge_agent.test_outbox import Outbox, draft
outbox = Outbox(Path(sys.argv[1]))
while True:
    for weighing in outbox.append([draft(), draft(), draft()]):
        print(weighing.seq, flush=True)
"""


def test_what_was_reported_as_appended_is_there_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    child = subprocess.Popen(
        [sys.executable, "-c", APPEND_WITHOUT_END, str(path)],
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    assert child.stdout is not None
    reported = [int(child.stdout.readline()) for _ in range(50)]
    child.send_signal(signal.SIGKILL)
    reported += [int(line) for line in child.stdout.read().split(b"\n")[:-1] if line]
    child.wait()
    child.stdout.close()
    outbox = Outbox(path)
    last_seq = outbox.journal(SCALE).last_seq
    assert reported == list(range(1, len(reported) + 1))
    assert last_seq >= len(reported)
    assert_chained(outbox, SCALE, last_seq)
    outbox.close()
