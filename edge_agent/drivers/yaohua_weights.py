"""What the formats of an XK3190 share: kilograms with one to three decimals, the sign in the highest place."""

import re
from typing import Final

from domain.units import Grams

# With at most three decimals, a reversed display (`000.3000`) is never taken for a plain one (`0003.000`), nor a plain
# one for a reversed one: the other way round, either has four decimals or more, or its sign at the wrong end.
DISPLAY: Final = re.compile(rb"(?P<sign>[-+ 0-9])(?P<whole>\d*)\.(?P<decimals>\d{1,3})")


def shown_grams(display: re.Match[bytes]) -> Grams:
    """Return the grams of what `DISPLAY` matched; exact, since it holds no part of a gram."""
    digits = display["whole"] + display["decimals"].ljust(3, b"0")
    if display["sign"] == b"-":
        return Grams(-int(digits))
    return Grams(int(display["sign"].strip(b"+ ") + digits))


def grams_of_digits(digits: int, decimals: int) -> Grams:
    """Return the grams of a number of kilograms with `decimals` decimals, rounded half up where it holds parts."""
    scale = 10**decimals
    return Grams((2000 * digits + scale) // (2 * scale))


def why_no_frame(piece: bytes, start: bytes, length: int) -> str:
    """Return the reason that a piece of a stream of frames of `length` bytes is garbage, once it is known to be so."""
    if not piece.startswith(start):
        return "no_start"
    return "torn" if len(piece) < length else "not_a_frame"
