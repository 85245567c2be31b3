"""Who speaks Toledo continuous, and how they differ from the Mettler-Toledo frame. A clone is one more row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_STX_AND_STATUS_BYTES: Final = 4
_FIELD_BYTES: Final = 6  # the weight, and the tare where there is one
_KG: Final = 3
_MT_UNITS: Final = MappingProxyType({0: _KG, 1: 0, 2: 6})


@dataclass(frozen=True, slots=True)
class FixedBits:
    """Bits of a status word that are always so: those of `mask` have the values in `value`."""

    mask: int
    value: int

    def fit(self, status: int) -> bool:
        """Whether a status word has them so."""
        return status & self.mask == self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """One maker's frame: STX, status words A, B, C, weight, tare, ending, checksum.

    `decimal_codes` are those A may have, `tells_increment` whether its bits 3 and 4 are the increment. `units` says by
    C's bits 0-2 which power of ten grams the unit is (3: kg, where B's bit 4 is set); what is not there is not metric.
    `tells_expanded`: C's bit 4 is the expanded display. `tells_keyed_tare`: C's bit 6 is a keyed tare.
    `command_ending` is what follows Z, T and C sent to the scale; None: it listens to nothing.
    """

    has_tare: bool = True
    ending: bytes = b"\r"
    has_checksum: bool = True
    a_bits: FixedBits = FixedBits(0x60, 0x20)
    b_bits: FixedBits = FixedBits(0x20, 0x20)
    c_bits: FixedBits = FixedBits(0x60, 0x20)
    decimal_codes: range = range(8)
    tells_increment: bool = True
    units: Mapping[int, int] = field(default_factory=lambda: _MT_UNITS)
    tells_expanded: bool = True
    tells_keyed_tare: bool = False
    command_ending: bytes | None = None

    @property
    def body_bytes(self) -> int:
        """The length of a frame without its checksum."""
        return _STX_AND_STATUS_BYTES + _FIELD_BYTES * (2 if self.has_tare else 1) + len(self.ending)

    @property
    def frame_bytes(self) -> int:
        """The length of a frame."""
        return self.body_bytes + int(self.has_checksum)


def _liden(*, has_checksum: bool) -> Dialect:
    """Liden LUW2001-LBW manual, pp. 15-16: kilograms always, pounds told by C's bit 0, C's bit 4 always set."""
    return Dialect(
        has_checksum=has_checksum,
        a_bits=FixedBits(0x78, 0x50),
        b_bits=FixedBits(0x70, 0x30),
        c_bits=FixedBits(0x7E, 0x30),
        decimal_codes=range(2, 7),
        tells_increment=False,
        units=MappingProxyType({0: _KG}),
        tells_expanded=False,
    )


DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {
        # Mettler-Toledo Wildcat manual, pp. 40-41; Cardinal 225, p. 126; Ohaus Defender 5000, p. 68 (units)
        "standard": Dialect(),
        "no_checksum": Dialect(has_checksum=False),
        "short": Dialect(has_tare=False),
        "short_no_checksum": Dialect(has_tare=False, has_checksum=False),
        # Mettler-Toledo IND445 manual, p. 50: commands are single letters; KERN FTC manual, p. 42: they end with CR LF
        "ind445": Dialect(command_ending=b""),
        "kern_ftc": Dialect(command_ending=b"\r\n"),
        # Fairbanks FB6002 manual, p. 77: B's bit 5 is never set, so that B may have the value of STX or CR
        "fairbanks": Dialect(
            b_bits=FixedBits(0x20, 0x00),
            c_bits=FixedBits(0x37, 0x20),
            units=MappingProxyType({0: _KG}),
            tells_expanded=False,
            tells_keyed_tare=True,
        ),
        "liden": _liden(has_checksum=True),
        "liden_no_checksum": _liden(has_checksum=False),
        # T-Scale, output "Con2": ends with CR LF, and A is 0x22 to 0x26
        "tscale_con2": Dialect(
            ending=b"\r\n",
            has_checksum=False,
            a_bits=FixedBits(0x78, 0x20),
            decimal_codes=range(2, 7),
            tells_increment=False,
        ),
    }
)
