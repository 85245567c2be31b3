"""Toledo 8217 and 8213 (POS scales): the host asks, the scale answers at once. 7E1.

    W → STX 01.234 CR       the weight at rest; an N before the CR says that it is net
      → STX ? status CR     none: in motion, over capacity, below zero … (also answers Z, and what it does not know)
    Z zero   H ten times finer   A test the memory → STX ? CR   B how that went → STX result CR   E, F echo on, off

Status: bit 0 motion, 1 over capacity, 2 under zero, 3 outside the zero capture range, 4 at zero. Bits 5 and 6 mean
different things on different scales and are not used. Sources: Transcell PC-150 manual, B-3; Brecknell 67xx service
manual, pp. 69-71; Rice Lake BenchPro manual, p. 26.

A scale without a weight is never taken for an empty pan, and no answer is waited for longer than it takes. H is not
asked: places finer than the division are not for trade (OIML R 76-1, 4.4.3).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from domain.device_event import EventKind
from domain.units import Grams
from edge_agent.drivers.framing import Framer, Piece
from edge_agent.drivers.parity import LOW_SEVEN, both_parities, is_parity_whole
from edge_agent.drivers.protocol import (
    READ_EVERY_S,
    Command,
    DriverOptions,
    DriverSpec,
    PriceFrom,
    ScaleDriver,
    SerialSettings,
    check_profile,
)
from edge_agent.weighing.readings import Condition, DeviceSaid, Garbage, Heard, NoWeight, Reading

ANSWER_S: Final = 0.6  # a scale that is silent for longer will not answer
_STX: Final = 0x02
_CR: Final = 0x0D
_QUERY: Final = ord("?")
_ANSWER_BYTES: Final = 3  # STX, a byte, CR
_STATUS_BYTES: Final = 4  # STX ? status CR
_LONGEST: Final = 16  # STX, six digits and a point, a unit of up to five letters, CR
_QUESTIONS: Final = b"WZABF"
_WEIGH, _ZERO, _TEST, _TEST_RESULT, _ECHO_OFF = (bytes([value]) for value in _QUESTIONS)
_MOTION, _OVER, _UNDER, _AT_ZERO = 0x01, 0x02, 0x04, 0x10
_TEST_FAILED: Final = 0x1A  # parameters, RAM, program
_FINER: Final = re.compile(rb"[ 0-9]\d\.\d{4}N?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How a weight looks: `form` has the groups `whole` and `part`, and `unit` where the frame tells it."""

    form: re.Pattern[bytes]


DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {
        "standard": Dialect(form=re.compile(rb"(?P<whole>[ 0-9]\d)\.(?P<part>\d{3})N?")),
        "8213": Dialect(form=re.compile(rb"(?P<whole>  \d| \d{2}|\d{3})\.(?P<part>\d{2})N?")),
        # five digits, the point where the scale is set to, the unit's name: Brecknell 67xx service manual, pp. 64, 71
        "brecknell": Dialect(
            form=re.compile(rb"(?=[ 0-9.]{6}[^0-9.])(?P<whole> *\d+)\.(?P<part>\d+) *(?P<unit>[A-Za-z:]{1,5}) *")
        ),
    }
)
_METRIC: Final[Mapping[bytes, int]] = MappingProxyType({b"kg": 3, b"g": 0})  # powers of ten grams


class Toledo8217(ScaleDriver):
    """The dialogue with one scale: echo off and a test of its memory, then one question after the other."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._framer = Framer(starts=both_parities(b"\x02" + _QUESTIONS), longest=_LONGEST, end_of=self._end_of)
        self.reset()

    def reset(self) -> None:
        """Forget the half frame in hand and what was asked; the scale may be another one."""
        self._framer.reset()
        self._asked = b""
        self._asked_at: float | None = None
        self._next = [_ECHO_OFF, _TEST, _TEST_RESULT, _WEIGH]
        self._is_unfit = False

    def poll(self, now: float) -> bytes:
        """Return the next question: at once where one waits, else the weight when it is due."""
        if self._asked:
            if self._asked_at is not None and now - self._asked_at < ANSWER_S:
                return b""
            if self._asked == _WEIGH and not self._next:
                self._next = [_ECHO_OFF, _WEIGH]  # a scale that echoes obeys nothing else
        elif not self._next and self._asked_at is not None and now - self._asked_at < READ_EVERY_S:
            return b""
        self._asked = self._next.pop(0) if self._next else _WEIGH
        self._asked_at = now
        return self._asked

    def command(self, command: Command, tare_g: Grams | None = None) -> bool:  # noqa: ARG002
        """Have the scale zeroed; it knows nothing else."""
        if command is not Command.ZERO:
            return False
        if _ZERO not in self._next:
            self._next.append(_ZERO)
        return True

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port; what is kept is always less than the longest frame."""
        return [heard for piece in self._framer.feed(data) if (heard := self._read(piece)) is not None]

    def _end_of(self, window: bytes) -> int | None:
        """A status may have the value of any byte, so what `?` begins is known by its length."""
        frame = window.translate(LOW_SEVEN)
        if frame[0] != _STX:
            return 1
        if len(frame) < _ANSWER_BYTES:
            return None
        is_short = (self._asked == _TEST and frame[1] == _QUERY) or self._asked == _TEST_RESULT
        if is_short and frame[2] == _CR:
            return _ANSWER_BYTES
        if frame[1] == _QUERY:
            return None if len(frame) < _STATUS_BYTES else _STATUS_BYTES * (frame[3] == _CR)
        end, torn = frame.find(_CR), frame.find(_STX, 1)
        if torn != -1 and (end == -1 or torn < end):
            return 0
        return None if end == -1 else end + 1

    def _read(self, piece: Piece) -> Heard | None:
        if not piece.is_frame:
            return Garbage(reason="torn" if piece.data.translate(LOW_SEVEN)[0] == _STX else "no_start", data=piece.data)
        frame = piece.data.translate(LOW_SEVEN)
        if frame[0] != _STX:  # our own question: an echo
            return None if frame == self._asked else Garbage(reason="no_start", data=piece.data)
        asked, self._asked = self._asked, b""
        found = self._answer(asked, frame) if is_parity_whole(piece.data) else "bad_parity"
        return Garbage(reason=found, data=piece.data) if isinstance(found, str) else found

    def _answer(self, asked: bytes, frame: bytes) -> Heard | str | None:
        text = frame[1:-1]
        if len(frame) == _ANSWER_BYTES:
            return self._acknowledged(asked, text)
        if len(frame) == _STATUS_BYTES and text.startswith(b"?"):
            return None if asked in {_ECHO_OFF, _TEST, _TEST_RESULT} else _status(asked, text[1])
        if self._is_unfit:
            self._next = self._next or [_TEST, _TEST_RESULT]
            return NoWeight(Condition.NOT_READY)
        return _reading(self._dialect, text)

    def _acknowledged(self, asked: bytes, text: bytes) -> str | None:
        """A scale whose own test fails gives no weight until it passes: noise may have failed it."""
        if asked == _TEST_RESULT:
            self._is_unfit = text[0] & _TEST_FAILED != 0
            return None
        return None if text in {b"E", b"F", b"?"} else "not_a_frame"


def _status(asked: bytes, status: int) -> DeviceSaid | NoWeight:
    """Outside the capture range only counts where nothing else does: every load is."""
    if status & _OVER:
        return NoWeight(Condition.OVERLOAD)
    if status & _UNDER:
        return NoWeight(Condition.UNDERLOAD)
    if status & _MOTION:
        return NoWeight(Condition.MOTION)
    if asked == _ZERO and status & _AT_ZERO:
        return DeviceSaid(kind=EventKind.ZERO)
    return NoWeight(Condition.NOT_READY)


def _reading(dialect: Dialect, text: bytes) -> Reading | str:
    match = dialect.form.fullmatch(text)
    if match is None:
        return "finer_than_division" if _FINER.fullmatch(text) else "not_a_frame"
    power = _METRIC.get(match.groupdict().get("unit", b"kg").lower())
    if power is None:
        return "unit_not_metric"
    value, part = int(match["whole"] + match["part"]) * 10**power, 10 ** len(match["part"])
    return Reading(net_g=Grams((2 * value + part) // (2 * part)), stable=True)


def _make(options: DriverOptions) -> Toledo8217:
    check_profile(options, DIALECTS)
    return Toledo8217(DIALECTS[options.profile])


DRIVER: Final = DriverSpec(
    name="toledo_8217",
    title="Toledo 8213/8217 (托利多 POS)",
    profiles=tuple(DIALECTS),
    serial=SerialSettings(data_bits=7, parity="even"),
    price_from=PriceFrom.KEYPAD,
    is_polled=True,
    make=_make,
)
