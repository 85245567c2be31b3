"""What a fleet sends again for want of a receipt, and when."""

from datetime import UTC, datetime

from domain.ids import JournalId, ScaleId
from messages.receipts import Receipt, encode_receipt
from simulators.fleet.fleet_receipts import FleetReceipts
from simulators.fleet.fleet_scales import FleetMessage, FleetScale

SCALE = FleetScale(ScaleId("FLEET-00001"), JournalId("run-00001"), "topic")
MESSAGES = [FleetMessage(SCALE, b"", first_seq=seq, last_seq=seq) for seq in (1, 2, 3)]


def expecting() -> FleetReceipts:
    receipts = FleetReceipts()
    for message in MESSAGES:
        receipts.expect(message, 0.0)
    return receipts


def committed(seq: int) -> bytes:
    return encode_receipt(Receipt(SCALE.journal_id, seq, datetime(2026, 11, 22, tzinfo=UTC)))


def times_sent_again(receipts: FleetReceipts, until_s: int, since_s: int = 0) -> list[int]:
    return [now for now in range(since_s, until_s) if receipts.overdue(float(now), 10.0, 60.0)]


def test_each_time_in_vain_the_wait_doubles_up_to_the_ceiling() -> None:
    assert times_sent_again(expecting(), 300) == [10, 30, 70, 130, 190, 250]


def test_a_receipt_begins_the_wait_anew_and_counts_what_it_covers() -> None:
    receipts = expecting()
    assert times_sent_again(receipts, 40) == [10, 30]
    receipts.hear(committed(2), 40.0)
    assert (receipts.receipted, receipts.latencies_s) == (2, [40.0, 40.0])
    assert receipts.overdue(49.0, 10.0, 60.0) == []
    assert receipts.overdue(50.0, 10.0, 60.0) == [(MESSAGES[2], 0.0)]
    receipts.hear(committed(3), 51.0)
    assert times_sent_again(receipts, 300, 52) == []


def test_what_is_no_receipt_is_counted_and_another_journals_is_passed_over() -> None:
    receipts = expecting()
    receipts.hear(b"no receipt", 1.0)
    receipts.hear(encode_receipt(Receipt(JournalId("other"), 9, datetime(2026, 11, 22, tzinfo=UTC))), 1.0)
    assert (receipts.bad, receipts.receipted) == (1, 0)
