"""Toledo continuous (8142, 8530, Wildcat, IND445 and many others): a frame with each change of the display, about 7/s.

    STX A B C  W W W W W W  T T T T T T  CR  CHK

A: bits 0-2 the decimal point, bits 3-4 the increment. B: net, negative, out of range, motion, kg, -, not zeroed.
C: bits 0-2 the unit, print request, expanded display. W and T: six digits each, without a point. CHK: what makes the
low seven bits of the sum of all bytes nought. Sources and clones: `toledo_dialects.py`.

Without its checksum a frame is known by its fixed bits, its digits and its end.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.units import Grams
from domain.weighing import TareKind
from edge_agent.drivers.framing import Framer, Piece
from edge_agent.drivers.parity import LOW_SEVEN, both_parities, is_parity_whole
from edge_agent.drivers.protocol import Command, DriverOptions, DriverSpec, PriceFrom, ScaleDriver, check_profile
from edge_agent.drivers.toledo_dialects import DIALECTS, Dialect
from edge_agent.weighing.readings import Condition, Garbage, Heard, NoWeight, Reading

_STX: Final = b"\x02"
_WEIGHT: Final = slice(4, 10)
_TARE: Final = slice(10, 16)
_NET, _NEGATIVE, _OUT_OF_RANGE, _MOTION, _KILOGRAMS, _NOT_ZEROED = 0x01, 0x02, 0x04, 0x08, 0x10, 0x40  # of B
_UNIT, _EXPANDED, _KEYED_TARE = 0x07, 0x10, 0x40  # of C
_INCREMENTS: Final = {1: 1, 2: 2, 3: 5}  # by A's bits 3 and 4
_WHOLE: Final = 2  # the decimal code of XXXXXX; above it are decimals, below it places that are always nought
_DIGITS: Final = re.compile(rb" *\d+")  # leading noughts are blanks on some (Jaguar)
_PRINTABLE: Final = re.compile(rb"[ -~]+")
_MAX_WAITING: Final = 4
_LETTERS: Final[Mapping[Command, bytes]] = MappingProxyType(
    {Command.ZERO: b"Z", Command.TARE: b"T", Command.CLEAR_TARE: b"C"}
)


class ToledoContinuous(ScaleDriver):
    """Frames of one scale."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._framer = Framer(starts=both_parities(_STX), longest=dialect.frame_bytes, end_of=self._end_of)
        self._waiting: list[bytes] = []

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port; what is kept is always less than one frame."""
        return [self._read(piece) for piece in self._framer.feed(data)]

    def reset(self) -> None:
        """Forget the half frame in hand, and the commands that wait."""
        self._framer.reset()
        self._waiting.clear()

    def poll(self, now: float) -> bytes:  # noqa: ARG002 - it sends by itself; only commands are written
        """Return the commands that wait."""
        commands, self._waiting = b"".join(self._waiting), []
        return commands

    def command(self, command: Command, tare_g: Grams | None = None) -> bool:
        """Have Z, T or C sent, or a tare keyed, where the dialect listens."""
        ending = self._dialect.command_ending
        letters = _LETTERS.get(command)
        if command is Command.PRESET_TARE and tare_g is not None and ending:
            letters = b"T%d.%03d" % divmod(tare_g, 1000)  # KERN FTC manual, p. 42, "Tx.xxx"
        if ending is None or letters is None or len(self._waiting) >= _MAX_WAITING:
            return False
        self._waiting.append(letters + ending)
        return True

    def _end_of(self, window: bytes) -> int | None:
        size = self._dialect.frame_bytes
        if len(window) < size:
            return None
        frame = window[:size].translate(LOW_SEVEN)
        return size if _has_form(self._dialect, frame) and self._sums_up(frame) else 0

    def _sums_up(self, frame: bytes) -> bool:
        return not self._dialect.has_checksum or sum(frame) % 0x80 == 0

    def _read(self, piece: Piece) -> Heard:
        if not piece.is_frame:
            return Garbage(reason=_why_not(self._dialect, piece.data.translate(LOW_SEVEN)), data=piece.data)
        if not is_parity_whole(piece.data):
            return Garbage(reason="bad_parity", data=piece.data)
        found = _heard(self._dialect, piece.data.translate(LOW_SEVEN))
        return Garbage(reason=found, data=piece.data) if isinstance(found, str) else found


def _has_form(dialect: Dialect, frame: bytes) -> bool:
    """Whether it is a frame but for its checksum, which may be missing."""
    size, text_end = dialect.body_bytes, dialect.body_bytes - len(dialect.ending)
    return (
        len(frame) >= size
        and frame.startswith(_STX)
        and dialect.a_bits.fit(frame[1])
        and dialect.b_bits.fit(frame[2])
        and dialect.c_bits.fit(frame[3])
        and _PRINTABLE.fullmatch(frame, _WEIGHT.start, text_end) is not None
        and frame[text_end:size] == dialect.ending
    )


def _why_not(dialect: Dialect, piece: bytes) -> str:
    if not piece.startswith(_STX):
        return "no_start"
    if _has_form(dialect, piece):
        return "bad_checksum"
    return "torn" if len(piece) < dialect.frame_bytes else "not_a_frame"


def _heard(dialect: Dialect, frame: bytes) -> Heard | str:
    """What a whole frame says; a word where it says nothing that can be used.

    An expanded display shows places that are not for trade (OIML R 76-1, 4.4.3), and the manuals do not say whether the
    decimal point counts them: it is no weight.
    """
    b, c = frame[2], frame[3]
    if b & _NOT_ZEROED or (dialect.tells_expanded and c & _EXPANDED):
        return NoWeight(Condition.NOT_READY)
    if b & _OUT_OF_RANGE:
        return NoWeight(Condition.UNDERLOAD if b & _NEGATIVE else Condition.OVERLOAD)
    unit = c & _UNIT
    if unit not in dialect.units or (unit == 0 and not b & _KILOGRAMS):
        return "unit_not_metric"
    return _reading(dialect, frame, dialect.units[unit])


def _reading(dialect: Dialect, frame: bytes, unit: int) -> Reading | str:
    a, b = frame[1], frame[2]
    weight = _number(frame[_WEIGHT])
    if weight is None:
        return "not_digits"
    if (problem := _why_not_shown(dialect, a, weight)) is not None:
        return problem
    power = unit - max(0, (a & 7) - _WHOLE)
    net_g = _grams(-weight if b & _NEGATIVE else weight, power)
    stable = not b & _MOTION
    if not dialect.has_tare:
        kind = None if b & _NET else TareKind.NONE
        return Reading(net_g=net_g, stable=stable, tare_g=None if b & _NET else Grams(0), tare_kind=kind)
    tare = _number(frame[_TARE]) if frame[_TARE].strip() else 0
    if tare is None:
        return "not_digits"
    if tare and not b & _NET:
        return "tare_beside_gross"  # the weight would be the gross, and the sale for the net
    kind = _tare_kind(dialect, frame[3], has_tare=tare > 0)
    return Reading(net_g=net_g, stable=stable, tare_g=_grams(tare, power), tare_kind=kind)


def _number(digits: bytes) -> int | None:
    return int(digits) if _DIGITS.fullmatch(digits) else None


def _why_not_shown(dialect: Dialect, a: int, weight: int) -> str | None:
    """Why no display can have shown these digits with this status word; None where one can.

    The six places of the manual's patterns are the six digits sent, so that those of XXXX00 end with two noughts.
    """
    code = a & 7
    if code not in dialect.decimal_codes:
        return "unknown_decimals"
    step = 10 ** max(0, _WHOLE - code)
    if dialect.tells_increment:
        increment = _INCREMENTS.get(a >> 3 & 3)
        if increment is None:
            return "unknown_increment"
        step *= increment
    return "off_increment" if weight % step else None


def _grams(value: int, power: int) -> Grams:
    """Return a value in units of ten to the `power` grams, rounded half up to the gram."""
    if power >= 0:
        return Grams(value * 10**power)
    part = 10**-power
    return Grams((2 * value + part) // (2 * part))


def _tare_kind(dialect: Dialect, c: int, *, has_tare: bool) -> TareKind | None:
    if not has_tare:
        return TareKind.NONE
    if not dialect.tells_keyed_tare:
        return None
    return TareKind.PRESET if c & _KEYED_TARE else TareKind.WEIGHED


def _make(options: DriverOptions) -> ToledoContinuous:
    check_profile(options, DIALECTS)
    return ToledoContinuous(DIALECTS[options.profile])


DRIVER: Final = DriverSpec(
    name="toledo_continuous",
    title="Toledo continuous (托利多)",
    profiles=tuple(DIALECTS),  # 8N1, the usual line, reads scales set to 7E1 and 7O1 too (`parity.py`)
    price_from=PriceFrom.KEYPAD,
    make=_make,
)
