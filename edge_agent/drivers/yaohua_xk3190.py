"""Yaohua XK3190, price format ("format 4"): 27 bytes sent over and over, without CR LF and without a checksum.

    =0002.000kg;0001.00;0002.00
    │└─ weight  │       └ amount, yuan
    start       └ unit price, yuan for a kg or for 500 g, as the scale is set

The first place of the weight is its sign when there is one (`-`; `+`, a space or a digit otherwise). The unit may be
`kg`, `lb` or `pc` (a scale that counts); only kilograms are read. Source: Yaohua XK3190-A23p manual, pp. 24-25; A26
manual, pp. 12-13.

Without a checksum, two halves of different frames can look like one: the amount has to be what weight and price make.
The manuals do not say what becomes of an amount over 9999.99 in its seven places. One that gives up decimals
(`99999.9`, `0100000`) is taken where it is what weight and price make to its last digit; any other is garbage, counted
as `amount_overflow`, so that large sales which cannot be read do not pass for noise.
"""

import re
from typing import Final

from domain.units import Fen, FenPerKg, Grams, PriceUnit, amount_due, fen_per_kg
from edge_agent.drivers.amounts import AMOUNT_TOLERANCE_FEN, check_prices_by_weight
from edge_agent.drivers.framing import Framer, fixed_length
from edge_agent.drivers.protocol import DriverOptions, DriverSpec, PriceFrom, ScaleDriver, check_profile
from edge_agent.drivers.yaohua_weights import DISPLAY, shown_grams, why_no_frame
from edge_agent.weighing.readings import Garbage, Heard, Reading

FRAME_BYTES: Final = 27
_MOST_IN_AMOUNT_FEN: Final = 999_999
_START: Final = b"="
_FRAME: Final = re.compile(rb"=(?P<weight>.{8})kg;(?P<price>\d{4}\.\d{2});(?P<amount>.{7})", re.DOTALL)
_OTHER_UNIT: Final = re.compile(rb"=[-+ 0-9][0-9.]{7}(?:lb|pc);")
_AMOUNT: Final = re.compile(rb"(?P<sign>[-0-9])(?:(?P<fen>\d{3}\.\d\d)|(?P<jiao>\d{4}\.\d)|(?P<yuan>\d{6}))")
_FEN_IN_LAST_DIGIT: Final = {"fen": 1, "jiao": 10, "yuan": 100}


class Xk3190PriceDecoder(ScaleDriver):
    """Frames of one scale whose unit price is set for `price_unit`."""

    def __init__(self, price_unit: PriceUnit) -> None:
        """Raise ValueError for a price by the piece: its pieces have no weight."""
        check_prices_by_weight(price_unit, "an XK3190")
        self._price_unit = price_unit
        self._frames = Framer(starts=_START, longest=FRAME_BYTES, end_of=fixed_length(_START, FRAME_BYTES))

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port; what is kept for the next call is always less than one frame."""
        return [_read(piece.data, self._price_unit) for piece in self._frames.feed(data)]

    def reset(self) -> None:
        """Forget the half frame in hand."""
        self._frames.reset()


def _read(piece: bytes, price_unit: PriceUnit) -> Reading | Garbage:
    match = _FRAME.fullmatch(piece)
    weight = DISPLAY.fullmatch(match["weight"]) if match is not None else None
    if match is None or weight is None:
        return Garbage(reason=_why_no_frame(piece), data=piece)
    net_g, unit_price_fen = shown_grams(weight), Fen(int(match["price"].replace(b".", b"")))
    amount_fen = _amount(match["amount"], net_g, unit_price_fen, price_unit)
    if isinstance(amount_fen, str):
        return Garbage(reason=amount_fen, data=piece)
    return Reading(net_g=net_g, unit_price_fen=unit_price_fen, amount_fen=amount_fen)


def _why_no_frame(piece: bytes) -> str:
    is_other_unit = len(piece) == FRAME_BYTES and _OTHER_UNIT.match(piece)
    return "not_kg" if is_other_unit else why_no_frame(piece, _START, FRAME_BYTES)


def _amount(field: bytes, net_g: Grams, unit_price_fen: Fen, price_unit: PriceUnit) -> Fen | str:
    """Return the amount as the scale shows it, or why it is none."""
    expected = amount_due(net_g, FenPerKg(fen_per_kg(unit_price_fen, price_unit) or 0))
    overflows = expected > _MOST_IN_AMOUNT_FEN
    match = _AMOUNT.fullmatch(field)
    if match is None:
        return "amount_overflow" if overflows else "not_a_frame"
    place = str(match.lastgroup)
    fen_in_last_digit = _FEN_IN_LAST_DIGIT[place]
    digits = match[place].replace(b".", b"")
    shown = (-int(digits) if match["sign"] == b"-" else int(match["sign"] + digits)) * fen_in_last_digit
    if net_g < 0:  # nothing is sold, and scales differ in what they show: nought, or a negative amount
        return Fen(shown) if shown <= 0 else "amount_mismatch"
    tolerance_fen = AMOUNT_TOLERANCE_FEN if fen_in_last_digit == 1 else fen_in_last_digit - 1
    if abs(shown - expected) <= tolerance_fen and (overflows or fen_in_last_digit == 1):
        return Fen(shown)
    return "amount_overflow" if overflows else "amount_mismatch"


def _make(options: DriverOptions) -> ScaleDriver:
    check_profile(options, DRIVER.profiles)
    return Xk3190PriceDecoder(options.price_unit)


DRIVER: Final = DriverSpec(
    name="yaohua_xk3190",
    title="Yaohua XK3190 (耀华), with price",
    profiles=("price",),
    price_from=PriceFrom.SCALE,
    make=_make,
)
