"""`…/receipts`: what the service has committed. Only a receipt lets a device forget a weighing."""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from domain.errors import BadMessage, show_value
from domain.ids import ID_EXPECTATION, JournalId, is_id
from messages import limits
from messages.decoding import decode


class WireReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """`committed_seq`: everything of this journal up to and including it is committed; 0 says nothing is."""

    v: Literal[1]
    journal_id: str
    committed_seq: Annotated[int, Meta(ge=0, le=limits.MAX_SEQ)]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything of `journal_id` up to and including `committed_seq` is safe with the service."""

    journal_id: JournalId
    committed_seq: int


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(WireReceipt)


def encode_receipt(receipt: Receipt) -> bytes:
    """Return the JSON of a receipt."""
    return _encoder.encode(
        WireReceipt(v=limits.VERSION, journal_id=receipt.journal_id, committed_seq=receipt.committed_seq)
    )


def decode_receipt(payload: bytes) -> Receipt:
    """Read a receipt. Raise BadMessage where it cannot be used."""
    wire = decode(_decoder, payload, "receipt")
    if not is_id(wire.journal_id):
        raise BadMessage("bad_field", "journal_id", show_value(wire.journal_id), ID_EXPECTATION)
    return Receipt(JournalId(wire.journal_id), wire.committed_seq)
