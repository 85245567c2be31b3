"""Seven data bits that came through a port set to eight: the eighth is the parity bit, and can be checked here.

7E1, 7O1 and 8N1 have ten bits a character, so a port opened 8N1 reads all three. Frames of seven-bit protocols are cut
with the eighth bit taken away, and only then judged by it.
"""

from typing import Final

LOW_SEVEN: Final = bytes(value & 0x7F for value in range(256))  # for bytes.translate
PARITY_BIT: Final = 0x80


def both_parities(starts: bytes) -> bytes:
    """Return the bytes with and without the eighth bit."""
    return starts + bytes(value | PARITY_BIT for value in starts)


def is_parity_whole(frame: bytes) -> bool:
    """Whether the eighth bits are those of one parity all through, or none is set (the port has checked them)."""
    if max(frame, default=0) < PARITY_BIT:
        return True
    return len({value.bit_count() % 2 for value in frame}) == 1
