"""The hash chain: each weighing carries the SHA-256 of the exact bytes of the one before it."""

from base64 import b64encode
from hashlib import sha256


def digest(weighing: bytes) -> bytes:
    """Return the SHA-256 (32 bytes) of a weighing's frozen JSON object."""
    return sha256(weighing).digest()


def prev_of(weighing: bytes | None) -> str:
    """Return what the next weighing carries in `prev`: base64 of the digest, empty for the first of a journal."""
    return "" if weighing is None else b64encode(digest(weighing)).decode("ascii")
