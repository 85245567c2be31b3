"""Simulated scales of the `ST,GS,` family: A&D's standard format, CAS's 22 bytes, and T-Scale's and Excell's line;
`loose` is a clone that writes its weights two characters wider.

Written after the manuals: A&D EJ series p. 24 (format, ten times a second) and FX-i p. 54 (`AK`, error codes); CAS
CI-400 pp. 103 and 106 (lamps, commands); Excell EX-2001 Plus p. 25 and 20key-6PS p. 12; Selleton SL-7516 p. 18.
"""

import random
from typing import Final

from domain.units import PriceUnit
from simulators.scales.platform import Capacity, Seen
from simulators.scales.protocol import SimulatedScale, SimulatedSpec

SEND_EVERY_S: Final = 0.1
STABILITY_TIMEOUT_S: Final = 3.0
_MAX_LINE: Final = 40
_ACK: Final = "\x06"
_LAMPS_ALWAYS, _LAMP_STABLE, _LAMP_GROSS, _LAMP_TARE, _LAMP_ZERO = 0x80, 0x40, 0x04, 0x02, 0x01
# What each kind of polled scale is told, in its own words: weigh, zero, tare, take the tare away.
_WORDS: Final = {
    "and_polled": {"Q": "weigh", "SI": "weigh", "Z": "zero", "R": "zero", "T": "tare"},
    "cas_polled": {"01RW": "weigh", "01MZ": "zero", "01MT": "tare"},
    "excell_polled": {
        "RW": "weigh",
        "READ": "weigh",
        "MZ": "zero",
        "ZERO": "zero",
        "MT": "tare",
        "TARE": "tare",
        "CT": "clear",
    },
}


class SimulatedStGsLines(SimulatedScale):
    """One scale. Profiles that end in `_polled` say nothing until they are asked; the others are not told anything.

    With `unit_pieces_g` set, an A&D balance counts: it sends how many of that weight lie there.
    """

    def __init__(
        self,
        profile: str,
        rng: random.Random,
        price_unit: PriceUnit = PriceUnit.KG,
        capacity: Capacity | None = None,
    ) -> None:
        super().__init__(profile, rng, price_unit, capacity)
        self.unit_pieces_g: int | None = None
        self._maker = profile.removesuffix("_polled")
        self._words = _WORDS.get(profile, {})
        self._buffer = b""
        self._next_at = 0.0
        self._waiting, self._give_up_at = "", 0.0

    def hear(self, data: bytes, now: float) -> bytes:
        """Answer what is asked; a scale that sends by itself is deaf."""
        if not self._words:
            return b""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        self._buffer = self._buffer[-_MAX_LINE:]
        return _frames([self._execute(line.removesuffix(b"\r").decode("latin-1"), now) for line in lines])

    def tick(self, now: float) -> bytes:
        """Return a line ten times a second, or the end of a command that waited for a load at rest."""
        if self._words:
            return _frames([self._after_waiting(now)] if self._waiting else [])
        if now < self._next_at:
            return b""
        self._next_at = (self._next_at if now - self._next_at < SEND_EVERY_S else now) + SEND_EVERY_S
        return _frames([self._line(self.platform.look(now))])

    def restart(self, now: float) -> bytes:
        """Switch it off and on; it says nothing of it."""
        super().restart(now)
        self._buffer, self._waiting = b"", ""
        return b""

    def _execute(self, command: str, now: float) -> str:
        word = self._words.get(command)
        if word is None:
            return {"and": "EC,E01", "cas": "?"}.get(self._maker, f"E {command}")
        if self._waiting:
            return self._refused(command)
        if word == "weigh":
            return self._line(self.platform.look(now))
        if word == "clear":
            self.tare_g = 0
            return command
        self._waiting, self._give_up_at = command, now + STABILITY_TIMEOUT_S
        begun = [_ACK] if self._maker == "and" and word == "zero" else []
        return "\r\n".join(answer for answer in [*begun, self._after_waiting(now)] if answer)

    def _after_waiting(self, now: float) -> str:
        seen = self.platform.look(now)
        if not seen.is_stable and now < self._give_up_at:
            return ""
        command, self._waiting = self._waiting, ""
        is_done = self._zero(now) if self._words[command] == "zero" else self._tare(seen)
        if not is_done:
            return self._refused(command)
        return _ACK if self._maker == "and" else command

    def _refused(self, command: str) -> str:
        return {"and": "EC,E11", "cas": "!"}.get(self._maker, f"E {command}")

    def _zero(self, now: float) -> bool:
        if not self.platform.zero(now):
            return False
        self.tare_g = 0
        return True

    def _tare(self, seen: Seen) -> bool:
        if not seen.is_stable or seen.is_overload or seen.gross_g < 0:
            return False
        self.tare_g = seen.gross_g
        return True

    def _line(self, seen: Seen) -> str:
        net_g = seen.gross_g - self.tare_g
        if self._maker == "and":
            return (
                _and_line(seen, net_g) if self.unit_pieces_g is None else _count_line(seen, net_g, self.unit_pieces_g)
            )
        state = "OL" if seen.is_overload or seen.is_underload else "ST" if seen.is_stable else "US"
        mode = "NT" if self.tare_g else "GS"
        if self._maker == "cas":
            return f"{state},{mode},1{self._lamps(seen, net_g)},{_kilos(net_g, 8)} kg"
        sign = "-" if net_g < 0 else "+"
        width = 9 if self.profile == "loose" else 7
        digits = " " * width if state == "OL" else _kilos(abs(net_g), width)
        return f"{state},{mode},{sign}{digits}kg"

    def _lamps(self, seen: Seen, net_g: int) -> str:
        lamps = _LAMPS_ALWAYS | (_LAMP_TARE if self.tare_g else _LAMP_GROSS)
        lamps |= _LAMP_STABLE if seen.is_stable else 0
        return chr(lamps | (_LAMP_ZERO if net_g == 0 else 0))


def _kilos(weight_g: int, width: int) -> str:
    sign = "-" if weight_g < 0 else ""
    return f"{sign}{abs(weight_g) // 1000}.{abs(weight_g) % 1000:03d}".rjust(width)


def _and_line(seen: Seen, net_g: int) -> str:
    if seen.is_overload or seen.is_underload:
        return f"OL,{'-' if seen.is_underload else '+'}9999999E+19"
    return f"{'ST' if seen.is_stable else 'US'},{net_g:+07d}.0  g"


def _count_line(seen: Seen, net_g: int, unit_g: int) -> str:
    return f"{'QT' if seen.is_stable else 'US'},{(2 * net_g + unit_g) // (2 * unit_g):+09d} PC"


def _frames(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines if line).encode("latin-1")


SIMULATED: Final = SimulatedSpec(
    name="st_gs_lines",
    title="A&D, CAS, T-Scale, Excell: ST,GS lines",
    profiles=("standard", "loose", "and", "cas", "and_polled", "cas_polled", "excell_polled"),
    make=SimulatedStGsLines,
)
