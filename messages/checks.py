"""What every message is checked for, beside its fields' own types."""

from collections.abc import Iterable

from domain.errors import BadMessage, show_value
from messages import limits


def require_size(payload: bytes) -> None:
    """Raise BadMessage where a payload is larger than the contract allows."""
    if len(payload) > limits.MAX_PAYLOAD_BYTES:
        raise BadMessage("too_large", "payload", f"{len(payload)} bytes", f"at most {limits.MAX_PAYLOAD_BYTES}")


def require_plain(texts: Iterable[tuple[str, str]]) -> None:
    """Raise BadMessage for the first (field, text) with NUL or a lone surrogate: JSON, but no text to show or keep."""
    for field, text in texts:
        if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
            raise BadMessage("bad_field", field, show_value(text), "text without NUL or lone surrogates")
