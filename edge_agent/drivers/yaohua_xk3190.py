"""Yaohua XK3190, price format ("format 4"): 27 bytes sent over and over, without CR LF and without a checksum.

    =0002.000kg;0001.00;0002.00
    │└─ weight  │       └ amount, yuan
    start       └ unit price, yuan for a kg or for 500 g, as the scale is set

The first place of the weight is its sign when there is one (`-`; `+`, a space or a digit otherwise). Source: Yaohua
XK3190-A23p manual, pp. 24–25; A26 manual, pp. 12–13.

Without a checksum, two halves of different frames can look like one: the amount has to be what weight and price make.
"""

import re
from typing import Final

from domain.units import Fen, FenPerKg, Grams, PriceUnit, amount_due, fen_per_kg
from edge_agent.drivers.protocol import DriverSpec, PriceFrom, ScaleDriver
from edge_agent.readings import Garbage, Heard, Reading

FRAME_BYTES: Final = 27
AMOUNT_TOLERANCE_FEN: Final = 1  # a scale that computes with more digits than it sends may round the other way
_START: Final = b"="
_FRAME: Final = re.compile(
    rb"=(?P<sign>[-+ 0-9])(?P<kg>\d{3})\.(?P<g>\d{3})kg"
    rb";(?P<price_yuan>\d{4})\.(?P<price_fen>\d{2})"
    rb";(?P<amount_sign>[-0-9])(?P<amount_yuan>\d{3})\.(?P<amount_fen>\d{2})"
)


class Xk3190PriceDecoder(ScaleDriver):
    """Frames of one scale whose unit price is set for `price_unit`."""

    def __init__(self, price_unit: PriceUnit) -> None:
        """Raise ValueError for a price by the piece: this frame has no pieces."""
        if fen_per_kg(Fen(0), price_unit) is None:
            raise ValueError(f"price_unit is {price_unit!r}; an XK3190 prices by weight")
        self._price_unit = price_unit
        self._buffer = b""

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port; what is kept for the next call is always less than one frame."""
        self._buffer += data
        found: list[Heard] = []
        while (end := _end_of_piece(self._buffer)) is not None:
            piece, self._buffer = self._buffer[:end], self._buffer[end:]
            found.append(_read(piece, self._price_unit))
        return found

    def reset(self) -> None:
        """Forget the half frame in hand."""
        self._buffer = b""


def _end_of_piece(buffer: bytes) -> int | None:
    """Return where the first piece ends: before the next start, at a frame's length at the latest, or not yet."""
    next_start = buffer.find(_START, 1, FRAME_BYTES + 1)
    if next_start != -1:
        return next_start
    return FRAME_BYTES if len(buffer) >= FRAME_BYTES else None


def _read(piece: bytes, price_unit: PriceUnit) -> Reading | Garbage:
    if not piece.startswith(_START):
        return Garbage(reason="no_start", data=piece)
    if len(piece) < FRAME_BYTES:
        return Garbage(reason="torn", data=piece)
    match = _FRAME.fullmatch(piece)
    if match is None:
        return Garbage(reason="not_a_frame", data=piece)
    net_g = Grams(_signed(match["sign"], match["kg"] + match["g"]))
    unit_price_fen = Fen(int(match["price_yuan"] + match["price_fen"]))
    amount_fen = Fen(_signed(match["amount_sign"], match["amount_yuan"] + match["amount_fen"]))
    if not _amount_fits(net_g, unit_price_fen, amount_fen, price_unit):
        return Garbage(reason="amount_mismatch", data=piece)
    return Reading(net_g=net_g, unit_price_fen=unit_price_fen, amount_fen=amount_fen)


def _signed(first: bytes, digits: bytes) -> int:
    return -int(digits) if first == b"-" else int(first.strip(b"+ ") + digits)


def _amount_fits(net_g: Grams, unit_price_fen: Fen, amount_fen: Fen, price_unit: PriceUnit) -> bool:
    """Below zero nothing is sold, and scales differ in what they show: nought, or a negative amount."""
    if net_g < 0:
        return amount_fen <= 0
    per_kg = fen_per_kg(unit_price_fen, price_unit)
    expected = amount_due(net_g, FenPerKg(per_kg or 0))
    return abs(amount_fen - expected) <= AMOUNT_TOLERANCE_FEN


DRIVER: Final = DriverSpec(
    name="yaohua_xk3190",
    title="Yaohua XK3190 (耀华)",
    profiles=("price",),
    price_from=PriceFrom.SCALE,
    make=lambda options: Xk3190PriceDecoder(options.price_unit),
)
