"""The courier: which weighings go to the broker next, and which leave the outbox. `delivery.py` decides, this acts."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import structlog

from domain.ids import JournalId, MarketId, ScaleId
from edge_agent import delivery
from edge_agent.delivery import DeliveryRules
from edge_agent.outbox import Outbox
from messages.topics import ScaleChannel, ScaleTopic
from messages.weighings import encode_envelope

ANSWER_WITHIN_S: Final = 30.0

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.courier")


@dataclass(frozen=True, slots=True)
class _Flight:
    journal_id: JournalId
    sent_at: float


class Publisher(Protocol):
    """What the courier needs of a connection."""

    def publish(self, topic: str, payload: bytes) -> int | None:
        """Hand a message over and return its id; None where the connection is gone."""
        ...


class Courier:
    """Carries the weighings of some journals, for one thread. Raises Unavailable where the disk fails it."""

    def __init__(
        self,
        *,
        market_id: MarketId,
        journals: Mapping[JournalId, ScaleId],
        outbox: Outbox,
        rules: DeliveryRules,
        clock: Callable[[], datetime],
    ) -> None:
        self._topics = {
            journal_id: str(ScaleTopic(market_id, scale_id, ScaleChannel.WEIGHINGS))
            for journal_id, scale_id in journals.items()
        }
        self._outbox, self._rules, self._clock = outbox, rules, clock
        self._deliveries = {journal_id: delivery.begin(outbox.committed(journal_id)) for journal_id in journals}
        self._flights: dict[int, _Flight] = {}  # by message id, until the broker answers; the oldest first
        self._chance = random.Random().random  # noqa: S311 - jitter, not a secret

    def reconnected(self) -> None:
        """Begin again behind the last receipts: a new connection knows nothing of the old one's messages."""
        self.forget_flights()
        for journal_id, known in self._deliveries.items():
            self._deliveries[journal_id] = delivery.after_reconnecting(known)

    def forget_flights(self) -> None:
        """The connection is gone: nobody will answer."""
        self._flights.clear()

    def take_receipt(self, journal_id: JournalId, committed_seq: int, now: float) -> None:
        """Forget what the service has committed."""
        if committed_seq > self._outbox.last_seq(journal_id):
            log.error("receipt_ahead_of_journal", journal_id=journal_id, committed_seq=committed_seq)
            return
        self._outbox.receipted(journal_id, committed_seq)
        known = self._deliveries[journal_id]
        self._deliveries[journal_id] = delivery.after_receipt(self._rules, known, committed_seq, now, self._chance())

    def take_answer(self, mid: int, *, taken: bool, now: float) -> None:
        """Note the broker's answer to a message; what it did not take is tried again later."""
        flight = self._flights.pop(mid, None)
        if flight is not None and not taken:
            known = self._deliveries[flight.journal_id]
            self._deliveries[flight.journal_id] = delivery.after_refusal(self._rules, known, now, self._chance())

    def is_unanswered(self, now: float) -> bool:
        """Say whether the broker has kept a message without an answer for so long that it never will."""
        oldest = next(iter(self._flights.values()), None)
        return oldest is not None and now - oldest.sent_at > ANSWER_WITHIN_S

    def send(self, publisher: Publisher, now: float) -> None:
        """Send what there is, a message a journal in turn, until nothing is left or the window is full."""
        for journal_id, known in self._deliveries.items():
            self._deliveries[journal_id] = delivery.after_waiting(known, now)
        waiting = list(self._deliveries)
        while waiting:
            waiting = [journal_id for journal_id in waiting if self._send_one(publisher, journal_id, now)]

    def _send_one(self, publisher: Publisher, journal_id: JournalId, now: float) -> bool:
        """Send one message of a journal, and say whether there may be another."""
        known = self._deliveries[journal_id]
        room = delivery.room(self._rules, known)
        if len(self._flights) >= self._rules.window or room <= 0:
            return False
        entries = self._outbox.pending(journal_id, after_seq=known.sent, limit=room)
        if not entries:
            return False
        payload = encode_envelope(journal_id, self._clock(), [entry.body for entry in entries])
        mid = publisher.publish(self._topics[journal_id], payload)
        if mid is None:
            return False
        self._flights[mid] = _Flight(journal_id, now)
        self._deliveries[journal_id] = delivery.after_sending(self._rules, known, entries[-1].seq, now, self._chance())
        return len(entries) == room
