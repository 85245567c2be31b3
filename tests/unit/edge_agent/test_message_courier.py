"""Device events and checkpoints: at least once, in order, a few at a time."""

from collections.abc import Sequence

from domain.ids import JournalId, MarketId, ScaleId
from edge_agent.journal.journal_messages import PendingMessage
from edge_agent.link.message_courier import WINDOW, MessageCourier
from messages.topics import ScaleChannel

SCALE, JOURNAL = ScaleId("SC-001"), JournalId("j")


class Store:
    """Delivered is a number, as in the outbox: up to it, everything is."""

    def __init__(self, count: int) -> None:
        self.count, self.delivered_up_to = count, 0

    def pending(self, limit: int) -> Sequence[PendingMessage]:
        first = self.delivered_up_to + 1
        return [
            PendingMessage(scale_id=SCALE, journal_id=JOURNAL, place=place, body=b"event %d" % place)
            for place in range(first, min(self.count + 1, first + limit))
        ]

    def delivered(self, journal_id: JournalId, place: int) -> None:
        assert journal_id == JOURNAL
        self.delivered_up_to = max(self.delivered_up_to, place)


class Wire:
    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.is_gone = False

    def publish(self, topic: str, payload: bytes) -> int | None:
        if self.is_gone:
            return None
        self.sent.append((topic, payload))
        return len(self.sent)


def courier_of(store: Store) -> MessageCourier:
    return MessageCourier(MarketId("m"), ScaleChannel.EVENTS, pending=store.pending, delivered=store.delivered)


def bodies(wire: Wire) -> list[bytes]:
    return [payload for _topic, payload in wire.sent]


def test_messages_go_in_order_a_few_at_a_time_until_each_is_answered() -> None:
    store, wire = Store(20), Wire()
    courier = courier_of(store)
    for mid in range(1, 21):
        courier.send(wire, 0)
        assert len(wire.sent) <= mid - 1 + WINDOW
        courier.take_answer(mid, taken=True, now=0)
    assert wire.sent == [("steelyard/v1/m/SC-001/events", b"event %d" % n) for n in range(1, 21)]
    assert store.delivered_up_to == 20


def test_what_was_not_answered_goes_again_on_the_next_connection() -> None:
    store, wire = Store(2), Wire()
    courier = courier_of(store)
    courier.send(wire, 0)
    assert not courier.is_unanswered(10, within_s=10)
    assert courier.is_unanswered(11, within_s=10)
    courier.take_answer(1, taken=True, now=11)
    assert not courier.is_unanswered(21, within_s=10), "it answers, if slowly"
    courier.forget_flights()
    courier.send(wire, 20)
    assert bodies(wire) == [b"event 1", b"event 2", b"event 2"]


def test_a_refused_message_is_not_thought_delivered_because_a_later_one_is() -> None:
    store, wire = Store(3), Wire()
    courier = courier_of(store)
    courier.send(wire, 0)
    courier.take_answer(1, taken=True, now=0)
    courier.take_answer(2, taken=False, now=0)
    courier.take_answer(3, taken=True, now=0)
    assert store.delivered_up_to == 1
    courier.send(wire, 9)
    assert len(wire.sent) == 3, "not at once"
    courier.send(wire, 13)
    assert bodies(wire)[3:] == [b"event 2", b"event 3"]


def test_an_answer_to_somebody_elses_message_is_no_answer() -> None:
    store, wire = Store(1), Wire()
    courier = courier_of(store)
    courier.send(wire, 0)
    courier.take_answer(99, taken=True, now=0)
    assert store.delivered_up_to == 0


def test_what_could_not_be_handed_over_waits() -> None:
    store, wire = Store(1), Wire()
    wire.is_gone = True
    courier = courier_of(store)
    courier.send(wire, 0)
    wire.is_gone = False
    courier.send(wire, 0)
    assert len(wire.sent) == 1
