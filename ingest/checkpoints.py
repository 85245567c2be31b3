"""Checkpoints of a batch: signed heads of journals' chains, kept byte for byte, each once.

Within the transaction of the batch. One that carries a key which did not sign it is held: it says nothing. One without
its key is kept as it is; whoever has the key can check it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from psycopg import Connection

from db import checkpoints
from db.checkpoints import NewCheckpoint
from db.quarantine import HeldMessage
from domain.errors import BadMessage
from domain.ids import MarketId, ScaleId
from messages.checkpoints import Checkpoint, decode_checkpoint, is_signed_by
from messages.topics import ScaleTopic

#: The reason of a checkpoint whose signature is another's.
BAD_SIGNATURE: Final = "bad_signature"


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrivedCheckpoint:
    """A checkpoint that could be read, and the message it is."""

    topic: str
    market_id: MarketId
    scale_id: ScaleId
    checkpoint: Checkpoint
    body: bytes
    received_at: datetime

    @property
    def scale(self) -> tuple[MarketId, ScaleId]:
        """The scale whose topic it came under."""
        return self.market_id, self.scale_id

    def held(self, error: BadMessage) -> HeldMessage:
        """Return it as something to hold. It is no line of its journal, so no such number is named."""
        return HeldMessage(
            topic=self.topic,
            payload=self.body,
            reason=error.reason,
            explanation=str(error),
            received_at=self.received_at,
            market_id=self.market_id,
            scale_id=self.scale_id,
        )


def read_checkpoint(topic: ScaleTopic, on: str, payload: bytes, received_at: datetime) -> ArrivedCheckpoint:
    """Read a message of a checkpoints topic (`on` is its text). Raise BadMessage where it cannot be used."""
    checkpoint = decode_checkpoint(payload)
    if checkpoint.public_key is not None and not is_signed_by(checkpoint, checkpoint.public_key):
        expected = f"what key {checkpoint.key_id} signs as the head at seq {checkpoint.head.seq}"
        raise BadMessage(BAD_SIGNATURE, "signature", "another's, or of other values", expected)
    return ArrivedCheckpoint(
        topic=on,
        market_id=topic.market_id,
        scale_id=topic.scale_id,
        checkpoint=checkpoint,
        body=payload,
        received_at=received_at,
    )


def of_registered_scales(
    arrived: Sequence[ArrivedCheckpoint], registered: Collection[tuple[MarketId, ScaleId]]
) -> tuple[list[ArrivedCheckpoint], list[ArrivedCheckpoint]]:
    """Tell the checkpoints of registered scales and those of others apart."""
    known = [one for one in arrived if one.scale in registered]
    return known, [one for one in arrived if one.scale not in registered]


def store_checkpoints(conn: Connection, arrived: Sequence[ArrivedCheckpoint]) -> tuple[int, int]:
    """Store what is new; return how many were, and how many were there already."""
    new = checkpoints.store(conn, [_row(one) for one in arrived])
    return new, len(arrived) - new


def _row(one: ArrivedCheckpoint) -> NewCheckpoint:
    head = one.checkpoint.head
    return NewCheckpoint(
        market_id=one.market_id,
        scale_id=one.scale_id,
        journal_id=head.journal_id,
        seq=head.seq,
        digest=head.digest,
        at=head.at,
        key_id=one.checkpoint.key_id,
        is_signed=one.checkpoint.public_key is not None,
        received_at=one.received_at,
        body_digest=sha256(one.body).digest(),
        body=one.body,
    )
