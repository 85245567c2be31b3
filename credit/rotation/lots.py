"""Lots: of assignments that are equally good, which one it is. A seed gives the same for ever, in any language. Pure.

Every claim and every stall has a number made of the seed; the lot of a pair is their product modulo a prime, and of
equally good assignments the one with the largest sum of lots is taken. `METHOD` names all that decides a round beside
what was frozen.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

METHOD: Final = "steelyard-rotation-1"
#: The largest prime below 2^26: the sum of 4 000 lots, and what makes a stall count that must be used, stay exact in
#: 53 bits.
PRIME: Final = 67_108_859


def seed_of(frozen_sha256: str, secret: str, public_value: str) -> str:
    """Return the seed, in hex: of what was frozen, the secret that was promised, and a value nobody could choose."""
    return hashlib.sha256(f"{METHOD}\n{frozen_sha256}\n{secret}\n{public_value}".encode()).hexdigest()


def number_of(seed: str, label: str) -> int:
    """Return a number from 1 to `PRIME` - 1: SHA-256 of seed and label, a whole number, modulo `PRIME` - 1, plus 1."""
    digest = hashlib.sha256(f"{seed}\n{label}".encode()).digest()
    return int.from_bytes(digest, "big") % (PRIME - 1) + 1


def lots(seed: str, attempt: int, claims: Sequence[int], stalls: Sequence[str]) -> NDArray[np.int64]:
    """Return the lot of each claim (rows) with each stall (columns)."""
    ours = np.array([number_of(seed, f"claim {one} {attempt}") for one in claims], dtype=np.int64)
    theirs = np.array([number_of(seed, f"stall {one} {attempt}") for one in stalls], dtype=np.int64)
    product: NDArray[Any] = np.multiply.outer(ours, theirs) % PRIME
    return product.astype(np.int64)
