"""From a delivered message to weighings that can be stored and refusals that are kept. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.journals import JournalKey
from db.quarantine import HeldMessage
from domain.errors import BadMessage
from domain.weighing import Weighing, WeighingKey
from messages.chain import digest
from messages.topics import ScaleChannel, ScaleTopic, parse_scale_topic
from messages.weighings import decode_envelope, decode_weighing, encode_envelope, readable_seq
from pricing.policy import Acceptance

#: The reason of a refusal that is our own fault: look at the log and mend the code.
OUR_BUG = "our_bug"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as the broker delivered it."""

    topic: str
    payload: bytes
    received_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A weighing that could be read, with the bytes it was read from."""

    topic: str
    key: WeighingKey
    weighing: Weighing
    body: bytes
    digest: bytes
    received_at: datetime

    @property
    def journal(self) -> JournalKey:
        """The journal it is a line of."""
        return JournalKey(self.key.market_id, self.key.scale_id, self.key.journal_id)

    def refused(self, error: BadMessage) -> HeldMessage:
        """Return it as something to hold, for a reason that was only found later."""
        return HeldMessage(
            topic=self.topic,
            payload=self.body,
            reason=error.reason,
            explanation=str(error),
            received_at=self.received_at,
            market_id=self.key.market_id,
            scale_id=self.key.scale_id,
            journal_id=self.key.journal_id,
            seq=self.key.seq,
        )


@dataclass(frozen=True, slots=True)
class Read:
    """What a batch of deliveries holds."""

    candidates: list[Candidate]
    refused: list[HeldMessage]


def read_deliveries(deliveries: Sequence[Delivery], acceptance: Acceptance) -> Read:
    """Read every delivery. A bad envelope is refused whole, a bad weighing alone; the rest goes on."""
    read = Read([], [])
    for delivery in deliveries:
        try:
            found = _read_delivery(delivery, acceptance)
        except Exception as error:  # noqa: BLE001 - a message that our own code stumbles over must not stop a market
            stumbled = f"code that can read it ({type(error).__name__}: {error})"
            found = Read([], [refused_whole(delivery, BadMessage(OUR_BUG, "payload", "not read", stumbled))])
        read.candidates.extend(found.candidates)
        read.refused.extend(found.refused)
    return read


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
        topic, envelope = _weighings_topic(delivery.topic), decode_envelope(delivery.payload)
    except BadMessage:
        return [refused_whole(delivery, error)]
    journal = JournalKey(topic.market_id, topic.scale_id, envelope.journal_id)
    return [_refused_weighing(delivery, journal, body, error) for body in envelope.weighings]


def _read_delivery(delivery: Delivery, acceptance: Acceptance) -> Read:
    topic = None
    read = Read([], [])
    try:
        topic = _weighings_topic(delivery.topic)
        envelope = decode_envelope(delivery.payload)
    except BadMessage as error:
        read.refused.append(refused_whole(delivery, error, topic))
        return read
    for body in envelope.weighings:
        journal = JournalKey(topic.market_id, topic.scale_id, envelope.journal_id)
        try:
            weighing = decode_weighing(body)
            _require_believable_time(weighing.weighed_at, delivery.received_at, acceptance)
        except BadMessage as error:
            read.refused.append(_refused_weighing(delivery, journal, body, error))
        else:
            read.candidates.append(
                Candidate(
                    topic=delivery.topic,
                    key=WeighingKey(*journal, weighing.seq, weighing.weighed_at),
                    weighing=weighing,
                    body=body,
                    digest=digest(body),
                    received_at=delivery.received_at,
                )
            )
    return read


def _weighings_topic(text: str) -> ScaleTopic:
    topic = parse_scale_topic(text)
    if topic.channel is not ScaleChannel.WEIGHINGS:
        raise BadMessage("bad_topic", "topic channel", repr(topic.channel.value), "'weighings'")
    return topic


def _require_believable_time(weighed_at: datetime, received_at: datetime, acceptance: Acceptance) -> None:
    latest = received_at + acceptance.future_tolerance
    earliest = received_at - acceptance.oldest
    if not earliest <= weighed_at <= latest:
        expected = f"between {earliest.isoformat()} and {latest.isoformat()}, around its arrival"
        raise BadMessage("unbelievable_time", "weighed_at", weighed_at.isoformat(), expected)


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
