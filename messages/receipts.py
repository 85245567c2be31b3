"""`…/receipts`: what the service has committed. Only a receipt lets a device forget a weighing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from domain.errors import BadMessage, show_value
from domain.ids import ID_EXPECTATION, JournalId, is_id
from messages import limits
from messages.decoding import decode


class WireReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """`committed_seq`: everything of this journal up to and including it is committed; 0 says nothing is."""

    v: Literal[1]
    journal_id: str
    committed_seq: Annotated[int, Meta(ge=0, le=limits.MAX_SEQ)]
    at: Annotated[datetime, Meta(tz=True)] | UnsetType | None = UNSET


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything of `journal_id` up to and including `committed_seq` is safe with the service.

    `at`: when the service sent it, by its own clock; None where it does not say.
    """

    journal_id: JournalId
    committed_seq: int
    at: datetime | None = None

    def __post_init__(self) -> None:
        if self.at is not None and self.at.tzinfo is None:
            raise ValueError("at is naive; a receipt needs an aware time")


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(WireReceipt)


def encode_receipt(receipt: Receipt) -> bytes:
    """Return the JSON of a receipt; its time is written in UTC, and left out where there is none."""
    return _encoder.encode(
        WireReceipt(
            v=limits.VERSION,
            journal_id=receipt.journal_id,
            committed_seq=receipt.committed_seq,
            at=UNSET if receipt.at is None else receipt.at.astimezone(UTC),
        )
    )


def decode_receipt(payload: bytes) -> Receipt:
    """Read a receipt. Raise BadMessage where it cannot be used."""
    wire = decode(_decoder, payload, "receipt")
    if not is_id(wire.journal_id):
        raise BadMessage("bad_field", "journal_id", show_value(wire.journal_id), ID_EXPECTATION)
    at = wire.at if isinstance(wire.at, datetime) else None
    return Receipt(JournalId(wire.journal_id), wire.committed_seq, at)
