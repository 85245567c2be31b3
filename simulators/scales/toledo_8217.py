"""A Toledo 8217 or 8213 POS scale: it only ever answers. 7E1.

Written after Transcell PC-150 manual, B-3, and Brecknell 67xx service manual, pp. 69-71. In motion, over capacity and
below zero it has no weight and says so with a status record, at once.
"""

import random
from typing import Final

from domain.units import PriceUnit
from simulators.scales.platform import Capacity, Seen
from simulators.scales.protocol import SimulatedScale, SimulatedSerial, SimulatedSpec

_STX: Final = b"\x02"
_CR: Final = b"\r"
_FORMATS: Final = {"standard": (2, 3), "8213": (3, 2), "brecknell": (4, 1)}  # places before and after the point
_CAPTURE_PERCENT: Final = 2  # zero is found within that of Max (OIML R 76-1, 4.5.1)


class Toledo8217Scale(SimulatedScale):
    """One scale. `is_pounds` is its unit key (Brecknell tells it); `confidence` what its memory test will find."""

    def __init__(
        self,
        profile: str,
        rng: random.Random,
        price_unit: PriceUnit = PriceUnit.KG,
        capacity: Capacity | None = None,
    ) -> None:
        super().__init__(profile, rng, price_unit, capacity)
        self.is_pounds = False
        self.confidence = 0
        self.is_echoing = False
        self._tested = 0
        self._places = _FORMATS[profile]
        self._part: int = 10 ** (3 - self._places[1])  # its last place, in thousandths

    def tick(self, now: float) -> bytes:  # noqa: ARG002
        """It says nothing by itself."""
        return b""

    def hear(self, data: bytes, now: float) -> bytes:
        """Answer every command; while it echoes, everything but F is sent back and obeyed no further."""
        return b"".join(self._answer(bytes([letter]), now) for letter in data)

    def restart(self, now: float) -> bytes:
        """Switch it off and on."""
        self.is_echoing, self._tested = False, 0
        return super().restart(now)

    def shown_net_g(self, now: float) -> int:
        """Its places are fewer than grams: an 8213 shows tens, a Brecknell hundreds."""
        return self._parts(super().shown_net_g(now)) * self._part

    def _answer(self, letter: bytes, now: float) -> bytes:
        if self.is_echoing and letter != b"F":
            return letter
        if letter in {b"E", b"F"}:
            self.is_echoing = letter == b"E"
            return _STX + letter + _CR
        if letter == b"A":
            self._tested = self.confidence
            return _STX + b"?" + _CR
        if letter == b"B":
            return _STX + bytes([self._tested]) + _CR
        if letter in {b"W", b"H"}:
            return self._weight(letter, now)
        if letter == b"Z":
            self.platform.zero(now)
        return self._status(self.platform.look(now))

    def _weight(self, letter: bytes, now: float) -> bytes:
        seen = self.platform.look(now)
        net_g = seen.gross_g - self.tare_g
        if not seen.is_stable or seen.is_overload or seen.is_underload or net_g < 0:
            return self._status(seen)
        if letter == b"H":
            return _STX + b"%02d.%04d" % divmod(net_g * 10, 10_000) + _CR
        return _STX + self._shown(net_g) + (self._unit() if self.profile == "brecknell" else self._net()) + _CR

    def _shown(self, net_g: int) -> bytes:
        before, after = self._places
        thousandths = net_g * 100_000 // 45_359 if self.is_pounds else net_g
        whole, rest = divmod(self._parts(thousandths), 10**after)
        return b"%0*d.%0*d" % (before, whole, after, rest)

    def _parts(self, thousandths: int) -> int:
        return (thousandths + self._part // 2) // self._part

    def _unit(self) -> bytes:
        return b"lb" if self.is_pounds else b"kg"

    def _net(self) -> bytes:
        return b"N" if self.tare_g and self.profile == "standard" else b""

    def _status(self, seen: Seen) -> bytes:
        capture_g = self.platform.capacity.max_g * _CAPTURE_PERCENT // 100
        flags = (
            (0x01, not seen.is_stable),
            (0x02, seen.is_overload),
            (0x04, seen.gross_g - self.tare_g < 0),
            (0x08, abs(seen.gross_g) > capture_g),
            (0x10, seen.gross_g == 0),
            (0x20, self.tare_g > 0 or self.profile != "standard"),
            (0x40, True),
        )
        return _STX + b"?" + bytes([sum(bit for bit, is_set in flags if is_set)]) + _CR


SIMULATED: Final = SimulatedSpec(
    name="toledo_8217",
    title="Toledo 8213/8217 (托利多 POS)",
    profiles=tuple(_FORMATS),
    serial=SimulatedSerial(data_bits=7, parity="even"),
    make=Toledo8217Scale,
)
