"""A simulated DIBAL scale with the 98/99 protocol: a price in, the weight at rest and the amount out.

    98 PPPPP C CR LF     99 S WWWWW 0 IIIIII C CR LF        C: XOR of all before it

It answers when the pan rests, and after 7 s with the flag U where it does not. Overload and a net weight below zero are
zeros, as an empty pan is. Sources: the DIBAL page of sbzsystems.com; DIBAL DPOS400, p. 45. What they leave open is
chosen here: a question that is wrong is answered with the flag 1, and an amount over 9999.99 keeps its last six digits.
"""

import random
import re
from functools import reduce
from operator import xor
from typing import Final

from domain.units import PriceUnit
from simulators.scales.protocol import SimulatedScale, SimulatedSpec

REST_WITHIN_S: Final = 7.0
_LONGEST: Final = 32
_QUESTION: Final = re.compile(rb"98(?P<price>\d{5})(?P<check>.)", re.DOTALL)


class SimulatedDibal(SimulatedScale):
    """One scale."""

    def __init__(self, profile: str, rng: random.Random, price_unit: PriceUnit = PriceUnit.KG) -> None:
        super().__init__(profile, rng, price_unit)
        self._buffer = b""
        self._gives_up_at: float | None = None  # set while a question waits for the pan to rest

    def hear(self, data: bytes, now: float) -> bytes:
        """Take questions; one that comes while another waits takes its place."""
        *lines, rest = (self._buffer + data).split(b"\r\n")
        self._buffer = rest[-_LONGEST:]
        refusals = b"".join(_answer(b"1", 0, 0) for line in lines if not self._takes(line, now))
        return refusals + self.tick(now)

    def tick(self, now: float) -> bytes:
        """Answer the question that waits, once the pan rests or its time is over."""
        if self._gives_up_at is None:
            return b""
        seen = self.platform.look(now)
        if not seen.is_stable and now < self._gives_up_at:
            return b""
        self._gives_up_at = None
        net_g = seen.gross_g - self.tare_g
        if seen.is_overload or net_g < 0:
            net_g = 0
        amount_fen = (net_g * self.unit_price_fen + 500) // 1000 % 1_000_000
        return _answer(b"0" if seen.is_stable else b"U", net_g, amount_fen)

    def restart(self, now: float) -> bytes:
        """Forget the question too."""
        self._buffer, self._gives_up_at = b"", None
        return super().restart(now)

    def _takes(self, line: bytes, now: float) -> bool:
        match = _QUESTION.fullmatch(line)
        if match is None or reduce(xor, line) != 0:  # the XOR with its own check is nothing
            return False
        self.unit_price_fen, self._gives_up_at = int(match["price"]), now + REST_WITHIN_S
        return True


def _answer(status: bytes, net_g: int, amount_fen: int) -> bytes:
    body = b"99%s%05d0%06d" % (status, net_g, amount_fen)
    return body + bytes([reduce(xor, body)]) + b"\r\n"


def _make(profile: str, rng: random.Random, price_unit: PriceUnit) -> SimulatedScale:
    if price_unit is not PriceUnit.KG:
        raise ValueError(f"price_unit is {price_unit!r}; a DIBAL scale computes with a price for a kg")
    return SimulatedDibal(profile, rng, price_unit)


SIMULATED: Final = SimulatedSpec(name="dibal", title="DIBAL 98/99", profiles=("xor_all",), make=_make)
