"""How a webhook proves where it comes from: the headers of Standard Webhooks (standardwebhooks.com, v1). Pure."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32


class Secrets(Protocol):
    """What signs for a receiver; `previous_until`: how long the secret before this one does, too."""

    @property
    def secret(self) -> str: ...
    @property
    def previous_secret(self) -> str | None: ...
    @property
    def previous_until(self) -> datetime | None: ...


def keys_of(known: Secrets, now: datetime) -> list[str]:
    """Return what signs now: the secret, and for a while the one before it."""
    before = known.previous_secret
    is_still_good = known.previous_until is not None and now < known.previous_until
    return [known.secret, before] if before is not None and is_still_good else [known.secret]


def new_secret() -> str:
    """Return a secret as its owner sees it: `whsec_` and the bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def headers_of(message_id: str, at: datetime, body: bytes, keys: Sequence[str]) -> Mapping[str, str]:
    """Return the headers that name and sign a message: one signature for each key, the newest first."""
    seconds = str(int(at.timestamp()))
    signatures = " ".join(signature(key, message_id, seconds, body) for key in keys)
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": signatures}


def signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Return `v1,` and the HMAC-SHA256 of `id.timestamp.body`. Raise ValueError for what is no secret."""
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(f"a secret is {PREFIX} and base64: {error}") from None
