"""Passwords: hashed with argon2id, checked in the same time whether or not the name is known."""

import secrets
import threading
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
#: A hash takes 64 MiB while it is computed: a crowd at the door must not take the machine's memory.
_AT_ONCE = threading.BoundedSemaphore(4)


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer about a password. `new_hash` is set where the stored one should be replaced (costs have moved on)."""

    is_right: bool
    new_hash: str | None = None


def hash_password(password: str) -> str:
    """Return the hash to store for a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def check_password(password: str, stored_hash: str | None) -> Checked:
    """Compare a password with a stored hash; None (no such person) takes as long and is never right."""
    known = stored_hash is not None
    stored = stored_hash if stored_hash is not None else _hash_of_nobody()
    try:
        with _AT_ONCE:
            _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return Checked(is_right=False)
    if not known:
        return Checked(is_right=False)
    return Checked(is_right=True, new_hash=hash_password(password) if _HASHER.check_needs_rehash(stored) else None)


@cache
def _hash_of_nobody() -> str:
    return hash_password(secrets.token_urlsafe(32))
