"""The courier: which messages go to the broker next, and which leave the outbox. `delivery.py` decides, this acts."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import structlog

from domain.ids import JournalId, MarketId, ScaleId
from edge_agent.journal.outbox import Entry, Outbox
from edge_agent.link import delivery
from edge_agent.link.delivery import DeliveryRules, Lane
from messages.limits import MAX_PAYLOAD_BYTES
from messages.topics import ScaleChannel, ScaleTopic
from messages.weighings import encode_envelope

ANSWER_WITHIN_S: Final = 30.0
_ENVELOPE_BYTES: Final = 1024  # around the weighings of a message
_BURST: Final = 8  # backlog messages before what was weighed meanwhile is looked for again

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.link.courier")


@dataclass(frozen=True, slots=True)
class _Flight:
    journal_id: JournalId
    lane: Lane
    sent_at: float


class Publisher(Protocol):
    """What the courier needs of a connection."""

    def publish(self, topic: str, payload: bytes) -> int | None:
        """Hand a message over and return its id; None where the connection is gone."""
        ...


class SendingWatch(Protocol):
    """Who is told when weighings are first handed over (the clock's offset is reckoned from their receipts)."""

    def first_sent(self, journal_id: JournalId, last_seq: int, elapsed_s: float) -> None:
        """Everything of a journal up to `last_seq` went out; `last_seq` never did before."""
        ...


class Courier:
    """Carries the weighings of some journals, for one thread. Raises Unavailable where the disk fails it.

    Live lanes come first, then backlogs, each journal in its turn; neither kind may fill the whole window.
    """

    def __init__(
        self,
        *,
        market_id: MarketId,
        journals: Mapping[JournalId, ScaleId],
        outbox: Outbox,
        rules: DeliveryRules,
        clock: Callable[[], datetime],
        watch: SendingWatch | None = None,
    ) -> None:
        self._topics = {
            journal_id: str(ScaleTopic(market_id, scale_id, ScaleChannel.WEIGHINGS))
            for journal_id, scale_id in journals.items()
        }
        self._outbox, self._rules, self._clock, self._watch = outbox, rules, clock, watch
        self._deliveries = {
            journal_id: delivery.begin(outbox.committed(journal_id), outbox.last_seq(journal_id))
            for journal_id in journals
        }
        # What an earlier run has sent may be receipted for that.
        self._highest_sent = {journal_id: known.live_from for journal_id, known in self._deliveries.items()}
        self._turns: dict[Lane, list[JournalId]] = {lane: list(journals) for lane in Lane}  # who is next comes first
        self._flights: dict[int, _Flight] = {}  # by message id, until the broker answers; the oldest first
        self._answered_at = 0.0
        self._chance = random.Random().random  # noqa: S311 - jitter, not a secret

    def reconnected(self) -> None:
        """Begin again behind the last receipts: a new connection knows nothing of the old one's messages."""
        self.forget_flights()
        for journal_id, known in self._deliveries.items():
            self._deliveries[journal_id] = delivery.begin(known.committed, self._outbox.last_seq(journal_id))

    def forget_flights(self) -> None:
        """The connection is gone: nobody will answer."""
        self._flights.clear()

    def take_receipt(self, journal_id: JournalId, committed_seq: int, now: float) -> None:
        """Forget what the service has committed."""
        if committed_seq > self._outbox.last_seq(journal_id):
            log.error("receipt_ahead_of_journal", journal_id=journal_id, committed_seq=committed_seq)
            return
        known = self._deliveries[journal_id]
        if committed_seq <= known.committed:
            return  # an old one costs no transaction
        self._outbox.receipted(journal_id, committed_seq)
        self._deliveries[journal_id] = delivery.after_receipt(self._rules, known, committed_seq, now, self._chance())

    def take_answer(self, mid: int, *, taken: bool, now: float) -> None:
        """Note the broker's answer to a message; what it did not take is tried again later."""
        flight = self._flights.pop(mid, None)
        if flight is None:
            return
        self._answered_at = now
        if not taken:
            known = self._deliveries[flight.journal_id]
            self._deliveries[flight.journal_id] = delivery.after_refusal(
                self._rules, known, flight.lane, now, self._chance()
            )

    def is_unanswered(self, now: float, within_s: float = ANSWER_WITHIN_S) -> bool:
        """Say whether the broker has answered nothing for so long, while a message waits, that it never will.

        A broker that is only slow goes on answering: who leaves it has the whole window sent to it once more.
        """
        oldest = next(iter(self._flights.values()), None)
        return oldest is not None and now - max(oldest.sent_at, self._answered_at) > within_s

    def send(self, publisher: Publisher, now: float) -> bool:
        """Send what there is until nothing is left, the window is full, or a burst of backlog has gone.

        Return whether there may be more to send at once: the caller looks for receipts and the like in between.
        """
        for journal_id, known in self._deliveries.items():
            self._deliveries[journal_id] = delivery.after_waiting(known, now)
        self._send_lane(publisher, Lane.LIVE, self._rules.window, now)
        return self._send_lane(publisher, Lane.BACKLOG, _BURST, now)

    def _send_lane(self, publisher: Publisher, lane: Lane, most: int, now: float) -> bool:
        """Send up to `most` messages of a lane, a journal after the other, and say whether that was cut short."""
        turns, self._turns[lane] = self._turns[lane], []
        idle: list[JournalId] = []
        while turns and self._may_send(lane) and most > 0:
            journal_id = turns.pop(0)
            if self._send_one(publisher, journal_id, lane, now):
                turns.append(journal_id)
                most -= 1
            else:
                idle.append(journal_id)
        self._turns[lane] = turns + idle
        return bool(turns) and most == 0

    def _may_send(self, lane: Lane) -> bool:
        of_lane = sum(flight.lane is lane for flight in self._flights.values())
        most = self._rules.live_window if lane is Lane.LIVE else self._rules.backlog_window
        return of_lane < most and len(self._flights) < self._rules.window

    def _send_one(self, publisher: Publisher, journal_id: JournalId, lane: Lane, now: float) -> bool:
        """Send one message of a journal's lane, and say whether there was one."""
        known = self._deliveries[journal_id]
        room = delivery.room(self._rules, known, lane)
        if room == 0:
            return False
        entries = self._outbox.pending(journal_id, after_seq=delivery.position(known, lane), limit=room)
        entries = entries[: _fitting(entries)]
        if not entries:
            return False
        payload = encode_envelope(journal_id, self._clock(), [entry.body for entry in entries])
        mid = publisher.publish(self._topics[journal_id], payload)
        if mid is None:
            return False
        last_seq = entries[-1].seq
        self._flights[mid] = _Flight(journal_id, lane, now)
        self._deliveries[journal_id] = delivery.after_sending(self._rules, known, lane, last_seq, now, self._chance())
        self._tell_watch(journal_id, last_seq, now)
        return True

    def _tell_watch(self, journal_id: JournalId, last_seq: int, now: float) -> None:
        if last_seq > self._highest_sent[journal_id]:
            self._highest_sent[journal_id] = last_seq
            if self._watch is not None:
                self._watch.first_sent(journal_id, last_seq, now)


def _fitting(entries: Sequence[Entry]) -> int:
    """Return how many of the entries, at least one, the contract lets into one message."""
    size = _ENVELOPE_BYTES
    for count, entry in enumerate(entries):
        size += len(entry.body) + 1
        if count > 0 and size > MAX_PAYLOAD_BYTES:
            return count
    return len(entries)
