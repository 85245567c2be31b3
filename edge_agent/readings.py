"""What a driver makes of bytes: a reading, a keyed PLU, or garbage with its reason. None of it leaves the edge."""

from dataclasses import dataclass

from domain.units import Fen, Grams


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One value in a scale's stream.

    `unit_price_fen` is as the scale was set: for a kg or for 500 g (the scale's `price_unit`). `net_g` may be negative
    (a tared basket was taken off). `stable` is the scale's own flag; None where its protocol carries none.
    """

    net_g: Grams
    unit_price_fen: Fen
    amount_fen: Fen
    stable: bool | None = None


@dataclass(frozen=True, slots=True)
class PluKeyed:
    """The vendor keyed (or scanned) what comes onto the pan next."""

    plu: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Garbage:
    """Bytes that are no frame. `reason` is a short stable code to count by."""

    reason: str
    data: bytes
