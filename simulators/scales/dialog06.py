"""A simulated Dialog 06 scale: it is told a price, gives one result for each load, and says why it gives none.

    EOT STX 01 ESC 015800 ESC ETX       ACK
    EOT ENQ                             STX 02 ESC 3 ESC 00740 ESC 015800 ESC 011692 ETX, or NAK
    EOT STX 08 ETX                      STX 09 ESC 21 ETX

A result ends the operation: the next needs a price again, and a pan that has moved. Sources: Ohaus Aviator 7000 service
manual, pp. 38-40; Cely PI100, pp. 18-20. What they leave open is chosen here: a price of nothing is invalid (11), a
question without a price before it is too, and an amount over 9999.99 is a general error (01).
"""

import random
import re
from typing import Final

from domain.units import PriceUnit
from simulators.scales.protocol import SimulatedScale, SimulatedSerial, SimulatedSpec

ACK: Final = b"\x06"
NAK: Final = b"\x15"
_MIN_DIVISIONS: Final = 20  # the minimum load, in divisions (OIML R 76-1, class III)
_MAX_AMOUNT_FEN: Final = 999_999
_LONGEST: Final = 64
# A command: EOT, then a record in STX and ETX, or ENQ. What is before its EOT is half a command, and forgotten.
_COMMAND: Final = re.compile(rb"\x04(?:\x02(?P<record>[^\x03\x04]*)\x03|(?P<enquiry>\x05))")
_FIELDS: Final = {b"01": 1, b"03": 2, b"04": 2, b"05": 3}
_PRICE: Final = re.compile(rb"\d{6}")
_TARE: Final = re.compile(rb"\d{4}")
_TEXT: Final = re.compile(rb"[\x20-\x7e]{13}")


class SimulatedDialog06(SimulatedScale):
    """One scale. `shown` is the text on its display; `status` what record 08 is answered with."""

    def __init__(self, profile: str, rng: random.Random, price_unit: PriceUnit = PriceUnit.KG) -> None:
        super().__init__(profile, rng, price_unit)
        self.shown = ""
        self.status = "00"
        self._buffer = b""
        self._has_price = False
        self._has_moved = True
        self._last_gross_g: int | None = None

    def hear(self, data: bytes, now: float) -> bytes:
        """Answer each command that is complete."""
        self._watch(now)
        self._buffer += data
        answers, at = b"", 0
        for match in _COMMAND.finditer(self._buffer):
            record, at = match["record"], match.end()
            answers += self._weigh(now) if record is None else self._obey(record)
        self._buffer = self._buffer[at:][-_LONGEST:]
        return answers

    def tick(self, now: float) -> bytes:
        """Say nothing unasked; watch whether the pan moves."""
        self._watch(now)
        return b""

    def restart(self, now: float) -> bytes:
        """Forget price, text and half a command too."""
        self._buffer, self._has_price, self.shown, self.status = b"", False, "", "00"
        return super().restart(now)

    def _watch(self, now: float) -> None:
        seen = self.platform.look(now)
        if not seen.is_stable or seen.gross_g != self._last_gross_g:
            self._has_moved = True
        self._last_gross_g = seen.gross_g

    def _obey(self, record: bytes) -> bytes:
        if record == b"08":
            return b"\x0209\x1b%s\x03" % self.status.encode("ascii")
        number, *fields = record.split(b"\x1b")
        if number == b"01" and fields[1:] == [b""]:
            fields = fields[:1]
        self._has_price, self.status = False, "10" if len(fields) != _FIELDS.get(number, -1) else "00"
        if self.status == "00":
            self.status = self._take_price(number, fields)
        return ACK if self.status == "00" else NAK

    def _take_price(self, number: bytes, fields: list[bytes]) -> str:
        """Take price, tare and text, or return what is wrong with the first that is."""
        price, *rest = fields
        tare = rest.pop(0) if number in (b"03", b"05") else b"0000"
        text = rest.pop(0) if number in (b"04", b"05") else b" " * 13
        if not _PRICE.fullmatch(price) or int(price) == 0:
            return "11"
        if not _TARE.fullmatch(tare):
            return "12"
        if not _TEXT.fullmatch(text):
            return "13"
        self.unit_price_fen, self.tare_g, self.shown = int(price), int(tare), text.decode("ascii").rstrip()
        self._has_price = True
        return "00"

    def _weigh(self, now: float) -> bytes:
        seen = self.platform.look(now)
        net_g = seen.gross_g - self.tare_g
        amount_fen = (net_g * self.unit_price_fen + 500) // 1000
        problems = {
            "11": not self._has_price,
            "32": seen.is_overload,
            "20": not seen.is_stable,
            "31": net_g < 0,
            "30": net_g < _MIN_DIVISIONS * self.platform.capacity.e_g,
            "21": not self._has_moved,
            "01": amount_fen > _MAX_AMOUNT_FEN,
        }
        self.status = next((code for code, applies in problems.items() if applies), "00")
        if self.status != "00":
            return NAK
        self._has_price = self._has_moved = False
        return b"\x0202\x1b3\x1b%05d\x1b%06d\x1b%06d\x03" % (net_g, self.unit_price_fen, amount_fen)


def _make(profile: str, rng: random.Random, price_unit: PriceUnit) -> SimulatedScale:
    if price_unit is not PriceUnit.KG:
        raise ValueError(f"price_unit is {price_unit!r}; a Dialog 06 scale computes with a price for a kg")
    return SimulatedDialog06(profile, rng, price_unit)


SIMULATED: Final = SimulatedSpec(
    name="dialog06",
    title="Dialog 06 (Bizerba, DIBAL, Cely, Ohaus)",
    serial=SimulatedSerial(baud=9600, data_bits=7, parity="odd"),
    make=_make,
)
