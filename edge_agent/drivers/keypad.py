"""The stall's goods keypad, or a barcode scanner: the digits of a PLU, then CR (a LF after it is tolerated).

The XK3190 frame carries a price but no goods, so the vendor keys the PLU before the goods go onto the pan.
"""

from typing import Final

from edge_agent.readings import Garbage, PluKeyed

MAX_PLU_DIGITS: Final = 14  # a GTIN-14, the longest number a scanner sends
_CR: Final = b"\r"
_LF: Final = b"\n"


class KeypadDecoder:
    """Lines of one keypad."""

    def __init__(self) -> None:
        self._buffer = b""
        self._overlong = False

    def feed(self, data: bytes) -> list[PluKeyed | Garbage]:
        """Take what came from the port. Without a CR, at most `MAX_PLU_DIGITS` + 1 bytes are kept."""
        *lines, rest = (self._buffer + data).split(_CR)
        found = [self._finish(line) for line in lines]
        self._keep(rest)
        return found

    def reset(self) -> None:
        """Forget the half line in hand: the port was opened again."""
        self._buffer, self._overlong = b"", False

    def _keep(self, rest: bytes) -> None:
        """The end of an overlong line is not a PLU of its own, so the whole line up to its CR is one garbage."""
        line = rest if self._overlong else rest.lstrip(_LF)
        self._overlong = self._overlong or len(line) > MAX_PLU_DIGITS
        self._buffer = line[: MAX_PLU_DIGITS + 1] if self._overlong else line

    def _finish(self, line: bytes) -> PluKeyed | Garbage:
        overlong, self._overlong = self._overlong, False
        text = line.lstrip(_LF)
        if overlong or len(text) > MAX_PLU_DIGITS:
            return Garbage(reason="too_long", data=text[: MAX_PLU_DIGITS + 1])
        if not text:
            return Garbage(reason="empty", data=text)
        if not (text.isascii() and text.isdigit()):
            return Garbage(reason="not_digits", data=text)
        return PluKeyed(text.decode("ascii"))
