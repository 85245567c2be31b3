"""The records of Dialog 06, both ways: what the host sends as bytes, and what a piece of the scale's answers says.

    host   EOT STX 01 ESC PPPPPP ESC ETX                 unit price; 03 with a tare, 04 with a text, 05 with both
    host   EOT ENQ                                       the weight, please
    scale  STX 02 ESC 3 ESC WWWWW ESC PPPPPP ESC IIIIII ETX
    host   EOT STX 08 ETX                                why not?
    scale  STX 09 ESC S1 S0 ETX
    scale  STX 11 ESC …                                  wants the checksums of a verified till

ACK and NAK are single bytes. Sources: Ohaus Aviator 7000 service manual, pp. 38-40; Cely PI100, pp. 18-20; DIBAL
DPOS400, p. 56. The unit price in record 02 has 5 or 6 digits (Aviator), and 3 says that the weight is in kilograms.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from domain.units import Fen, Grams
from edge_agent.weighing.readings import Condition, Garbage

ASK_WEIGHT: Final = b"\x04\x05"
ASK_STATUS: Final = b"\x04\x0208\x03"
TEXT_PLACES: Final = 13
MOST_PRICE_FEN: Final = Fen(999_999)
MOST_TARE_G: Final = 9999
LONGEST_RECORD: Final = 32  # record 02, the longest we know, has 27 bytes
STARTS: Final = b"\x02\x06\x15"

_PRICE_RECORDS: Final = {(False, False): "01", (True, False): "03", (False, True): "04", (True, True): "05"}
_BOUNDARY: Final = re.compile(rb"[\x02\x06\x15]|\x03")
_SINGLE: Final = (b"\x06", b"\x15")
_WEIGHED: Final = re.compile(
    rb"\x0202\x1b(?P<unit>[0-3])\x1b(?P<weight>\d{5})\x1b(?P<price>\d{5,6})\x1b(?P<amount>\d{6})\x03"
)
_STATUS: Final = re.compile(rb"\x0209\x1b(?P<code>\d\d)\x03")
_CHECKSUMS: Final = re.compile(rb"\x0211\x1b[^\x03]*\x03")

NO_WEIGHT: Final = {
    b"20": Condition.MOTION,
    b"21": Condition.SAME_LOAD,
    b"22": Condition.NOT_READY,
    b"30": Condition.BELOW_MINIMUM,
    b"31": Condition.UNDERLOAD,
    b"32": Condition.OVERLOAD,
}


class Signal(Enum):
    """A single byte."""

    TAKEN = "taken"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighed:
    """Record 02."""

    net_g: Grams
    unit_price_fen: Fen
    amount_fen: Fen


@dataclass(frozen=True, slots=True)
class Status:
    """Record 09: two digits."""

    code: bytes


Answer = Signal | Weighed | Status | Garbage


def price_record(unit_price_fen: Fen, tare_g: Grams, text: str) -> bytes:
    """Return record 01, 03, 04 or 05. The text is ASCII, and cut or filled to 13 places; no tare is 0."""
    number = _PRICE_RECORDS[bool(tare_g), bool(text)]
    tare = [f"{tare_g:04d}"] if tare_g else []
    shown = [text[:TEXT_PLACES].ljust(TEXT_PLACES)] if text else []
    fields = [number, f"{unit_price_fen:06d}", *((tare + shown) or [""])]
    return b"\x04\x02" + "\x1b".join(fields).encode("ascii") + b"\x03"


def end_of_answer(window: bytes) -> int | None:
    """Say where the single byte or the record at its beginning ends, for a `Framer` of these `STARTS`."""
    if window[:1] in _SINGLE:
        return 1
    boundary = _BOUNDARY.search(window, 1)
    if boundary is None:
        return None
    return boundary.end() if boundary.group() == b"\x03" else 0


def read_answer(piece: bytes) -> Answer:
    """Say what a piece is."""
    if piece in _SINGLE:
        return Signal.TAKEN if piece == b"\x06" else Signal.REFUSED
    if (status := _STATUS.fullmatch(piece)) is not None:
        return Status(status["code"])
    if (weighed := _WEIGHED.fullmatch(piece)) is not None:
        return _weighed(weighed)
    if _CHECKSUMS.fullmatch(piece):
        return Garbage(reason="wants_checksums", data=piece)
    if not piece.startswith(b"\x02"):
        return Garbage(reason="no_start", data=piece)
    return Garbage(reason="not_a_record" if piece.endswith(b"\x03") else "torn", data=piece)


def _weighed(match: re.Match[bytes]) -> Weighed | Garbage:
    if match["unit"] != b"3":
        return Garbage(reason="not_kg", data=match.group())
    return Weighed(
        net_g=Grams(int(match["weight"])), unit_price_fen=Fen(int(match["price"])), amount_fen=Fen(int(match["amount"]))
    )
