"""The customer display (客显): pure bytes of the LED8 command set most Chinese customer displays understand.

`CLR` 0x0C empties it; `ESC Q A digits CR` shows a number; `ESC s n` lights 1 unit price, 2 total, 3 received, 4 change.
"""

from typing import Final

from domain.units import yuan
from domain.weighing import Weighing

CLEAR: Final = b"\x0c"
LIGHT_TOTAL: Final = b"\x1bs2"


def show_number(text: str) -> bytes:
    """Return what shows `text`: digits, a dot and a minus."""
    return b"\x1bQA" + text.encode("ascii") + b"\r"


def recorded(weighing: Weighing) -> bytes:
    """Return what shows the price to pay, in yuan, under the light "total".

    It means "recorded" to vendor and customer: send it only when the weighing is durable in the outbox.
    """
    return CLEAR + show_number(yuan(weighing.amount_fen)) + LIGHT_TOTAL
