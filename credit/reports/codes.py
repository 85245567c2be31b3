"""The code that a report is verified by: short enough to type, too long to guess. Pure but for its randomness."""

import secrets
from typing import Final

#: Crockford's base 32: no I, L, O and U, which people mix up.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: 60 bits: with the limit on misses nobody comes upon one by trying.
LENGTH: Final = 12
_GROUP: Final = 4
_LOOK_ALIKE: Final = str.maketrans("ILOU", "110V")


def new_code() -> str:
    """Return a code nobody has."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))


def normal(typed: str) -> str:
    """Return a code as it is kept, from how somebody typed it; '' where it can be none."""
    code = "".join(typed.upper().replace("-", "").split()).translate(_LOOK_ALIKE)
    return code if len(code) == LENGTH and set(code) <= set(_ALPHABET) else ""


def shown(code: str) -> str:
    """Return a code in groups, as it is printed."""
    return "-".join(code[n : n + _GROUP] for n in range(0, len(code), _GROUP))
