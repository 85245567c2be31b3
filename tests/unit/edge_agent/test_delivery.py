"""What is sent, what is sent again, and what waits: decisions, then the courier that acts on them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import JournalId, MarketId
from edge_agent import delivery
from edge_agent.backoff import delay_s
from edge_agent.courier import ANSWER_WITHIN_S, Courier
from edge_agent.delivery import Delivery, DeliveryRules
from edge_agent.outbox import Outbox
from messages.weighings import decode_envelope, decode_weighing
from tests.unit.edge_agent.test_outbox import OTHER, SCALE, draft

RULES = DeliveryRules(window=3, batch=4, ahead=10, resend_after_s=10, resend_ceiling_s=60)


@pytest.mark.parametrize(("attempt", "wait_s"), [(0, 10), (1, 20), (2, 40), (3, 60), (50, 60)])
def test_waiting_doubles_up_to_the_ceiling_and_jitter_adds_a_quarter_at_most(attempt: int, wait_s: int) -> None:
    assert delay_s(attempt, first_s=10, ceiling_s=60, chance=0) == wait_s
    assert wait_s < delay_s(attempt, first_s=10, ceiling_s=60, chance=0.999) < wait_s * 1.25


def test_what_is_unreceipted_is_sent_again_after_ten_seconds_and_then_after_twenty() -> None:
    sent = delivery.after_sending(RULES, delivery.begin(5), 8, now=100.0, chance=0)
    assert delivery.after_waiting(sent, 109.9).sent == 8
    again = delivery.after_waiting(sent, 110.0)
    assert (again.sent, again.attempt) == (5, 1)
    assert delivery.after_sending(RULES, again, 8, now=110.0, chance=0).resend_at == 130.0


def test_the_oldest_unreceipted_weighing_sets_the_time() -> None:
    sent = delivery.after_sending(RULES, delivery.begin(0), 1, now=100.0, chance=0)
    assert delivery.after_sending(RULES, sent, 2, now=105.0, chance=0).resend_at == 110.0


def test_a_receipt_for_a_part_gives_the_rest_its_full_time() -> None:
    sent = delivery.after_sending(RULES, delivery.begin(0), 4, now=100.0, chance=0)
    part = delivery.after_receipt(RULES, sent, 2, now=109.0, chance=0)
    assert part == Delivery(committed=2, sent=4, resend_at=119.0)
    assert delivery.after_receipt(RULES, part, 4, now=110.0, chance=0).resend_at is None


def test_an_old_receipt_changes_nothing() -> None:
    sent = delivery.after_sending(RULES, delivery.begin(5), 8, now=100.0, chance=0)
    assert delivery.after_receipt(RULES, sent, 5, now=101.0, chance=0) is sent


def test_a_refused_message_is_tried_again_but_not_at_once() -> None:
    sent = delivery.after_sending(RULES, delivery.begin(0), 4, now=100.0, chance=0)
    refused = delivery.after_refusal(RULES, sent, now=101.0, chance=0)
    assert delivery.room(RULES, refused) == 0
    assert delivery.room(RULES, delivery.after_waiting(refused, 110.9)) == 0
    assert delivery.room(RULES, delivery.after_waiting(refused, 111.0)) == RULES.batch


def test_no_more_is_sent_ahead_of_the_receipts_than_allowed() -> None:
    sent = delivery.after_sending(RULES, delivery.begin(0), 8, now=100.0, chance=0)
    assert delivery.room(RULES, sent) == 2
    assert delivery.room(RULES, delivery.after_sending(RULES, sent, 10, now=100.0, chance=0)) == 0


@given(st.lists(st.tuples(st.sampled_from(["send", "receipt", "refuse", "wait", "reconnect"]), st.integers(0, 30))))
def test_whatever_happens_nothing_is_thought_sent_that_was_not_or_forgotten(steps: list[tuple[str, int]]) -> None:
    state, last, now = delivery.begin(0), 20, 0.0
    for step, number in steps:
        now += number
        before = state
        if step == "send" and delivery.room(RULES, state) > 0 and state.sent < last:
            state = delivery.after_sending(RULES, state, min(last, state.sent + 1), now, 0.5)
        elif step == "receipt":
            state = delivery.after_receipt(RULES, state, min(number, last), now, 0.5)
        elif step == "refuse":
            state = delivery.after_refusal(RULES, state, now, 0.5)
        elif step == "wait":
            state = delivery.after_waiting(state, now)
        elif step == "reconnect":
            state = delivery.after_reconnecting(state)
        assert before.committed <= state.committed <= state.sent <= last
        assert state.resend_at is not None or state.sent == state.committed


class Wire:
    """A connection that notes what it is given."""

    def __init__(self) -> None:
        self.sent: list[list[int]] = []
        self.is_gone = False

    def publish(self, topic: str, payload: bytes) -> int | None:
        if self.is_gone:
            return None
        self.sent.append([decode_weighing(body).seq for body in decode_envelope(payload).weighings])
        return len(self.sent)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.sqlite")
    yield opened
    opened.close()


def courier_of(outbox: Outbox, rules: DeliveryRules = RULES) -> tuple[Courier, JournalId]:
    journals = {outbox.journal(scale_id).journal_id: scale_id for scale_id in (SCALE, OTHER)}
    courier = Courier(
        market_id=MarketId("m"), journals=journals, outbox=outbox, rules=rules, clock=lambda: datetime.now(UTC)
    )
    return courier, outbox.journal(SCALE).journal_id


def test_a_backlog_goes_in_batches_until_the_window_is_full(outbox: Outbox) -> None:
    outbox.append([draft()] * 30)
    courier, _journal = courier_of(outbox, DeliveryRules(window=3, batch=4, ahead=100))
    wire = Wire()
    courier.send(wire, 0)
    assert wire.sent == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]
    courier.take_answer(1, taken=True, now=0)
    courier.send(wire, 0)
    assert wire.sent[3:] == [[13, 14, 15, 16]]


def test_a_journal_with_a_backlog_does_not_keep_the_others_waiting(outbox: Outbox) -> None:
    outbox.append([draft()] * 30 + [draft(OTHER)])
    courier, _journal = courier_of(outbox)
    wire = Wire()
    courier.send(wire, 0)
    assert [1] in wire.sent


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
