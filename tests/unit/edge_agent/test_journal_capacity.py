"""Room in the journal: the pure decision, and a file that keeps to it."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from domain.device_event import EventKind
from domain.errors import JournalFull, Unavailable
from edge_agent.journal.journal_capacity import Capacity, Holding, JournalLimits, state_of, surplus
from edge_agent.journal.journal_keeping import JournalKeeper
from edge_agent.journal.outbox import Outbox
from edge_agent.journal.signing_key import load_or_make_signing_key
from messages.checkpoints import decode_checkpoint, is_signed_by
from messages.events import decode_event
from messages.weighings import decode_weighing
from tests.unit.edge_agent.test_outbox import NOW, OTHER, SCALE, assert_chained, draft

LIMITS = JournalLimits(max_entries=1000, keep_days=90, warn_at_percent=90, warn_free_bytes=500, min_free_bytes=100)
SMALL = JournalLimits(max_entries=10, warn_free_bytes=2, min_free_bytes=1)


def holding(waiting: int = 0, held: int | None = None, days: float | None = None, free_bytes: int = 10**9) -> Holding:
    oldest = None if days is None else NOW - timedelta(days=days)
    return Holding(
        held=waiting if held is None else held, waiting=waiting, oldest_waiting_at=oldest, free_bytes=free_bytes
    )


@pytest.mark.parametrize(
    ("held", "capacity", "says"),
    [
        (holding(), Capacity.OK, ""),
        (holding(899, 1000), Capacity.OK, ""),
        (holding(900), Capacity.NEARLY_FULL, "900 weighings wait for a receipt; the journal keeps at most 1000"),
        (holding(999), Capacity.NEARLY_FULL, "999 weighings"),
        (holding(1000), Capacity.FULL, "1000 weighings wait for a receipt; the journal keeps at most 1000"),
        (holding(1, days=80), Capacity.OK, ""),
        (holding(1, days=81), Capacity.NEARLY_FULL, "the oldest weighing has waited 81 days for its receipt"),
        (holding(1, days=4000), Capacity.NEARLY_FULL, "4000 days"),
        (holding(1, days=-9), Capacity.OK, ""),
        (holding(free_bytes=500), Capacity.OK, ""),
        (holding(free_bytes=499), Capacity.NEARLY_FULL, "499 bytes are free on the disk; the journal stops at 100"),
        (holding(free_bytes=100), Capacity.NEARLY_FULL, "100 bytes"),
        (holding(free_bytes=99), Capacity.FULL, "99 bytes are free on the disk; the journal needs 100"),
    ],
)
def test_a_journal_warns_in_time_and_then_says_that_it_is_full(held: Holding, capacity: Capacity, says: str) -> None:
    state = state_of(LIMITS, held, NOW)
    assert (state.capacity, state.holding) == (capacity, held)
    assert says in state.reason
    assert bool(state.reason) == (capacity is not Capacity.OK)


@pytest.mark.parametrize(
    ("held", "adding", "expected"),
    [
        (holding(0, 1000), 0, 0),
        (holding(0, 1000), 1, 1),
        (holding(0, 1200), 3, 203),
        (holding(999, 1000), 5, 1),
        (holding(1000, 1000), 5, 0),
    ],
)
def test_only_what_is_receipted_is_ever_too_many(held: Holding, adding: int, expected: int) -> None:
    assert surplus(LIMITS, held, adding=adding) == expected


@given(waiting=st.integers(0, 2000), receipted=st.integers(0, 2000), adding=st.integers(0, 600))
def test_what_is_added_has_room_once_the_surplus_has_left(waiting: int, receipted: int, adding: int) -> None:
    held = holding(waiting, waiting + receipted)
    if state_of(LIMITS, held, NOW, adding=adding).capacity is not Capacity.FULL:
        assert held.held - surplus(LIMITS, held, adding=adding) + adding <= LIMITS.max_entries
    assert held.held - surplus(LIMITS, held, adding=adding) >= waiting


def test_thirty_days_of_the_largest_agent_have_room_and_so_has_a_million() -> None:
    limits = JournalLimits()
    assert limits.max_entries >= max(1_000_000, 64 * 1000 * 30)


def test_a_full_journal_records_nothing_more_and_loses_nothing(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite", limits=SMALL, clock=lambda: NOW)
    outbox.append([draft() for _ in range(8)])
    outbox.append([draft(OTHER)])
    assert outbox.state(NOW).capacity is Capacity.NEARLY_FULL
    with pytest.raises(JournalFull, match=r"the journal .*outbox\.sqlite is full: 9 weighings wait for a receipt"):
        outbox.append([draft(), draft()])
    outbox.append([draft()])
    assert outbox.state(NOW).capacity is Capacity.FULL
    with pytest.raises(Unavailable):
        outbox.append([draft()])
    assert_chained(outbox, SCALE, 9)
    assert_chained(outbox, OTHER, 1)
    outbox.close()


def test_receipts_make_room_and_the_oldest_that_has_one_leaves_first(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite", limits=SMALL, clock=lambda: NOW)
    outbox.append([draft(OTHER), draft(OTHER), *(draft() for _ in range(8))])
    mine, other = outbox.journal(SCALE).journal_id, outbox.journal(OTHER).journal_id
    outbox.receipted(mine, 2)
    outbox.receipted(other, 1)
    outbox.append([draft(), draft()])
    assert kept(outbox) == [(OTHER, 2), *((SCALE, seq) for seq in range(2, 11))]
    outbox.append([draft()])
    assert kept(outbox) == [(OTHER, 2), *((SCALE, seq) for seq in range(3, 12))]
    with pytest.raises(JournalFull):
        outbox.append([draft()])
    assert [entry.seq for entry in outbox.pending(mine, after_seq=0, limit=99)] == list(range(3, 12))
    outbox.close()


def kept(outbox: Outbox) -> list[tuple[str, int]]:
    rows = outbox._db.execute(
        "SELECT scale_id, seq, body FROM entries JOIN journals ON journals.number = journal ORDER BY scale_id DESC, seq"
    ).fetchall()
    assert [decode_weighing(body).seq for _scale, _seq, body in rows] == [seq for _scale, seq, _body in rows]
    return [(scale_id, seq) for scale_id, seq, _body in rows]


def test_a_disk_with_little_room_is_full_before_it_is(tmp_path: Path) -> None:
    limits = JournalLimits(min_free_bytes=2**62, warn_free_bytes=2**62)
    outbox = Outbox(tmp_path / "outbox.sqlite", limits=limits)
    with pytest.raises(JournalFull, match="bytes are free on the disk; the journal needs 4611686018427387904"):
        outbox.append([draft()])
    assert outbox.journal(SCALE).last_seq == 0
    outbox.close()


def test_what_leaves_makes_room_within_the_file(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    outbox = Outbox(path, limits=JournalLimits(max_entries=500, warn_free_bytes=2, min_free_bytes=1))
    sizes = []
    for _round in range(8):
        outbox.append([draft() for _ in range(400)])
        outbox.receipted(outbox.journal(SCALE).journal_id, outbox.journal(SCALE).last_seq)
        while outbox.state(NOW).holding.held > 500:
            outbox.append([draft()])
            outbox.receipted(outbox.journal(SCALE).journal_id, outbox.journal(SCALE).last_seq)
        outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sizes.append(path.stat().st_size)
    assert sizes[-1] <= sizes[3] * 1.05, "the file grows no more"
    outbox.close()


def test_the_keeper_signs_prunes_and_says_once_that_room_runs_out(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    now = [NOW]
    outbox = Outbox(path, limits=SMALL, clock=lambda: now[0])
    key = load_or_make_signing_key(path)
    keeper = JournalKeeper(outbox, key, [SCALE, OTHER], lambda: now[0])
    keeper.tend(0.0)
    outbox.append([draft() for _ in range(9)])
    for elapsed in (1.0, 4.9, 5.0, 10.0, 15.0):
        keeper.tend(elapsed)
    kinds = [decode_event(event.body).event.kind for event in outbox.pending_events(99)]
    assert kinds.count(EventKind.JOURNAL_NEARLY_FULL) == 2, "one for each scale"
    assert EventKind.JOURNAL_FULL not in kinds
    (signed,) = outbox.pending_checkpoints(9)
    assert decode_checkpoint(signed.body).head.seq == 9
    assert is_signed_by(decode_checkpoint(signed.body), key.public_key().public_bytes_raw())
    outbox.append([draft()])
    keeper.tend(20.0)
    assert [decode_event(e.body).event.kind for e in outbox.pending_events(99)][-1] is EventKind.JOURNAL_FULL
    outbox.receipted(outbox.journal(SCALE).journal_id, 10)
    now[0] += timedelta(days=91)
    keeper.tend(25.0)
    assert kept(outbox) == []
    assert outbox.state(now[0]).capacity is Capacity.OK
    outbox.close()


def test_a_keeper_goes_on_when_the_disk_does_not(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.append([draft()])
    keeper = JournalKeeper(outbox, Ed25519PrivateKey.generate(), [SCALE], lambda: NOW)
    outbox._db.execute("PRAGMA query_only = ON")
    keeper.tend(0.0)
    assert outbox.pending_checkpoints(1) == []
    outbox._db.execute("PRAGMA query_only = OFF")
    keeper.tend(5.0)
    assert len(outbox.pending_checkpoints(1)) == 1
    outbox.close()
