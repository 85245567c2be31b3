"""What goes wrong with a scale and its line, to order. Pure: chance is a seeded Random, time is given.

On the line, `rate` is the share of bytes or of pieces (what a device sends in one go) that it happens to:

drop 10%      a byte is lost                          merge 50%   a piece waits for the next one and comes with it
double 10%    a byte comes twice                      cut 20%     a piece loses its end
corrupt 1%    a byte is another one                   silence     nothing comes at all
garbage       everything is noise of the same length

On the scale: `motion` never lets it rest, `gain 110%` makes it weigh a tenth too much. At once and over: `restart` and
`clock -3600` (seconds its clock leaps). `for 5` after any of the lasting ones ends it after 5 s; `none` ends them all.
"""

import math
import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from domain.errors import show_value
from simulators.scales.platform import Platform

GAIN_PERCENT: Final = (10, 1000)
LONGEST_S: Final = 86_400.0
_ALWAYS: Final = 1.0
_FOREVER: Final = math.inf


class FaultKind(StrEnum):
    """Everything that can be ordered."""

    DROP = "drop"
    DOUBLE = "double"
    CORRUPT = "corrupt"
    MERGE = "merge"
    CUT = "cut"
    SILENCE = "silence"
    GARBAGE = "garbage"
    MOTION = "motion"
    GAIN = "gain"
    RESTART = "restart"
    CLOCK = "clock"
    NONE = "none"


_RATED: Final = (FaultKind.DROP, FaultKind.DOUBLE, FaultKind.CORRUPT, FaultKind.MERGE, FaultKind.CUT)
_MOMENTARY: Final = (FaultKind.RESTART, FaultKind.CLOCK, FaultKind.NONE)
_NEEDS_VALUE: Final = (*_RATED, FaultKind.GAIN, FaultKind.CLOCK)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault. `rate` is 0 to 1, `gain_percent` 100 for an honest scale, `lasts_s` None for until it is ended."""

    kind: FaultKind
    rate: float = _ALWAYS
    gain_percent: int = 100
    leap_s: float = 0.0
    lasts_s: float | None = None

    def __str__(self) -> str:
        """Return it as it is ordered: `drop 10% for 5`."""
        words = [self.kind.value]
        if self.kind in _RATED:
            words.append(f"{100 * self.rate:g}%")
        elif self.kind is FaultKind.GAIN:
            words.append(f"{self.gain_percent}%")
        elif self.kind is FaultKind.CLOCK:
            words.append(f"{self.leap_s:g}")
        return " ".join(words if self.lasts_s is None else [*words, f"for {self.lasts_s:g}"])


def parse_fault(text: str) -> Fault:
    """Read `drop 10% for 5`. Raise ValueError with a sentence that names the word and what was expected."""
    words = text.split()
    if not words or words[0] not in tuple(FaultKind):
        raise ValueError(f"the fault is {show_value(text)}; expected one of {', '.join(FaultKind)}")
    kind, rest = FaultKind(words[0]), words[1:]
    value = rest.pop(0) if kind in _NEEDS_VALUE and rest else ""
    lasts_s = _duration(kind, rest)
    if kind in _RATED:
        return Fault(kind=kind, rate=_percent(kind, value, most=100) / 100, lasts_s=lasts_s)
    if kind is FaultKind.GAIN:
        return Fault(kind=kind, gain_percent=_gain(value), lasts_s=lasts_s)
    if kind is FaultKind.CLOCK:
        return Fault(kind=kind, leap_s=_number("clock", value, least=-LONGEST_S * 366, most=LONGEST_S * 366))
    return Fault(kind=kind, lasts_s=lasts_s)


def _duration(kind: FaultKind, rest: list[str]) -> float | None:
    if not rest:
        return None
    if kind in _MOMENTARY or len(rest) != len(("for", "5")) or rest[0] != "for":
        expected = "nothing more" if kind in _MOMENTARY else "`for` and seconds"
        raise ValueError(f"after {kind} comes {show_value(' '.join(rest))}; expected {expected}")
    return _number("for", rest[1], least=0.001, most=LONGEST_S)


def _gain(value: str) -> int:
    least, most = GAIN_PERCENT
    gain = _percent(FaultKind.GAIN, value, most=most)
    if gain < least or gain != int(gain):
        raise ValueError(f"gain is {show_value(value)}; expected a whole percentage of {least}% to {most}%")
    return int(gain)


def _percent(kind: FaultKind, value: str, *, most: int) -> float:
    if not value.endswith("%"):
        raise ValueError(f"{kind} is {show_value(value)}; expected a percentage such as 10%")
    return _number(kind, value.removesuffix("%"), least=0, most=most)


def _number(name: str, text: str, *, least: float, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise ValueError(f"{name} is {show_value(text)}; expected a number from {least:g} to {most:g}")
    return number


def dropped(data: bytes, rng: random.Random, rate: float) -> bytes:
    """Lose bytes."""
    return bytes(byte for byte in data if rng.random() >= rate)


def doubled(data: bytes, rng: random.Random, rate: float) -> bytes:
    """Send bytes twice."""
    return b"".join(bytes((byte,)) * (1 + (rng.random() < rate)) for byte in data)


def corrupted(data: bytes, rng: random.Random, rate: float) -> bytes:
    """Make bytes others: one to eight of their bits are turned over."""
    return bytes(byte ^ rng.randint(1, 255) if rng.random() < rate else byte for byte in data)


def cut(data: bytes, rng: random.Random, rate: float) -> bytes:
    """Lose the end of a piece, from anywhere in it."""
    return data[: rng.randrange(len(data))] if data and rng.random() < rate else data


def noise(data: bytes, rng: random.Random, rate: float) -> bytes:
    """Put noise in the place of a piece."""
    return rng.randbytes(len(data)) if rng.random() < rate else data


_ON_BYTES: Final = {
    FaultKind.CORRUPT: corrupted,
    FaultKind.DROP: dropped,
    FaultKind.DOUBLE: doubled,
    FaultKind.CUT: cut,
    FaultKind.GARBAGE: noise,
}


@dataclass(slots=True)
class Faults:
    """What is wrong now; several faults at once work one after the other. Of each kind, the last ordered holds."""

    rng: random.Random
    _until: dict[FaultKind, tuple[Fault, float]] = field(default_factory=dict)
    _held_back: bytes = b""

    def order(self, fault: Fault, now: float) -> None:
        """Have a lasting fault from now on. What is over in a moment (restart, clock) is the scale's own to do."""
        if fault.kind is FaultKind.NONE:
            self._until.clear()
        elif fault.kind not in _MOMENTARY:
            self._until[fault.kind] = (fault, _FOREVER if fault.lasts_s is None else now + fault.lasts_s)

    def active(self, now: float) -> list[Fault]:
        """Return what is wrong, in the order of the kinds."""
        if not self._until:
            return []
        self._until = {kind: item for kind, item in self._until.items() if now < item[1]}
        return [self._until[kind][0] for kind in FaultKind if kind in self._until]

    def bend(self, platform: Platform, now: float) -> None:
        """Make the platform what the faults say, and honest again when they are over."""
        active = {fault.kind: fault for fault in self.active(now)}
        platform.is_stuck_moving = FaultKind.MOTION in active
        gain = active.get(FaultKind.GAIN)
        platform.gain_percent = 100 if gain is None else gain.gain_percent

    def on_line(self, data: bytes, now: float) -> bytes:
        """Return what arrives of a piece that a device sends now."""
        active = self.active(now)
        for fault in active:
            damage = _ON_BYTES.get(fault.kind)
            if damage is not None:
                data = damage(data, self.rng, fault.rate)
        if any(fault.kind is FaultKind.SILENCE for fault in active):
            self._held_back = b""
            return b""
        return self._merged(data, active)

    def _merged(self, data: bytes, active: list[Fault]) -> bytes:
        rate = next((fault.rate for fault in active if fault.kind is FaultKind.MERGE), 0.0)
        if not data:
            return b"" if rate else self._take_held_back()
        if not self._held_back and self.rng.random() < rate:
            self._held_back = data
            return b""
        return self._take_held_back() + data

    def _take_held_back(self) -> bytes:
        held, self._held_back = self._held_back, b""
        return held
