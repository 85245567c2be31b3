"""The customer display (客显): pure bytes of the LED8 command set most Chinese customer displays understand.

`CLR` 0x0C empties it; `ESC Q A digits CR` shows a number; `ESC s n` lights 1 unit price, 2 total, 3 received, 4 change.
"""

from typing import Final

from domain.units import FenPerKg, PriceUnit, yuan
from domain.weighing import Weighing
from edge_agent.caps.cap_book import highest_legal_fen

CLEAR: Final = b"\x0c"
LIGHT_UNIT_PRICE: Final = b"\x1bs1"
LIGHT_TOTAL: Final = b"\x1bs2"


def show_number(text: str) -> bytes:
    """Return what shows `text`: digits, a dot and a minus."""
    return b"\x1bQA" + text.encode("ascii") + b"\r"


def recorded(weighing: Weighing) -> bytes:
    """Return what shows the price to pay, in yuan, under the light "total".

    It means "recorded" to vendor and customer: send it only when the weighing is durable in the outbox. What takes a
    sale back empties the display: there is nothing to pay any more. So does a sale without a known price: its total is
    on the scale, and 0.00 would be a lie.
    """
    if weighing.voids_seq is not None or not weighing.has_unit_price:
        return CLEAR
    return CLEAR + show_number(yuan(weighing.amount_fen)) + LIGHT_TOTAL


def over_cap(cap_fen_per_kg: FenPerKg, unit: PriceUnit) -> bytes:
    """Return what shows the highest legal price for `unit`, in yuan, under the light "unit price".

    Shown while the price that was keyed is above it. For a price by the piece the cap is shown for a kg. The command
    set has no blinking, and to blink from here would cost the line to the keypad: the light says what it is.
    """
    legal = highest_legal_fen(cap_fen_per_kg, unit)
    return CLEAR + show_number(yuan(cap_fen_per_kg if legal is None else legal)) + LIGHT_UNIT_PRICE
