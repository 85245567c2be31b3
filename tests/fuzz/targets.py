"""What is fed with any bytes, and what must hold then. Each target raises where it does not.

No exception but the refusal; nothing of a message lost; a weighing's bytes kept as they came.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.errors import BadMessage
from ingest.reading import OUR_BUG, Delivery, read_deliveries, split
from messages.caps import decode_caps
from messages.checkpoints import decode_checkpoint
from messages.events import decode_event
from messages.notices import decode_notice
from messages.receipts import decode_receipt
from messages.status import decode_agent_status, decode_scale_status
from messages.topics import parse_scale_topic
from messages.weighings import decode_envelope, decode_weighing, encode_envelope
from pricing.policy import Acceptance

_NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
_TOPIC = "steelyard/v1/sanya-1/SC-001/weighings"
_ACCEPTANCE = Acceptance(future_tolerance_s=86_400, oldest_days=400)
_LONGEST_EXPLANATION = 4000


def _refused_or(decode: Callable[[Any], object]) -> Callable[[bytes], None]:
    def target(payload: bytes) -> None:
        try:
            decode(payload)
        except BadMessage as refused:
            _require_readable(refused)

    return target


def _require_readable(refused: BadMessage) -> None:
    assert refused.reason
    assert refused.expected
    assert len(str(refused)) < _LONGEST_EXPLANATION
    str(refused).encode()  # it goes to a log and into the database
    assert "\0" not in str(refused)


def _weighing(payload: bytes) -> None:
    """What is accepted fits the columns it is stored in."""
    try:
        weighing = decode_weighing(payload)
    except BadMessage as refused:
        _require_readable(refused)
        return
    assert weighing.seq >= 1
    assert weighing.net_g > 0 or weighing.pieces or weighing.voids_seq
    assert weighing.paid_fen >= 0
    assert weighing.weighed_at.utcoffset() is not None


def _envelope(payload: bytes) -> None:
    """Packed anew, a message holds the same bytes."""
    try:
        envelope = decode_envelope(payload)
    except BadMessage as refused:
        _require_readable(refused)
        return
    again = decode_envelope(encode_envelope(envelope.journal_id, envelope.sent_at or _NOW, list(envelope.weighings)))
    assert (again.journal_id, again.weighings) == (envelope.journal_id, envelope.weighings)


def _ingest(payload: bytes) -> None:
    """Every weighing of a message is read or refused, in whatever company; our own code stumbles over none."""
    delivery = Delivery(_TOPIC, payload, _NOW)
    read = read_deliveries([delivery, delivery], _ACCEPTANCE)
    assert not [held for held in read.refused if held.reason == OUR_BUG], read.refused
    pieces = split(delivery)
    assert len(read.columns) + len(read.refused) == 2 * len(pieces)
    alone = [read_deliveries([piece], _ACCEPTANCE) for piece in pieces]
    assert sum(len(one.columns) for one in alone) * 2 == len(read.columns)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "envelope": _envelope,
    "weighing": _weighing,
    "ingest": _ingest,
    "receipt": _refused_or(decode_receipt),
    "event": _refused_or(decode_event),
    "checkpoint": _refused_or(decode_checkpoint),
    "notice": _refused_or(decode_notice),
    "caps": _refused_or(decode_caps),
    "scale_status": _refused_or(decode_scale_status),
    "agent_status": _refused_or(decode_agent_status),
    "topic": _refused_or(lambda payload: parse_scale_topic(payload.decode("utf-8", "replace"))),
}


def feed_all(payload: bytes) -> None:
    """Feed every target with the same bytes."""
    for target in TARGETS.values():
        target(payload)
