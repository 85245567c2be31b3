"""The customer display at the other end: what LED8 bytes make it show. Pure, and written apart from who sends them."""

import re
from typing import Final

_COMMAND: Final = re.compile(rb"\x0c|\x1bQA(?P<digits>[-0-9.]{1,15})\r|\x1bs(?P<light>[0-4])")
_LONGEST_COMMAND: Final = 20
_UNIT_PRICE: Final = b"1"
_TOTAL: Final = b"2"


class CustomerDisplay:
    """Digits and a light.

    `warned_fen` is the highest legal price, in fen, that it showed at last under the light "unit price", for that is
    how an agent warns before a sale; None where it showed none since it was told to `forget`.
    """

    def __init__(self) -> None:
        self.warned_fen: int | None = None
        self._buffer = b""
        self._digits = b""
        self._light = b"0"

    def feed(self, data: bytes) -> None:
        """Take bytes; what is no command is passed over, as a display does."""
        self._buffer += data
        done = 0
        for match in _COMMAND.finditer(self._buffer):
            done = match.end()
            self._obey(match)
        self._buffer = self._buffer[done:][-_LONGEST_COMMAND:]

    def total_fen(self) -> int | None:
        """Return the amount shown under the light "total", in fen; None while there is none."""
        return self._fen() if self._light == _TOTAL else None

    def warning_fen(self) -> int | None:
        """Return the price shown under the light "unit price", in fen; None while there is none."""
        return self._fen() if self._light == _UNIT_PRICE else None

    def forget(self) -> None:
        """Show nothing, as when the next goods are keyed in."""
        self._clear()
        self.warned_fen = None

    def _fen(self) -> int | None:
        yuan, dot, fen = self._digits.partition(b".")
        if dot != b"." or len(fen) != len("00") or not (yuan + fen).isdigit():
            return None
        return int(yuan) * 100 + int(fen)

    def _clear(self) -> None:
        self._digits, self._light = b"", b"0"

    def _obey(self, match: re.Match[bytes]) -> None:
        if match["digits"] is not None:
            self._digits = match["digits"]
        elif match["light"] is not None:
            self._light = match["light"]
        else:
            self._clear()
        warned_fen = self.warning_fen()
        if warned_fen is not None:
            self.warned_fen = warned_fen
