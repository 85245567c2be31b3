"""The stall's goods keypad, or a barcode scanner: short lines ended by CR (a LF after it is tolerated).

    2006            goods number 2006 comes onto the pan next
    2006*98.50      … at 98.50 yuan, for the scale's price unit (or a piece)
    *98.50          that price, for the goods keyed before
    2006/3  /3      three pieces
    +2006*98.50     correct the sale of the load on the pan: void it, and record it again as keyed
    -               void the last sale

The keys are those of a numeric keypad. A scale that sends its own price needs the first form only.
"""

import re
from typing import Final

from domain.units import Fen
from edge_agent.weighing.readings import Garbage, Keyed, VoidKeyed

MAX_PLU_DIGITS: Final = 14  # a GTIN-14, the longest number a scanner sends
MAX_LINE: Final = 32  # `+`, a GTIN, `*` with a price, `/` with a number of pieces
_MAX_PRICE_FEN: Final = 100_000_000  # a million yuan, as the wire contract bounds a unit price
_CR: Final = b"\r"
_LF: Final = b"\n"
_VOID: Final = b"-"
_ORDER: Final = re.compile(
    rb"(?P<corrects>\+)?(?P<plu>\d{1,14})?(\*(?P<yuan>\d{1,7})(\.(?P<fen>\d{1,2}))?)?(/(?P<pieces>[1-9]\d{0,3}))?"
)


class KeypadDecoder:
    """Lines of one keypad."""

    def __init__(self) -> None:
        self._buffer = b""
        self._overlong = False

    def feed(self, data: bytes) -> list[Keyed | VoidKeyed | Garbage]:
        """Take what came from the port. Without a CR, at most `MAX_LINE` + 1 bytes are kept."""
        *lines, rest = (self._buffer + data).split(_CR)
        found = [self._finish(line) for line in lines]
        self._keep(rest)
        return found

    def reset(self) -> None:
        """Forget the half line in hand: the port was opened again."""
        self._buffer, self._overlong = b"", False

    def _keep(self, rest: bytes) -> None:
        """The end of an overlong line is not an order of its own, so the whole line up to its CR is one garbage."""
        line = rest if self._overlong else rest.lstrip(_LF)
        self._overlong = self._overlong or len(line) > MAX_LINE
        self._buffer = line[: MAX_LINE + 1] if self._overlong else line

    def _finish(self, line: bytes) -> Keyed | VoidKeyed | Garbage:
        overlong, self._overlong = self._overlong, False
        text = line.lstrip(_LF)
        if overlong or len(text) > MAX_LINE:
            return Garbage(reason="too_long", data=text[: MAX_LINE + 1])
        if not text:
            return Garbage(reason="empty", data=text)
        return VoidKeyed() if text == _VOID else _read(text)


def _read(text: bytes) -> Keyed | Garbage:
    match = _ORDER.fullmatch(text)
    if match is None or not (match["plu"] or match["yuan"] or match["pieces"]):
        return Garbage(reason="not_an_order", data=text)
    price = None if match["yuan"] is None else int(match["yuan"]) * 100 + int((match["fen"] or b"").ljust(2, b"0"))
    if price is not None and not 0 < price <= _MAX_PRICE_FEN:
        return Garbage(reason="impossible_price", data=text)
    return Keyed(
        plu=None if match["plu"] is None else match["plu"].decode("ascii"),
        unit_price_fen=None if price is None else Fen(price),
        pieces=None if match["pieces"] is None else int(match["pieces"]),
        corrects=match["corrects"] is not None,
    )
