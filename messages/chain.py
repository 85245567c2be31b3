"""The hash chain: each weighing carries the SHA-256 of the exact bytes of the one before it."""

from base64 import b64encode
from hashlib import sha256

import msgspec


class _OnlyPrev(msgspec.Struct, frozen=True):
    prev: str = ""


_decoder = msgspec.json.Decoder(_OnlyPrev)


def digest(weighing: bytes) -> bytes:
    """Return the SHA-256 (32 bytes) of a weighing's frozen JSON object."""
    return sha256(weighing).digest()


def prev_of(weighing: bytes | None) -> str:
    """Return what the next weighing carries in `prev`: base64 of the digest, empty for the first of a journal."""
    return "" if weighing is None else prev_after(digest(weighing))


def prev_after(digest_before: bytes) -> str:
    """Return what a weighing carries in `prev` when the one before it has this digest."""
    return b64encode(digest_before).decode("ascii")


def prev_in(weighing: bytes) -> str | None:
    """Return the `prev` of a weighing that may be unusable otherwise: empty where left out, None where unreadable."""
    try:
        return _decoder.decode(weighing).prev
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
