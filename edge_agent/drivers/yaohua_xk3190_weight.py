"""Yaohua XK3190 set to a format that carries the weight alone. The price is keyed at the stall, or in its PLU table.

    tf0       STX + 001234 3 1C ETX       12 bytes: sign, digits, decimals from the right (0-4), XOR of bytes 2-9 in hex
    reversed  =000.3000                    9 bytes, the lowest digit first, the sign last; no checksum, no end
    plain     =0003.000                    9 bytes; no checksum, no end
    a12e      WG004.139kg3D CR LF         15 bytes: G gross or N net, XOR of bytes 1-11 in hex; nine spaces and OL or LO

Sources: A26 manual, pp. 12-13 (formats 0, 1, 2); A23p manual, pp. 23-24; A12E manual, p. 13 (it says "checksum"; its
examples fit an XOR, and no sum). The point of `a12e` may be missing: its last place is then a space.

Halves of two plain or reversed frames can make one that nothing shows to be wrong. So such a frame is believed when the
frame right before it was the same; else it is told as motion. A load at rest is read one frame later by this, and one
that moves is not read at all.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Final

from domain.units import Grams
from domain.weighing import TareKind
from edge_agent.drivers.framing import Framer, Piece, fixed_length
from edge_agent.drivers.lines import Line, LineBuffer
from edge_agent.drivers.protocol import DriverOptions, DriverSpec, PriceFrom, ScaleDriver, check_profile
from edge_agent.drivers.yaohua_weights import DISPLAY, grams_of_digits, shown_grams, why_no_frame
from edge_agent.weighing.readings import Condition, Garbage, Heard, NoWeight, Reading

_TF0_BYTES: Final = 12
_DISPLAY_BYTES: Final = 9
_A12E_BYTES: Final = 13  # without CR LF
_TF0: Final = re.compile(rb"\x02(?P<body>(?P<sign>[-+])(?P<digits>\d{6})(?P<decimals>[0-4]))(?P<check>[0-9A-F]{2})\x03")
_A12E: Final = re.compile(
    rb"(?P<body>W(?P<kind>[GN])(?P<weight>[-0-9][0-9.]{5}[0-9 ])kg|[ ]{9}(?P<off>OL|LO))(?P<check>[0-9A-F]{2})"
)
_OTHER_UNIT: Final = re.compile(rb"W[GN][-0-9. ]{7}(?!kg)[a-z]{2}")
_OFF_RANGE: Final = {b"OL": Condition.OVERLOAD, b"LO": Condition.UNDERLOAD}

ReadPiece = Callable[[bytes], Heard]


def read_tf0(piece: bytes) -> Heard:
    """Read a piece of 12 bytes or less."""
    match = _TF0.fullmatch(piece)
    if match is None:
        return Garbage(reason=why_no_frame(piece, b"\x02", _TF0_BYTES), data=piece)
    if not _is_checked(match):
        return Garbage(reason="checksum", data=piece)
    digits = int(match["digits"])
    return Reading(net_g=grams_of_digits(-digits if match["sign"] == b"-" else digits, int(match["decimals"])))


def read_reversed(piece: bytes) -> Heard:
    """Read a piece of 9 bytes or less whose digits come lowest first."""
    return _read_display(piece, piece[:0:-1])


def read_plain(piece: bytes) -> Heard:
    """Read a piece of 9 bytes or less."""
    return _read_display(piece, piece[1:])


def read_a12e(piece: bytes) -> Heard:
    """Read a line without its end. A gross weight has no tare; a net weight has one that the scale does not tell."""
    match = _A12E.fullmatch(piece)
    if match is None:
        return Garbage(reason=_why_no_a12e(piece), data=piece)
    if not _is_checked(match):
        return Garbage(reason="checksum", data=piece)
    if match["off"] is not None:
        return NoWeight(_OFF_RANGE[match["off"]])
    weight = DISPLAY.fullmatch(match["weight"].replace(b" ", b".0"))
    if weight is None:
        return Garbage(reason="not_a_frame", data=piece)
    if match["kind"] == b"G":
        return Reading(net_g=shown_grams(weight), tare_g=Grams(0), tare_kind=TareKind.NONE)
    return Reading(net_g=shown_grams(weight))


def _why_no_a12e(piece: bytes) -> str:
    if len(piece) < _A12E_BYTES:
        return "torn"
    return "not_kg" if _OTHER_UNIT.match(piece) else "not_a_frame"


def _read_display(piece: bytes, display: bytes) -> Heard:
    weight = DISPLAY.fullmatch(display) if len(piece) == _DISPLAY_BYTES and piece.startswith(b"=") else None
    if weight is None:
        return Garbage(reason=why_no_frame(piece, b"=", _DISPLAY_BYTES), data=piece)
    return Reading(net_g=shown_grams(weight))


def _is_checked(match: re.Match[bytes]) -> bool:
    return reduce(xor, match["body"]) == int(match["check"], 16)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Format:
    cut: Callable[[], Framer | LineBuffer]
    read: ReadPiece
    must_repeat: bool = False


def _fixed(start: bytes, length: int) -> Framer:
    return Framer(starts=start, longest=length, end_of=fixed_length(start, length))


_FORMATS: Final = {
    "tf0": _Format(cut=lambda: _fixed(b"\x02", _TF0_BYTES), read=read_tf0),
    "reversed": _Format(cut=lambda: _fixed(b"=", _DISPLAY_BYTES), read=read_reversed, must_repeat=True),
    "plain": _Format(cut=lambda: _fixed(b"=", _DISPLAY_BYTES), read=read_plain, must_repeat=True),
    "a12e": _Format(cut=lambda: LineBuffer(_A12E_BYTES), read=read_a12e),
}


class Xk3190WeightDecoder(ScaleDriver):
    """Frames of one scale that is set to the format `profile`."""

    def __init__(self, profile: str) -> None:
        self._format = _FORMATS[profile]
        self._frames = self._format.cut()
        self._last: Heard | None = None

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port; what is kept for the next call is a frame at most."""
        return [self._believe(self._read(piece)) for piece in self._frames.feed(data)]

    def reset(self) -> None:
        """Forget the half frame in hand, and the whole one before it."""
        self._frames.reset()
        self._last = None

    def _read(self, piece: Piece | Line | Garbage) -> Heard:
        return piece if isinstance(piece, Garbage) else self._format.read(piece.data)

    def _believe(self, item: Heard) -> Heard:
        if not self._format.must_repeat:
            return item
        last, self._last = self._last, item
        return NoWeight(Condition.MOTION) if isinstance(item, Reading) and item != last else item


def _make(options: DriverOptions) -> ScaleDriver:
    check_profile(options, _FORMATS)
    return Xk3190WeightDecoder(options.profile)


DRIVER: Final = DriverSpec(
    name="yaohua_xk3190_weight",
    title="Yaohua XK3190 (耀华), weight only",
    profiles=tuple(_FORMATS),
    price_from=PriceFrom.KEYPAD,
    make=_make,
)
