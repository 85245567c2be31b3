"""A simulated Yaohua XK3190. It hears nothing and sends its display ten times a second, in one of five formats.

    price     =0002.000kg;0001.00;0002.00     format 4, with unit price and amount
    tf0       STX + 001234 3 1C ETX           format 0 (tF=0): digits, decimals from the right, XOR
    reversed  =000.3000                       format 1: the lowest digit first
    plain     =0003.000                       format 2
    a12e      WG004.139kg3D CR LF             the A12E: gross or net, XOR; OL over and LO under its range

Sources: Yaohua XK3190-A23p manual, pp. 24-25; A26 manual, pp. 12-13; A12E manual, p. 13. What they leave open is chosen
here: off its range a scale without OL and LO sends nothing, and an amount over 9999.99 gives up decimals, not digits.
"""

import random
from collections.abc import Iterable
from functools import reduce
from operator import xor
from typing import Final

from domain.units import PriceUnit
from simulators.scales.platform import Seen
from simulators.scales.protocol import SimulatedScale, SimulatedSpec

FRAME_EVERY_S: Final = 0.1
MAX_PRICE_FEN: Final = 999_999  # `9999.99`, the most that can be keyed
_PRICED_GRAMS: Final = {PriceUnit.KG: 1000, PriceUnit.HALF_KG: 500, PriceUnit.HUNDRED_GRAMS: 100}


class SimulatedXk3190(SimulatedScale):
    """One scale; `profile` is the format it is set to."""

    _next_at = 0.0

    def hear(self, data: bytes, now: float) -> bytes:  # noqa: ARG002 - set to send by itself, it takes no commands
        """Answer nothing."""
        return b""

    def tick(self, now: float) -> bytes:
        """Send a frame every `FRAME_EVERY_S`."""
        if now < self._next_at:
            return b""
        self._next_at = now + FRAME_EVERY_S
        return self._frame(self.platform.look(now))

    def key_price(self, unit_price_fen: int) -> None:
        """Raise ValueError for a price its display does not hold."""
        if not 0 <= unit_price_fen <= MAX_PRICE_FEN:
            raise ValueError(f"{unit_price_fen} fen does not fit into an XK3190's price")
        super().key_price(unit_price_fen)

    def _frame(self, seen: Seen) -> bytes:
        if self.profile == "a12e":
            return a12e_frame(seen, self.tare_g)
        if seen.is_overload or seen.is_underload:
            return b""
        net_g = seen.gross_g - self.tare_g
        if self.profile == "price":
            return price_frame(net_g, self.unit_price_fen, self.price_unit)
        return {"tf0": tf0_frame, "reversed": reversed_frame, "plain": plain_frame}[self.profile](net_g)


def price_frame(net_g: int, unit_price_fen: int, price_unit: PriceUnit) -> bytes:
    """Return 27 bytes: weight, unit price, and the amount rounded half up to the fen; below zero nothing is asked."""
    amount_fen = _divide(net_g * unit_price_fen, _PRICED_GRAMS[price_unit]) if net_g > 0 else 0
    return b"=%s%s;%s;%s" % (_display(net_g, 8), b"kg", _decimals(unit_price_fen), _amount(amount_fen))


def tf0_frame(net_g: int) -> bytes:
    """Return 12 bytes; the XOR is over the sign, the digits and the place of the point."""
    body = b"%s%06d3" % (b"-" if net_g < 0 else b"+", abs(net_g))
    return b"\x02" + body + _check(body) + b"\x03"


def reversed_frame(net_g: int) -> bytes:
    """Return 9 bytes, the sign last."""
    return b"=" + _display(net_g, 8)[::-1]


def plain_frame(net_g: int) -> bytes:
    """Return 9 bytes, the sign first."""
    return b"=" + _display(net_g, 8)


def a12e_frame(seen: Seen, tare_g: int) -> bytes:
    """Return 15 bytes: `WG` a gross weight, `WN` a net one, or nine spaces before `OL` or `LO`."""
    if seen.is_overload or seen.is_underload:
        body = b" " * 9 + (b"OL" if seen.is_overload else b"LO")
    else:
        body = (b"WN" if tare_g else b"WG") + _display(seen.gross_g - tare_g, 7) + b"kg"
    return body + _check(body) + b"\r\n"


def _display(net_g: int, places: int) -> bytes:
    """Return kilograms with three decimals; the first place is the sign below zero, and a digit above it."""
    kg, g = divmod(abs(net_g), 1000)
    whole_places = places - 4
    whole = f"-{kg:0{whole_places - 1}d}" if net_g < 0 else f"{kg:0{whole_places}d}"
    return f"{whole}.{g:03d}".encode("ascii")


def _decimals(fen: int) -> bytes:
    return f"{fen // 100:04d}.{fen % 100:02d}".encode("ascii")


def _amount(fen: int) -> bytes:
    """Seven places: fen, then jiao, then yuan, as the amount grows."""
    if fen <= MAX_PRICE_FEN:
        return _decimals(fen)
    jiao = _divide(fen, 10)
    if jiao <= MAX_PRICE_FEN:
        return f"{jiao // 10:05d}.{jiao % 10}".encode("ascii")
    return f"{_divide(fen, 100):07d}".encode("ascii")


def _divide(number: int, by: int) -> int:
    """Half up, as scales round."""
    whole, rest = divmod(number, by)
    return whole + (2 * rest >= by)


def _check(body: Iterable[int]) -> bytes:
    return b"%02X" % reduce(xor, body)


def _make(profile: str, rng: random.Random, price_unit: PriceUnit) -> SimulatedScale:
    if price_unit not in _PRICED_GRAMS:
        raise ValueError(f"price_unit is {price_unit!r}; an XK3190 prices by weight")
    return SimulatedXk3190(profile, rng, price_unit)


SIMULATED: Final = SimulatedSpec(
    name="yaohua_xk3190",
    title="Yaohua XK3190 (耀华), with price",
    profiles=("price",),
    make=_make,
)

SIMULATED_WEIGHT_ONLY: Final = SimulatedSpec(
    name="yaohua_xk3190_weight",
    title="Yaohua XK3190 (耀华), weight only",
    profiles=("tf0", "reversed", "plain", "a12e"),
    make=_make,
)
