"""A simulated Yaohua XK3190 on a 9600 baud line: the bytes it sends, and the frames of one sale. Pure.

The arithmetic is its own, so that what reads it is checked against something else than itself.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.units import PriceUnit

DIVISION_G: Final = 5  # e of a 15 kg market scale
MAX_NET_G: Final = 15_000
MAX_FIELD_FEN: Final = 999_999  # `9999.99`, the most a price or an amount field holds
_PRICED_GRAMS: Final = {PriceUnit.KG: 1000, PriceUnit.HALF_KG: 500}
OVERSHOOT_PERCENT: Final = 115  # goods that fall onto the pan weigh more for a moment


def amount_fen(net_g: int, unit_price_fen: int, price_unit: PriceUnit) -> int:
    """Return what the scale asks for, rounded half up to the fen."""
    grams = _PRICED_GRAMS[price_unit]
    whole, rest = divmod(net_g * unit_price_fen, grams)
    return whole + (2 * rest >= grams)


def frame(net_g: int, unit_price_fen: int, price_unit: PriceUnit) -> bytes:
    """Return the 27 bytes the scale sends; below zero it asks for nothing. Raise ValueError where a field overflows."""
    amount = amount_fen(net_g, unit_price_fen, price_unit) if net_g > 0 else 0
    if not (abs(net_g) <= MAX_NET_G and 0 <= unit_price_fen <= MAX_FIELD_FEN and amount <= MAX_FIELD_FEN):
        raise ValueError(f"{net_g} g at {unit_price_fen} fen does not fit into an XK3190's fields")
    kg, g = divmod(abs(net_g), 1000)
    sign = "-" if net_g < 0 else "0"
    return f"={sign}{kg:03d}.{g:03d}kg;{_yuan(unit_price_fen)};{_yuan(amount)}".encode("ascii")


@dataclass(frozen=True, kw_only=True, slots=True)
class SaleFrames:
    """What the scale sends while something is sold: `settling` in turn, then `steady` and `empty` again and again."""

    settling: tuple[bytes, ...]
    steady: bytes
    empty: bytes


def sale_frames(rng: random.Random, net_g: int, unit_price_fen: int, price_unit: PriceUnit) -> SaleFrames:
    """Return the frames of a sale: two to four noisy ones, no two alike in a row and none the final weight."""
    return SaleFrames(
        settling=tuple(frame(g, unit_price_fen, price_unit) for g in _noise(rng, net_g)),
        steady=frame(net_g, unit_price_fen, price_unit),
        empty=frame(0, unit_price_fen, price_unit),
    )


def _noise(rng: random.Random, net_g: int) -> Iterator[int]:
    largest = net_g * OVERSHOOT_PERCENT // 100 // DIVISION_G
    last = net_g
    for _ in range(rng.randint(2, 4)):
        unsettled = last
        while unsettled in (last, net_g):
            unsettled = DIVISION_G * rng.randint(1, largest)
        yield unsettled
        last = unsettled


def _yuan(fen: int) -> str:
    return f"{fen // 100:04d}.{fen % 100:02d}"
