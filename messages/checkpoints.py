"""`…/checkpoints`: the signed head of a journal's hash chain, so that nobody can rewrite the chain as a whole.

The signature is Ed25519 (RFC 8032) over these lines, each ended by a line feed, in UTF-8:

    steelyard-checkpoint-v1
    {journal_id}
    {seq}                        decimal
    {digest}                     base64 of the SHA-256 of the entry `seq`: what entry `seq` + 1 carries as `prev`
    {at}                         UTC, always with six decimals: 2026-11-22T02:11:09.120000Z
    {key_id}

`key_id` is the first 32 hexadecimal digits of the SHA-256 of the raw public key (32 bytes), so it names one key only.
A message may carry the key, which proves nothing by itself: whoever checks must know from elsewhere that it is the
agent's.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta

from domain.errors import BadMessage, show_value
from domain.ids import ID_EXPECTATION, JournalId, is_id
from messages import limits
from messages.decoding import decode

DIGEST_BYTES: Final = 32
PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
_KEY_ID_DIGITS: Final = 32
_FIRST_LINE: Final = "steelyard-checkpoint-v1"


class WireCheckpoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A checkpoint as JSON. `digest`, `public_key` and `signature` are base64 (RFC 4648, section 4)."""

    v: Literal[1]
    journal_id: str
    seq: Annotated[int, Meta(ge=1, le=limits.MAX_SEQ)]
    digest: Annotated[str, Meta(max_length=64)]
    at: Annotated[datetime, Meta(tz=True)]
    key_id: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    public_key: Annotated[str, Meta(max_length=64)] | None = None
    signature: Annotated[str, Meta(max_length=128)]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainHead:
    """The head of a journal's chain: `digest` is the SHA-256 (32 bytes) of the entry `seq`."""

    journal_id: JournalId
    seq: int
    digest: bytes
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A head, and who signed it. `public_key` (32 bytes) is None where the message does not carry it."""

    head: ChainHead
    key_id: str
    public_key: bytes | None
    signature: bytes


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(WireCheckpoint)


def key_id_of(public_key: bytes) -> str:
    """Return the name of a raw public key (32 bytes)."""
    return sha256(public_key).hexdigest()[:_KEY_ID_DIGITS]


def signed_bytes(head: ChainHead, key_id: str) -> bytes:
    """Return the bytes that are signed; the module says what they are."""
    at = head.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    lines = (_FIRST_LINE, head.journal_id, str(head.seq), b64encode(head.digest).decode(), f"{at}Z", key_id)
    return "".join(f"{line}\n" for line in lines).encode()


def sign(head: ChainHead, key: Ed25519PrivateKey) -> Checkpoint:
    """Sign the head of a chain. The checkpoint carries the public key."""
    public_key = key.public_key().public_bytes_raw()
    key_id = key_id_of(public_key)
    return Checkpoint(head=head, key_id=key_id, public_key=public_key, signature=key.sign(signed_bytes(head, key_id)))


def is_signed_by(checkpoint: Checkpoint, public_key: bytes) -> bool:
    """Say whether the owner of a raw public key (32 bytes) signed this checkpoint as it is."""
    if checkpoint.key_id != key_id_of(public_key):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            checkpoint.signature, signed_bytes(checkpoint.head, checkpoint.key_id)
        )
    except InvalidSignature:
        return False
    return True


def encode_checkpoint(checkpoint: Checkpoint) -> bytes:
    """Return the JSON of a checkpoint; its time is written in UTC."""
    head, public_key = checkpoint.head, checkpoint.public_key
    return _encoder.encode(
        WireCheckpoint(
            v=limits.VERSION,
            journal_id=head.journal_id,
            seq=head.seq,
            digest=b64encode(head.digest).decode(),
            at=head.at.astimezone(UTC),
            key_id=checkpoint.key_id,
            public_key=None if public_key is None else b64encode(public_key).decode(),
            signature=b64encode(checkpoint.signature).decode(),
        )
    )


def decode_checkpoint(payload: bytes) -> Checkpoint:
    """Read a checkpoint; its signature is not checked. Raise BadMessage where it cannot be used."""
    wire = decode(_decoder, payload, "checkpoint")
    if not is_id(wire.journal_id):
        raise BadMessage("bad_field", "journal_id", show_value(wire.journal_id), ID_EXPECTATION)
    public_key = None if wire.public_key is None else _bytes("public_key", wire.public_key, PUBLIC_KEY_BYTES)
    if public_key is not None and key_id_of(public_key) != wire.key_id:
        raise BadMessage("bad_field", "key_id", show_value(wire.key_id), f"{key_id_of(public_key)}, the key's own")
    return Checkpoint(
        head=ChainHead(
            journal_id=JournalId(wire.journal_id),
            seq=wire.seq,
            digest=_bytes("digest", wire.digest, DIGEST_BYTES),
            at=wire.at,
        ),
        key_id=wire.key_id,
        public_key=public_key,
        signature=_bytes("signature", wire.signature, SIGNATURE_BYTES),
    )


def _bytes(field: str, text: str, length: int) -> bytes:
    try:
        decoded = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        decoded = b""
    if len(decoded) != length:
        raise BadMessage("bad_field", field, show_value(text), f"base64 of {length} bytes")
    return decoded
