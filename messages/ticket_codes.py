"""The code that a ticket's QR carries, so that who has the ticket finds the sale and nobody else does. Pure.

Six signs of Crockford's base 32 for the minute of the sale, so that a store opens one part of what it holds; sixteen
for 80 bits of a hash of the weighing's digest. The digest is of the frozen bytes (messages.chain), which hold the
digest of the weighing before and so on: nobody who has not read the journal can compute it. The hash is not the digest
itself: a ticket says nothing of the `prev` of the weighing after it.
"""

import hmac
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final

from domain.weighing import Weighing
from messages.chain import digest
from messages.weighings import encode_weighing

LENGTH: Final = 22
_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS: Final = 5
_MINUTE_SIGNS: Final = 6
_SECRET_SIGNS: Final = 16
_PURPOSE: Final = b"steelyard ticket v1\x00"
_MINUTE: Final = timedelta(minutes=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: What is read wrong from paper (Crockford).
_MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def ticket_code(weighed_at: datetime, weighing_digest: bytes) -> str:
    """Return the code of the weighing made at a moment whose frozen bytes have this SHA-256."""
    minute = (weighed_at - _EPOCH) // _MINUTE
    secret = int.from_bytes(sha256(_PURPOSE + weighing_digest).digest()[: _SECRET_SIGNS * _BITS // 8])
    return _written(minute, _MINUTE_SIGNS) + _written(secret, _SECRET_SIGNS)


@lru_cache(maxsize=64)
def code_of(weighing: Weighing) -> str:
    """Return the code of a weighing as it was frozen by the encoding of this version."""
    return ticket_code(weighing.weighed_at, digest(encode_weighing(weighing)))


def minute_of(code: str) -> datetime | None:
    """Return the minute a code names; None where it is no code."""
    signs = normal(code)
    if len(signs) != LENGTH or set(signs) - set(_SIGNS):
        return None
    minutes = 0
    for sign in signs[:_MINUTE_SIGNS]:
        minutes = minutes << _BITS | _SIGNS.index(sign)
    try:
        return _EPOCH + minutes * _MINUTE
    except OverflowError:
        return None


def fits(code: str, weighed_at: datetime, weighing_digest: bytes) -> bool:
    """Say whether a code is that of a weighing, without telling by the time it takes how much of it is right."""
    return hmac.compare_digest(normal(code).encode(), ticket_code(weighed_at, weighing_digest).encode())


def normal(code: str) -> str:
    """Return a code as it is printed, however it was typed; nothing of what is no code at all."""
    return code.upper().translate(_MISREAD) if code.isascii() else ""


def _written(number: int, signs: int) -> str:
    return "".join(_SIGNS[number >> _BITS * place & (1 << _BITS) - 1] for place in reversed(range(signs)))
