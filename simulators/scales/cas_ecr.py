"""A CAS scale at a cash register: ENQ, ACK, then DC1 for the weight or DC2 for total, weight and unit price.

Written after Ohaus Aviator 7000 service manual, p. 36, and CAS PD-II manual, pp. 19 and 23. What they leave open is
decided here: a scale that is warming up says NAK; a request without an enquiry gets NAK; TYPE-0, which has no flags,
says NAK where there is no weight at rest; a total that does not fit its eight places gets NAK.
"""

import random
from typing import Final

from domain.units import PriceUnit
from simulators.scales.platform import Capacity
from simulators.scales.protocol import SimulatedScale, SimulatedSpec

WARM_UP_S: Final = 1.0
_ENQ, _ACK, _NAK, _DC1, _DC2 = 0x05, b"\x06", b"\x15", 0x11, 0x12
_UNITS_IN_A_KG: Final = {PriceUnit.KG: 1, PriceUnit.HALF_KG: 2, PriceUnit.HUNDRED_GRAMS: 10}
_MOST_FEN: Final = 9_999_999  # 99999.99 in eight places
_SCALE_TYPE: Final = b"0"


class CasEcrScale(SimulatedScale):
    """One scale. `is_pounds` is its unit key."""

    def __init__(
        self,
        profile: str,
        rng: random.Random,
        price_unit: PriceUnit = PriceUnit.KG,
        capacity: Capacity | None = None,
    ) -> None:
        super().__init__(profile, rng, price_unit, capacity)
        self.is_pounds = False
        self._is_enquired = False
        self._warm_at = 0.0

    def tick(self, now: float) -> bytes:  # noqa: ARG002
        """It says nothing by itself."""
        return b""

    def hear(self, data: bytes, now: float) -> bytes:
        """Answer enquiries and requests; other bytes are nothing to it."""
        answer = self._answer_type_0 if self.profile == "pd2_type0" else self._answer
        return b"".join(answer(value, now) for value in data)

    def restart(self, now: float) -> bytes:
        """Switch it off and on: it is not ready while it warms up."""
        self._is_enquired, self._warm_at = False, now + WARM_UP_S
        return super().restart(now)

    def _answer(self, value: int, now: float) -> bytes:
        if value == _ENQ:
            self._is_enquired = now >= self._warm_at
            return _ACK if self._is_enquired else _NAK
        if value not in {_DC1, _DC2}:
            return b""
        is_enquired, self._is_enquired = self._is_enquired, False
        if not is_enquired:
            return _NAK
        return b"\x01" + self._weight(now) + b"\x04" if value == _DC1 else self._priced(now)

    def _answer_type_0(self, value: int, now: float) -> bytes:
        if value == _ENQ:
            self._is_enquired = True
            return b""
        if value != _DC2:
            return b""
        is_enquired, self._is_enquired = self._is_enquired, False
        seen = self.platform.look(now)
        net_g = seen.gross_g - self.tare_g
        if not is_enquired or now < self._warm_at or not seen.is_stable or seen.is_overload or net_g < 0:
            return _NAK
        return _ACK + _block(_SCALE_TYPE + b"%05d" % net_g)

    def _weight(self, now: float) -> bytes:
        seen = self.platform.look(now)
        status = b"S" if seen.is_stable else b"U"
        unit = b"lb" if self.is_pounds else b"kg"
        if seen.is_overload:
            return _block(status + b"FFFFFFF" + unit)
        net_g = seen.gross_g - self.tare_g
        thousandths = abs(net_g) * 100_000 // 45_359 if self.is_pounds else abs(net_g)
        sign = b"-" if net_g < 0 else b" "
        return _block(status + sign + b"%02d.%03d" % divmod(thousandths, 1000) + unit)

    def _priced(self, now: float) -> bytes:
        weight = self._weight(now)
        sign, shown = weight[2:3], weight[3:9]
        net_g = int(shown.replace(b".", b"")) if sign == b" " else 0
        total_fen = (net_g * self.unit_price_fen * _UNITS_IN_A_KG[self.price_unit] + 500) // 1000
        if max(total_fen, self.unit_price_fen) > _MOST_FEN:
            return _NAK
        return b"\x01" + _block(_money(total_fen)) + weight + _block(_money(self.unit_price_fen)) + b"\x04"


def _money(fen: int) -> bytes:
    return (b"%d.%02d" % divmod(fen, 100)).rjust(8)


def _block(text: bytes) -> bytes:
    check = 0
    for value in text:
        check ^= value
    return b"\x02" + text + bytes([check]) + b"\x03"


SIMULATED: Final = SimulatedSpec(
    name="cas_ecr", title="CAS ECR, weight (凯士)", profiles=("weight", "pd2_type0"), make=CasEcrScale
)

SIMULATED_WITH_PRICE: Final = SimulatedSpec(
    name="cas_ecr_price", title="CAS ECR, with price (凯士计价)", profiles=("price",), make=CasEcrScale
)
