"""From a delivered message to weighings that can be stored and refusals that are kept. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np

from db.journals import JournalKey
from db.quarantine import HeldMessage
from domain.errors import BadMessage
from ingest.checkpoints import ArrivedCheckpoint, read_checkpoint
from ingest.columns import Columns, Source, columns_of, may_be_refused
from ingest.device_events import ArrivedEvent, read_event
from ingest.instants import microseconds
from messages.topics import ScaleChannel, ScaleTopic, parse_scale_topic
from messages.weighings import (
    WireWeighing,
    decode_envelope,
    decode_weighing,
    encode_envelope,
    may_hold_bad_text,
    read_wire,
    readable_seq,
)
from pricing.policy import Acceptance

#: The reason of a refusal that is our own fault: look at the log and mend the code.
OUR_BUG = "our_bug"
#: The reason of a refusal that is a clock's fault.
UNBELIEVABLE_TIME = "unbelievable_time"
_US = timedelta(microseconds=1)
_TAKEN_IN = frozenset({ScaleChannel.WEIGHINGS, ScaleChannel.EVENTS, ScaleChannel.CHECKPOINTS})


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as the broker delivered it."""

    topic: str
    payload: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Read:
    """What a batch of deliveries holds."""

    columns: Columns
    refused: list[HeldMessage]
    events: list[ArrivedEvent] = field(default_factory=list)
    checkpoints: list[ArrivedCheckpoint] = field(default_factory=list)


@dataclass(slots=True)
class Gathered:
    """Messages that were read, weighing by weighing, and not yet looked at as a batch; device events; checkpoints."""

    messages: list[tuple[Source, list[WireWeighing], Sequence[bytes]]] = field(default_factory=list)
    refused: list[HeldMessage] = field(default_factory=list)
    events: list[ArrivedEvent] = field(default_factory=list)
    checkpoints: list[ArrivedCheckpoint] = field(default_factory=list)

    def extend(self, other: "Gathered") -> None:
        """Add what was read later."""
        self.messages.extend(other.messages)
        self.refused.extend(other.refused)
        self.events.extend(other.events)
        self.checkpoints.extend(other.checkpoints)

    def columns(self) -> Columns:
        """Lay it out."""
        return columns_of(
            [source for source, _, _ in self.messages],
            [len(wires) for _, wires, _ in self.messages],
            [wire for _, wires, _ in self.messages for wire in wires],
            [body for _, _, bodies in self.messages for body in bodies],
        )


def gather(deliveries: Sequence[Delivery]) -> Gathered:
    """Read messages one by one. A bad envelope is refused whole, a bad weighing alone; the rest goes on.

    A message that our own code stumbles over must not stop a market: it is held.
    """
    gathered = Gathered()
    for delivery in deliveries:
        try:
            _gather(gathered, delivery)
        except BadMessage as error:
            gathered.refused.append(refused_whole(delivery, error, _topic_or_none(delivery.topic)))
        except Exception as error:  # noqa: BLE001 - see above
            gathered.refused.append(_stumbled_over(delivery, error))
    return gathered


def read_deliveries(deliveries: Sequence[Delivery], acceptance: Acceptance) -> Read:
    """Read messages and look at them as a batch."""
    return read_gathered(gather(deliveries), deliveries, acceptance)


def read_gathered(gathered: Gathered, deliveries: Sequence[Delivery], acceptance: Acceptance) -> Read:
    """Look at what was read as a batch: fields against each other, times against the arrival.

    `deliveries` are what it was read from: where our own code stumbles, it is looked at message by message.
    """
    try:
        return _read(gathered, acceptance)
    except Exception:  # noqa: BLE001 - whatever it is, it is found again below, by itself
        good, held = [], []
        for delivery in deliveries:
            try:
                _read(gather([delivery]), acceptance)
                good.append(delivery)
            except Exception as error:  # noqa: BLE001 - see above
                held.append(_stumbled_over(delivery, error))
        read = _read(gather(good), acceptance)
        return Read(read.columns, read.refused + held, read.events, read.checkpoints)


def _read(gathered: Gathered, acceptance: Acceptance) -> Read:
    columns = gathered.columns()
    looked_at = {row: _refusal(columns, row, acceptance) for row in _doubtful(columns, acceptance)}
    refused = {row: why for row, why in looked_at.items() if why is not None}
    if not refused:
        return Read(columns, gathered.refused, gathered.events, gathered.checkpoints)
    held = [columns.held(row, why) for row, why in refused.items()]
    kept = np.array([row for row in range(len(columns)) if row not in refused], np.int64)
    return Read(columns.only(kept), gathered.refused + held, gathered.events, gathered.checkpoints)


def _stumbled_over(delivery: Delivery, error: Exception) -> HeldMessage:
    stumbled = f"code that can read it ({type(error).__name__}: {error})"
    return refused_whole(delivery, BadMessage(OUR_BUG, "payload", "not read", stumbled))


def split(delivery: Delivery) -> list[Delivery]:
    """Return a delivery as one for each of its weighings; one that cannot be read stays whole."""
    try:
        envelope = decode_envelope(delivery.payload)
    except BadMessage:
        return [delivery]
    return [
        Delivery(
            delivery.topic, encode_envelope(envelope.journal_id, delivery.received_at, [body]), delivery.received_at
        )
        for body in envelope.weighings
    ]


def refused_pieces(delivery: Delivery, error: BadMessage) -> list[HeldMessage]:
    """Return what a delivery holds as something to hold, weighing by weighing as far as it can be read."""
    try:
        topic = _topic(delivery.topic)
        if topic.channel is not ScaleChannel.WEIGHINGS:
            return [refused_whole(delivery, error, topic)]
        envelope = decode_envelope(delivery.payload)
    except BadMessage:
        return [refused_whole(delivery, error)]
    journal = JournalKey(topic.market_id, topic.scale_id, envelope.journal_id)
    return [_refused_weighing(delivery, journal, body, error) for body in envelope.weighings]


def _gather(gathered: Gathered, delivery: Delivery) -> None:
    topic = _topic(delivery.topic)
    if topic.channel is ScaleChannel.EVENTS:
        gathered.events.append(read_event(topic, delivery.topic, delivery.payload, delivery.received_at))
        return
    if topic.channel is ScaleChannel.CHECKPOINTS:
        gathered.checkpoints.append(read_checkpoint(topic, delivery.topic, delivery.payload, delivery.received_at))
        return
    envelope = decode_envelope(delivery.payload)
    journal = JournalKey(topic.market_id, topic.scale_id, envelope.journal_id)
    bodies: Sequence[bytes] = envelope.weighings
    try:
        wires = [read_wire(body) for body in bodies]
    except BadMessage as error:
        if len(bodies) == 1:
            gathered.refused.append(_refused_weighing(delivery, journal, bodies[0], error))
            return
        wires, bodies, refused = _one_by_one(delivery, journal, bodies)
        gathered.refused.extend(refused)
    if wires:  # a message that holds nothing good is no source
        source = Source(
            topic=delivery.topic, journal=journal, received_at=delivery.received_at, sent_at=envelope.sent_at
        )
        gathered.messages.append((source, wires, bodies))


def _one_by_one(
    delivery: Delivery, journal: JournalKey, bodies: Sequence[bytes]
) -> tuple[list[WireWeighing], list[bytes], list[HeldMessage]]:
    wires, good, refused = [], [], []
    for body in bodies:
        try:
            wires.append(read_wire(body))
            good.append(body)
        except BadMessage as error:
            refused.append(_refused_weighing(delivery, journal, body, error))
    return wires, good, refused


def _doubtful(columns: Columns, acceptance: Acceptance) -> list[int]:
    """Return the rows that are to be looked at one by one; nearly always there are none."""
    received = microseconds([source.received_at for source in columns.sources])[columns.source]
    earliest, latest = received - acceptance.oldest // _US, received + acceptance.future_tolerance // _US
    doubtful = may_be_refused(columns, earliest, latest)
    odd_texts = [row for row, body in enumerate(columns.body) if may_hold_bad_text(body)]
    return sorted({*np.flatnonzero(doubtful).tolist(), *odd_texts})


def _refusal(columns: Columns, row: int, acceptance: Acceptance) -> BadMessage | None:
    try:
        weighing = decode_weighing(columns.body[row])
        _require_believable_time(weighing.weighed_at, columns.source_of(row).received_at, acceptance)
    except BadMessage as error:
        return error
    return None


@lru_cache(maxsize=100_000)
def _topic(text: str) -> ScaleTopic:
    topic = parse_scale_topic(text)
    if topic.channel not in _TAKEN_IN:
        raise BadMessage(
            "bad_topic", "topic channel", repr(topic.channel.value), "'weighings', 'events' or 'checkpoints'"
        )
    return topic


def _topic_or_none(text: str) -> ScaleTopic | None:
    try:
        return _topic(text)
    except BadMessage:
        return None


def _require_believable_time(weighed_at: datetime, received_at: datetime, acceptance: Acceptance) -> None:
    latest = received_at + acceptance.future_tolerance
    earliest = received_at - acceptance.oldest
    if not earliest <= weighed_at <= latest:
        expected = f"between {earliest.isoformat()} and {latest.isoformat()}, around its arrival"
        raise BadMessage(UNBELIEVABLE_TIME, "weighed_at", weighed_at.isoformat(), expected)


def refused_whole(delivery: Delivery, error: BadMessage, topic: ScaleTopic | None = None) -> HeldMessage:
    """Return a whole message as something to hold."""
    return HeldMessage(
        topic=delivery.topic,
        payload=delivery.payload,
        reason=error.reason,
        explanation=str(error),
        received_at=delivery.received_at,
        market_id=None if topic is None else topic.market_id,
        scale_id=None if topic is None else topic.scale_id,
    )


def _refused_weighing(delivery: Delivery, journal: JournalKey, body: bytes, error: BadMessage) -> HeldMessage:
    return HeldMessage(
        topic=delivery.topic,
        payload=body,
        reason=error.reason,
        explanation=str(error),
        received_at=delivery.received_at,
        market_id=journal.market_id,
        scale_id=journal.scale_id,
        journal_id=journal.journal_id,
        seq=readable_seq(body),
    )
