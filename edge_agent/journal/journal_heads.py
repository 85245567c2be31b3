"""How far the journals had come, remembered in a second file: one that was emptied whole is sound by itself.

Two lines: the heads as JSON, and the agent's signature (Ed25519, base64) over `steelyard-heads-v1`, a line feed, and
that JSON. Pure; `head_keeping.py` writes the file, and reading a journal back holds the journal against it.
"""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta

from domain.ids import JournalId, ScaleId

SUFFIX: Final = ".heads"  # of the file, beside the outbox
_FIRST_LINE: Final = b"steelyard-heads-v1\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """How far a journal had come. `at`: when this was noted. `weighed_at`: of its last entry, None before the first.

    `digest` is what the next entry carries as `prev`; `events_digest` is behind the last event (`event_chain.py`).
    """

    scale_id: ScaleId
    journal_id: JournalId
    seq: int
    digest: str
    event_no: int
    events_digest: str
    weighed_at: datetime | None
    at: datetime

    @property
    def places(self) -> tuple[int, int]:
        """The last entry and the last event."""
        return self.seq, self.event_no


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedHeads:
    """What a file of heads says, and who signed it: whether that is the agent is to be asked of `is_signed_by`."""

    heads: tuple[Head, ...]
    public_key: bytes
    text: bytes
    signature: bytes

    def is_signed_by(self, public_key: bytes) -> bool:
        """Say whether the owner of a raw public key (32 bytes) signed this as it is."""
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(self.signature, _FIRST_LINE + self.text)
        except InvalidSignature:
            return False
        return True


class _File(msgspec.Struct, frozen=True, kw_only=True):
    v: Literal[1]
    public_key: Annotated[str, Meta(max_length=64)]
    heads: tuple[Head, ...]


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(_File)


def encode_heads(heads: Sequence[Head], key: Ed25519PrivateKey) -> bytes:
    """Return the bytes of a file."""
    public_key = b64encode(key.public_key().public_bytes_raw()).decode()
    text = _encoder.encode(_File(v=1, public_key=public_key, heads=tuple(heads)))
    return text + b"\n" + b64encode(key.sign(_FIRST_LINE + text)) + b"\n"


def decode_heads(content: bytes) -> SignedHeads:
    """Read a file; its signature is not checked. Raise ValueError where it is none of ours."""
    text, _, signature = content.partition(b"\n")
    try:
        file = _decoder.decode(text)
        public_key = b64decode(file.public_key, validate=True)
        if any(head.at.tzinfo is None for head in file.heads):
            raise ValueError("a head has a time without its offset")
        return SignedHeads(
            heads=file.heads,
            public_key=public_key,
            text=text,
            signature=b64decode(signature.rstrip(b"\n"), validate=True),
        )
    except (msgspec.MsgspecError, UnicodeDecodeError, NotBase64) as error:
        raise ValueError(str(error)) from error


def go_on(before: Sequence[Head], now: Sequence[Head], holds: Callable[[Head], bool]) -> tuple[Head, ...]:
    """Return what is to be remembered now: the heads as they are, and the earliest of a scale that its file denies.

    `holds` says whether the journals' file still holds what a head from before says. A head that nothing was added to
    keeps the time it was noted.
    """
    noted = {head.journal_id: head for head in before}
    going_on = []
    for head in now:
        old = noted.get(head.journal_id)
        going_on.append(head if old is None or head.places != old.places or not holds(old) else old)
    denied: dict[ScaleId, Head] = {}
    for head in sorted(before, key=lambda one: one.at):
        if not holds(head):
            denied.setdefault(head.scale_id, head)
    return (*denied.values(), *going_on)
