"""Device events and checkpoints in the journal's file: numbered, frozen, and kept until they are delivered."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.device_event import DeviceEvent, EventKind
from domain.ids import JournalId
from edge_agent.journal.journal_messages import is_checkpoint_due
from edge_agent.journal.outbox import Outbox
from messages.chain import digest
from messages.checkpoints import decode_checkpoint, is_signed_by
from messages.events import NumberedEvent, decode_event
from tests.unit.edge_agent.test_outbox import NOW, OTHER, SCALE, draft

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.sqlite", clock=lambda: NOW)
    yield opened
    opened.close()


def tare(grams: int) -> DeviceEvent:
    return DeviceEvent(kind=EventKind.TARE, at=NOW + timedelta(seconds=grams), detail={"grams": grams})


def numbers(outbox: Outbox, limit: int = 99) -> list[tuple[str, int]]:
    return [(event.scale_id, event.place) for event in outbox.pending_events(limit)]


def test_a_journal_begins_with_an_event_that_says_so(outbox: Outbox) -> None:
    journal = outbox.journal(SCALE)
    outbox.journal(SCALE)
    (pending,) = outbox.pending_events(9)
    begun = DeviceEvent(kind=EventKind.JOURNAL_BEGUN, at=NOW, detail={"because": "first_start"})
    assert decode_event(pending.body) == NumberedEvent(journal.journal_id, 1, begun)


def test_events_are_numbered_by_journal_and_wait_in_their_order(outbox: Outbox) -> None:
    assert outbox.add_events(SCALE, [tare(1), tare(2)]) == [2, 3]
    assert outbox.add_events(OTHER, [tare(3)]) == [2]
    assert outbox.add_events(SCALE, [tare(4)]) == [4]
    assert numbers(outbox) == [(SCALE, 1), (SCALE, 2), (SCALE, 3), (OTHER, 1), (OTHER, 2), (SCALE, 4)]
    assert numbers(outbox, 2) == [(SCALE, 1), (SCALE, 2)]
    event = decode_event(outbox.pending_events(9)[4].body)
    assert (event.journal_id, event.event_no, event.event) == (outbox.journal(OTHER).journal_id, 2, tare(3))


def test_what_is_delivered_waits_no_more_and_an_answer_to_nothing_changes_nothing(outbox: Outbox) -> None:
    outbox.add_events(SCALE, [tare(1), tare(2)])
    journal_id = outbox.journal(SCALE).journal_id
    outbox.event_delivered(journal_id, 2)
    for event_no in (1, 4, 0):
        outbox.event_delivered(journal_id, event_no)
    outbox.event_delivered(JournalId("nobody"), 3)
    assert numbers(outbox) == [(SCALE, 3)]


def test_delivered_events_leave_with_their_age_and_others_never(outbox: Outbox) -> None:
    outbox.add_events(SCALE, [tare(number) for number in range(1, 250)])
    journal_id = outbox.journal(SCALE).journal_id
    outbox.event_delivered(journal_id, 240)
    late = NOW + timedelta(days=90, seconds=205)
    assert [outbox.prune(late) for _ in range(4)] == [100, 100, 5, 0]
    outbox.event_delivered(journal_id, 250)
    assert outbox.prune(NOW + timedelta(days=365)) == 45
    assert outbox.add_events(SCALE, [tare(1)]) == [251]
    assert numbers(outbox) == [(SCALE, 251)]


@pytest.mark.parametrize(
    ("last_seq", "signed_seq", "signed_at", "expected"),
    [
        (0, 0, None, False),
        (1, 0, None, True),
        (1, 1, NOW - timedelta(days=9), False),
        (100, 1, NOW, False),
        (101, 1, NOW, True),
        (2, 1, NOW - timedelta(minutes=10), True),
        (2, 1, NOW - timedelta(minutes=9, seconds=59), False),
        (2, 1, NOW + timedelta(minutes=9), False),
        (2, 1, NOW + timedelta(days=365), True),
    ],
    ids=["none", "the first", "nothing new", "99", "100", "10 min", "a little less", "clock back", "clock far back"],
)
def test_a_head_is_signed_when_enough_is_new_or_has_waited(
    last_seq: int, signed_seq: int, signed_at: datetime | None, expected: bool
) -> None:
    due = is_checkpoint_due(last_seq=last_seq, signed_seq=signed_seq, signed_at=signed_at, now=NOW)
    assert due is expected


def test_each_journal_is_signed_when_it_is_due_and_no_twice(outbox: Outbox) -> None:
    assert not outbox.checkpoint_due(NOW)
    outbox.append([draft(), draft(), draft(OTHER)])
    assert outbox.checkpoint_due(NOW)
    assert outbox.sign_checkpoints(KEY, NOW) == 2
    outbox.append([draft()])
    assert not outbox.checkpoint_due(NOW)
    assert outbox.sign_checkpoints(KEY, NOW) == 0
    assert outbox.sign_checkpoints(KEY, LATER) == 1
    assert [(one.scale_id, one.place) for one in outbox.pending_checkpoints(9)] == [(SCALE, 2), (OTHER, 1), (SCALE, 3)]
    journal_id = outbox.journal(SCALE).journal_id
    last = decode_checkpoint(outbox.pending_checkpoints(9)[-1].body)
    body = outbox.pending(journal_id, after_seq=2, limit=1)[0].body
    assert (last.head.journal_id, last.head.seq, last.head.digest, last.head.at) == (journal_id, 3, digest(body), LATER)
    assert is_signed_by(last, KEY.public_key().public_bytes_raw())
    for seq in (2, 99, 1):
        outbox.checkpoint_delivered(journal_id, seq)
    assert [(one.scale_id, one.place) for one in outbox.pending_checkpoints(9)] == [(OTHER, 1), (SCALE, 3)]


def test_the_checkpoints_of_one_journal_say_nothing_of_another(outbox: Outbox) -> None:
    for number in range(3):
        outbox.append([draft()])
        outbox.sign_checkpoints(KEY, NOW + timedelta(minutes=10 * number))
    outbox.append([draft(OTHER)])
    assert outbox.sign_checkpoints(KEY, NOW + timedelta(minutes=20)) == 1
    outbox.append([draft(OTHER) for _ in range(100)])
    outbox.append([draft()])
    assert outbox.sign_checkpoints(KEY, NOW + timedelta(minutes=20)) == 1
    assert [(one.scale_id, one.place) for one in outbox.pending_checkpoints(9)][3:] == [(OTHER, 1), (OTHER, 101)]
    outbox.checkpoint_delivered(outbox.journal(OTHER).journal_id, 101)
    assert [(one.scale_id, one.place) for one in outbox.pending_checkpoints(9)] == [(SCALE, seq) for seq in (1, 2, 3)]


def test_checkpoints_leave_with_what_they_sign_and_only_when_delivered(outbox: Outbox) -> None:
    outbox.append([draft()])
    outbox.sign_checkpoints(KEY, NOW)
    outbox.append([draft()])
    outbox.sign_checkpoints(KEY, LATER)
    outbox.append([draft()])
    journal_id = outbox.journal(SCALE).journal_id
    outbox.receipted(journal_id, 2)
    outbox.checkpoint_delivered(journal_id, 2)
    outbox.prune(NOW + timedelta(days=91))
    seqs = [seq for (seq,) in outbox._db.execute("SELECT seq FROM checkpoints")]
    assert seqs == [2], "the one of the last entry that left still says where the chain goes on"
