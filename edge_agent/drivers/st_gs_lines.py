"""The lines `ST,GS,+  4.876kg`: A&D, CAS, T-Scale, Excell and their kin; `st_gs_frames.py` lists the forms.

Most send by themselves, several times a second. Where an indicator is set to send on demand it is asked: A&D with `Q`,
CAS with its two-digit device number and `RW`, Excell with `RW`. Only a scale that is asked is told to zero or tare.

`NT` says that there is a tare, not how much; `GS`, that there is none; A&D's balances say neither.

Sources: A&D FZ-i manual p. 59 (`Q`, `Z`, `T`); CAS CI-400 p. 106 (`RW`, `MZ`, `MT`, `!`, `?`); Excell EX-2001 Plus
p. 25 (`RW`, `MZ`, `MT`, `CT`, `E`). A&D balances leave the factory with 2400 baud, 7 data bits and even parity.
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from domain.device_event import EventKind
from domain.units import Grams
from edge_agent.drivers.lines import Line, LineBuffer
from edge_agent.drivers.metric import UnitWatch
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
from edge_agent.drivers.st_gs_frames import AND, CAS, COMMON, LONGEST_LINE, LOOSE, read_line
from edge_agent.drivers.twice import SaidTwice
from edge_agent.weighing.readings import DeviceSaid, Garbage, Heard

_REPLY_S: Final = 1.0
_AND_LINE: Final = SerialSettings(baud=2400, data_bits=7, parity="even")
_ACK: Final = b"\x06"
_REFUSALS: Final = re.compile(rb"EC,E\d\d|(?:\d\d)?[!?]|E ?(?:RW|MZ|MT|CT)|I")
_EVENTS: Final = {Command.ZERO: EventKind.ZERO, Command.TARE: EventKind.TARE, Command.CLEAR_TARE: EventKind.TARE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """Which frames come, and whether their widths are known; for a scale that is asked, with what, and its commands."""

    forms: tuple[re.Pattern[bytes], ...]
    has_widths: bool = True
    ask: bytes = b""
    commands: Mapping[Command, bytes] = field(default_factory=dict)


PROFILES: Final[Mapping[str, Dialect]] = MappingProxyType(
    {
        "standard": Dialect(forms=COMMON),
        "loose": Dialect(forms=LOOSE, has_widths=False),
        "and": Dialect(forms=AND),
        "cas": Dialect(forms=CAS),
        "and_polled": Dialect(forms=AND, ask=b"Q", commands={Command.ZERO: b"Z", Command.TARE: b"T"}),
        "cas_polled": Dialect(forms=CAS, ask=b"01RW", commands={Command.ZERO: b"01MZ", Command.TARE: b"01MT"}),
        "excell_polled": Dialect(
            forms=COMMON,
            ask=b"RW",
            commands={Command.ZERO: b"MZ", Command.TARE: b"MT", Command.CLEAR_TARE: b"CT"},
        ),
    }
)


class StGsDriver(ScaleDriver):
    """Lines of one scale."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._lines = LineBuffer(LONGEST_LINE)
        self._waiting: deque[bytes] = deque()
        self.reset()

    def reset(self) -> None:
        """Forget the half line in hand and what was asked."""
        self._lines.reset()
        self._waiting.clear()
        self._units = UnitWatch()
        self._twice = SaidTwice()
        self._asked = b""
        self._answer_until = 0.0
        self._ask_at: float | None = None

    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port; at most one line is kept for the next call."""
        found: list[Heard] = []
        for line in self._lines.feed(data):
            found += self._hear(line) if isinstance(line, Line) else [line]
        return found if self._dialect.has_widths else [self._twice.take(item) for item in found]

    def poll(self, now: float) -> bytes:
        """Return a command that waits, or the next question to a scale that sends nothing by itself."""
        if not self._dialect.ask or (self._asked and now < self._answer_until):
            return b""
        if self._waiting:
            self._asked = self._waiting.popleft()
        elif self._ask_at is None or now >= self._ask_at:
            self._asked, self._ask_at = self._dialect.ask, now + READ_EVERY_S
        else:
            self._asked = b""
            return b""
        self._answer_until = now + _REPLY_S
        return self._asked + b"\r\n"

    def command(self, command: Command, tare_g: Grams | None = None) -> bool:  # noqa: ARG002 - none takes grams
        """Queue a command where the scale is one that is asked; a hundred taps on one key are one command."""
        known = self._dialect.commands.get(command)
        if known is not None and known not in self._waiting:
            self._waiting.append(known)
        return known is not None

    def _hear(self, line: Line) -> list[Heard]:
        data = line.data.strip(b" ")
        if not line.is_tail and self._dialect.ask:
            if data == _ACK:  # A&D says it when it begins, and maybe again when it is done: that is no event yet
                self._asked = b""
                return []
            if _REFUSALS.fullmatch(data):
                self._asked = b""
                return [Garbage(reason="not_executed", data=data)]
            if data and data == self._asked and data != self._dialect.ask:
                return [self._done(data)]
        heard = read_line(line, self._dialect.forms, self._units)
        if self._asked == self._dialect.ask and any(_is_answer(item) for item in heard):
            self._asked = b""
        return heard

    def _done(self, echo: bytes) -> DeviceSaid:
        """CAS and Excell send back the command that they carried out."""
        self._asked = b""
        command = next(command for command, known in self._dialect.commands.items() if known == echo)
        return DeviceSaid(kind=_EVENTS[command])


def _is_answer(item: Heard) -> bool:
    """A weight in pounds is an answer all the same."""
    return not isinstance(item, Garbage) or item.reason in {
        "unit_not_metric",
        "unit_changed",
        "decimal_comma",
        "tare_only",
    }


def _make(options: DriverOptions) -> StGsDriver:
    check_profile(options, PROFILES)
    return StGsDriver(PROFILES[options.profile])


DRIVER: Final = DriverSpec(
    name="st_gs_lines",
    title="A&D, CAS, T-Scale, Excell: ST,GS lines",
    profiles=tuple(PROFILES),
    price_from=PriceFrom.KEYPAD,
    serial_by_profile={"and": _AND_LINE, "and_polled": _AND_LINE},
    make=_make,
)
