"""The courier acts on the decisions: batches, windows, turns, and live weighings beside a backlog."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ids import JournalId, MarketId, ScaleId
from edge_agent.journal.outbox import Outbox
from edge_agent.link.courier import ANSWER_WITHIN_S, Courier
from edge_agent.link.delivery import DeliveryRules
from edge_agent.weighing.recording import Draft
from messages.limits import MAX_PAYLOAD_BYTES
from messages.topics import parse_scale_topic
from messages.weighings import decode_envelope, decode_weighing
from tests.unit.edge_agent.test_outbox import OTHER, SCALE, draft

RULES = DeliveryRules(window=3, batch=4, ahead=10, resend_after_s=10, resend_ceiling_s=60)


class Wire:
    """A connection that notes what it is given."""

    def __init__(self) -> None:
        self.sent: list[list[int]] = []
        self.scales: list[ScaleId] = []
        self.largest = 0
        self.is_gone = False

    def publish(self, topic: str, payload: bytes) -> int | None:
        if self.is_gone:
            return None
        self.scales.append(parse_scale_topic(topic).scale_id)
        self.largest = max(self.largest, len(payload))
        self.sent.append([decode_weighing(body).seq for body in decode_envelope(payload).weighings])
        return len(self.sent)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.sqlite")
    yield opened
    opened.close()


def courier_of(
    outbox: Outbox, rules: DeliveryRules = RULES, scales: tuple[ScaleId, ...] = (SCALE, OTHER)
) -> tuple[Courier, JournalId]:
    journals = {outbox.journal(scale_id).journal_id: scale_id for scale_id in scales}
    courier = Courier(
        market_id=MarketId("m"), journals=journals, outbox=outbox, rules=rules, clock=lambda: datetime.now(UTC)
    )
    return courier, outbox.journal(SCALE).journal_id


def test_a_backlog_goes_in_batches_until_the_window_is_full(outbox: Outbox) -> None:
    outbox.append([draft()] * 30)
    courier, _journal = courier_of(outbox, DeliveryRules(window=4, batch=4, ahead=100))
    wire = Wire()
    courier.send(wire, 0)
    assert wire.sent == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]  # one place is kept for what is weighed now
    courier.take_answer(1, taken=True, now=0)
    courier.send(wire, 0)
    assert wire.sent[3:] == [[13, 14, 15, 16]]


def test_a_journal_with_a_backlog_does_not_keep_the_others_waiting(outbox: Outbox) -> None:
    outbox.append([draft()] * 30 + [draft(OTHER)])
    courier, _journal = courier_of(outbox)
    wire = Wire()
    courier.send(wire, 0)
    assert [1] in wire.sent


def test_what_is_weighed_now_goes_out_beside_a_backlog_and_both_are_receipted_in_the_end(outbox: Outbox) -> None:
    outbox.append([draft()] * 12)
    courier, journal = courier_of(outbox, DeliveryRules(window=3, batch=4, ahead=100))
    wire = Wire()
    courier.send(wire, 0)
    assert wire.sent == [[1, 2, 3, 4], [5, 6, 7, 8]]
    outbox.append([draft()])
    courier.send(wire, 0)
    assert wire.sent[2:] == [[13]]
    for mid in (1, 2, 3):
        courier.take_answer(mid, taken=True, now=0)
    courier.take_receipt(journal, 8, 0)
    courier.send(wire, 0)
    assert wire.sent[3:] == [[9, 10, 11, 12]]
    courier.take_receipt(journal, 13, 0)
    assert outbox.depth(journal) == 0
    courier.send(wire, 1000)
    assert len(wire.sent) == 4, "what has its receipt is not sent again"


def test_backlogs_take_turns(outbox: Outbox) -> None:
    scales = tuple(ScaleId(f"S{n}") for n in range(5))
    outbox.append([draft(scale_id) for scale_id in scales for _ in range(8)])
    courier, _journal = courier_of(outbox, DeliveryRules(window=3, batch=4, ahead=100), scales)
    wire = Wire()
    for mid in range(1, 20):
        courier.send(wire, 0)
        courier.take_answer(mid, taken=True, now=0)
    assert [sorted(wire.scales[:5]), sorted(wire.scales[5:])] == [list(scales), list(scales)]


def test_a_burst_of_backlog_ends_so_that_others_are_looked_at(outbox: Outbox) -> None:
    outbox.append([draft()] * 40)
    courier, _journal = courier_of(outbox, DeliveryRules(window=200, batch=1, ahead=1000))
    wire = Wire()
    assert courier.send(wire, 0)
    assert len(wire.sent) < 40
    while courier.send(wire, 0):
        pass
    assert [seq for message in wire.sent for seq in message] == list(range(1, 41))
    assert not courier.send(wire, 0)


@settings(max_examples=25, deadline=None)
@given(backlog=st.integers(0, 300), window=st.integers(20, 40), others=st.integers(0, 6))
def test_however_long_the_backlogs_a_weighing_of_now_waits_for_no_more_than_a_window_of_messages(
    tmp_path_factory: pytest.TempPathFactory, backlog: int, window: int, others: int
) -> None:
    """A broker takes messages in the order they are given: what is in flight is what a weighing waits behind."""
    scales = (SCALE, *(ScaleId(f"S{n}") for n in range(others)))
    outbox = Outbox(tmp_path_factory.mktemp("box") / "outbox.sqlite")
    try:
        outbox.append([draft(scale_id) for scale_id in scales for _ in range(backlog)])
        courier, _journal = courier_of(outbox, DeliveryRules(window=window, batch=4), scales)
        wire = Wire()
        while courier.send(wire, 0):
            pass
        outbox.append([draft()])
        courier.send(wire, 0)
        assert wire.sent[: window + 1].count([backlog + 1]) == 1
    finally:
        outbox.close()


def test_a_message_is_never_larger_than_the_contract_allows(outbox: Outbox) -> None:
    large = draft()
    large = Draft(scale_id=SCALE, weighing=replace(large.weighing, name="秤" * 120, ticket_no="票" * 120))
    outbox.append([large] * 600)
    courier, _journal = courier_of(outbox, DeliveryRules(window=20, batch=500))
    wire = Wire()
    while courier.send(wire, 0):
        pass
    assert MAX_PAYLOAD_BYTES // 2 < wire.largest <= MAX_PAYLOAD_BYTES
    assert [seq for message in wire.sent for seq in message] == list(range(1, 601))


def test_a_single_weighing_goes_at_once_and_leaves_with_its_receipt(outbox: Outbox) -> None:
    courier, journal = courier_of(outbox)
    wire = Wire()
    outbox.append([draft()])
    courier.send(wire, 0)
    assert wire.sent == [[1]]
    assert outbox.depth(journal) == 1
    courier.take_receipt(journal, 1, 0)
    assert outbox.depth(journal) == 0


def test_after_reconnecting_everything_unreceipted_goes_again_in_order(outbox: Outbox) -> None:
    courier, journal = courier_of(outbox)
    wire = Wire()
    outbox.append([draft()] * 6)
    courier.send(wire, 0)
    courier.take_receipt(journal, 2, 0)
    courier.reconnected()
    again = Wire()
    courier.send(again, 0)
    assert again.sent == [[3, 4, 5, 6]]


def test_a_receipt_ahead_of_the_journal_is_not_believed(outbox: Outbox) -> None:
    courier, journal = courier_of(outbox)
    outbox.append([draft()])
    courier.take_receipt(journal, 99, 0)
    assert outbox.depth(journal) == 1


def test_a_refused_message_goes_again_later(outbox: Outbox) -> None:
    courier, _journal = courier_of(outbox)
    wire = Wire()
    outbox.append([draft()])
    courier.send(wire, 0)
    courier.take_answer(1, taken=False, now=0)
    courier.send(wire, 1)
    assert wire.sent == [[1]]
    courier.send(wire, 20)
    assert wire.sent == [[1], [1]]


def test_what_could_not_be_handed_over_is_not_thought_sent(outbox: Outbox) -> None:
    courier, _journal = courier_of(outbox)
    wire = Wire()
    wire.is_gone = True
    outbox.append([draft()])
    courier.send(wire, 0)
    wire.is_gone = False
    courier.send(wire, 0)
    assert wire.sent == [[1]]


def test_a_broker_that_never_answers_is_noticed(outbox: Outbox) -> None:
    courier, _journal = courier_of(outbox)
    outbox.append([draft()])
    courier.send(Wire(), 0)
    assert not courier.is_unanswered(ANSWER_WITHIN_S)
    assert courier.is_unanswered(ANSWER_WITHIN_S + 1)
    courier.forget_flights()
    assert not courier.is_unanswered(ANSWER_WITHIN_S + 1)


def test_a_broker_that_is_only_slow_is_not_left(outbox: Outbox) -> None:
    """It answers one message every 25 s: who leaves it sends all of them again, and makes it slower."""
    courier, _journal = courier_of(outbox, DeliveryRules(window=10, batch=1, ahead=100))
    outbox.append([draft() for _ in range(8)])
    courier.send(Wire(), 0)
    for mid in range(1, 6):
        assert not courier.is_unanswered(mid * 25)
        courier.take_answer(mid, taken=True, now=mid * 25)
    assert not courier.is_unanswered(5 * 25 + ANSWER_WITHIN_S)
    assert courier.is_unanswered(5 * 25 + ANSWER_WITHIN_S + 1)
