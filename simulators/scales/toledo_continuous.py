"""A Toledo continuous scale: STX, three status words, weight, tare, CR and check byte, about seven times a second.

Written after Mettler-Toledo Wildcat manual, pp. 40-41, and for the others after the pages named in `_MAKES`. What the
manuals leave open is decided here: digits of an overload are those of the load, and a zero that cannot be taken at
power-up (more than 4 % of Max on the pan) leaves "not zeroed" set until Z is pressed on an empty pan. The expanded
display only sets its bit.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from domain.units import PriceUnit
from simulators.scales.platform import Capacity, Seen
from simulators.scales.protocol import SimulatedScale, SimulatedSpec

FRAME_EVERY_S: Final = 1 / 7
_GRAMS_OF_100_POUNDS: Final = 45_359  # 45 359.237 g; near enough for a display of a gram's 2.2 thousandths
_LARGEST: Final = 999_999
_MOST_HEARD: Final = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class _Make:
    """What one maker's device sends otherwise. `a`, `b`, `c`: bits that are always set in the status words."""

    tare: bool = True
    check: bool = True
    end: bytes = b"\r"
    a: int = 0x20
    b: int = 0x20
    c: int = 0x20
    increment: bool = True
    pounds_in_c: bool = False
    keyed_tare_in_c: bool = False
    tells_power_up: bool = True
    command_end: bytes | None = None


_MAKES: Final[Mapping[str, _Make]] = MappingProxyType(
    {
        "standard": _Make(),
        "no_checksum": _Make(check=False),
        "short": _Make(tare=False),  # Cardinal 225, p. 126, format 3
        "short_no_checksum": _Make(tare=False, check=False),  # the same, format 1
        "ind445": _Make(command_end=b""),  # IND445, p. 50
        "kern_ftc": _Make(command_end=b"\r\n"),  # KERN FTC, p. 42
        "fairbanks": _Make(b=0x00, keyed_tare_in_c=True),  # Fairbanks FB6002, p. 77
        "liden": _Make(a=0x50, b=0x30, c=0x30, increment=False, pounds_in_c=True, tells_power_up=False),  # pp. 15-16
        "liden_no_checksum": _Make(
            check=False, a=0x50, b=0x30, c=0x30, increment=False, pounds_in_c=True, tells_power_up=False
        ),
        "tscale_con2": _Make(check=False, end=b"\r\n", increment=False),
    }
)
_INCREMENT_BITS: Final = {1: 0b01, 2: 0b10, 5: 0b11}
_THREE_DECIMALS: Final = 5


class ToledoContinuousScale(SimulatedScale):
    """One scale. `is_pounds`, `is_expanded`, `is_printing` are its keys; `is_zeroed` whether power-up found a zero."""

    def __init__(
        self,
        profile: str,
        rng: random.Random,
        price_unit: PriceUnit = PriceUnit.KG,
        capacity: Capacity | None = None,
    ) -> None:
        """Raise ValueError for a division other than 1, 2 or 5 g, which three decimals cannot show."""
        super().__init__(profile, rng, price_unit, capacity)
        if self.platform.capacity.e_g not in _INCREMENT_BITS:
            raise ValueError(
                f"e_g is {self.platform.capacity.e_g}; expected one of {', '.join(map(str, _INCREMENT_BITS))}"
            )
        self.is_pounds = self.is_expanded = self.is_printing = False
        self.is_zeroed = True
        self.is_tare_keyed = False
        self._make = _MAKES[profile]
        self._heard = b""
        self._next = 0.0

    def tick(self, now: float) -> bytes:
        """Send a frame where the display's turn has come; frames that were missed are not made up for."""
        if now < self._next:
            return b""
        self._next = now + FRAME_EVERY_S
        return self._frame(self.platform.look(now))

    def hear(self, data: bytes, now: float) -> bytes:
        """Obey Z, T, C and (KERN) a keyed tare; nothing is answered."""
        end = self._make.command_end
        if end is None:
            return b""
        if not end:
            for letter in data:
                self._obey(bytes([letter]), now)
            return b""
        *lines, rest = (self._heard + data).split(end)
        self._heard = rest[-_MOST_HEARD:]
        for line in lines:
            self._obey(line, now)
        return b""

    def restart(self, now: float) -> bytes:
        """Switch it off and on: it takes a new zero if it can."""
        self.is_zeroed = self.platform.zero(now)
        self.tare_g, self.is_tare_keyed, self._heard, self._next = 0, False, b"", now
        return b""

    def key_tare(self, tare_g: int) -> None:
        """The vendor keys a tare."""
        self.tare_g, self.is_tare_keyed = tare_g, tare_g > 0

    def key_zero(self, now: float) -> None:
        """The vendor presses Z, which counts on an empty pan at rest."""
        if self.platform.zero(now):
            self.is_zeroed = True

    def key_weighed_tare(self, now: float) -> None:
        """The vendor presses T: what lies there at rest is the tare."""
        seen = self.platform.look(now)
        if seen.is_stable and seen.gross_g >= 0 and not seen.is_overload:
            self.tare_g, self.is_tare_keyed = seen.gross_g, False

    def _obey(self, line: bytes, now: float) -> None:
        if line == b"Z":
            self.key_zero(now)
        elif line == b"T":
            self.key_weighed_tare(now)
        elif line == b"C":
            self.key_tare(0)
        elif line.startswith(b"T") and line[1:].replace(b".", b"", 1).isdigit():
            kilograms, _, grams = line[1:].partition(b".")
            self.key_tare(int(kilograms or b"0") * 1000 + int(grams.ljust(3, b"0")[:3]))

    def _frame(self, seen: Seen) -> bytes:
        net_g = seen.gross_g - self.tare_g
        frame = b"\x02" + bytes([self._a(), self._b(seen, net_g), self._c()]) + self._digits(net_g)
        if self._make.tare:
            frame += self._digits(self.tare_g)
        frame += self._make.end
        return frame + bytes([-sum(frame) & 0x7F]) if self._make.check else frame

    def _a(self) -> int:
        division = 1 if self.is_pounds else self.platform.capacity.e_g
        increment = _INCREMENT_BITS[division] << 3 if self._make.increment else 0
        return self._make.a | increment | _THREE_DECIMALS

    def _b(self, seen: Seen, net_g: int) -> int:
        flags = (
            (0x01, self.tare_g > 0),
            (0x02, net_g < 0),
            (0x04, seen.is_overload or seen.is_underload),
            (0x08, not seen.is_stable),
            (0x10, not self.is_pounds and not self._make.pounds_in_c),
            (0x40, not self.is_zeroed and self._make.tells_power_up),
        )
        return self._make.b | sum(bit for bit, is_set in flags if is_set)

    def _c(self) -> int:
        flags = (
            (0x01, self.is_pounds and self._make.pounds_in_c),
            (0x08, self.is_printing and not self._make.pounds_in_c),
            (0x10, self.is_expanded and not self._make.keyed_tare_in_c),
            (0x40, self.is_tare_keyed and self._make.keyed_tare_in_c),
        )
        return self._make.c | sum(bit for bit, is_set in flags if is_set)

    def _digits(self, grams: int) -> bytes:
        shown = abs(grams)
        if self.is_pounds:
            shown = shown * 100_000 // _GRAMS_OF_100_POUNDS
        return b"%06d" % min(shown, _LARGEST)


SIMULATED: Final = SimulatedSpec(
    name="toledo_continuous",
    title="Toledo continuous (托利多)",
    profiles=tuple(_MAKES),
    make=ToledoContinuousScale,
)
