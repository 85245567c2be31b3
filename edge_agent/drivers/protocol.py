"""What every scale driver can do, and how it describes itself. `_blueprint.py` is one to begin from.

A driver is sans-I/O: it never reads, waits or looks at a clock. It is given bytes in any pieces and answers with what
it heard (`edge_agent.weighing.readings`); it is asked what to write, with the time of a monotonic clock in seconds, at
every tick and again after everything it heard. However a stream is cut, the answers are the same; what is kept between
two calls is bounded; after garbage the next good frame is read.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from domain.units import Fen, Grams, PriceUnit
from edge_agent.weighing.readings import Heard

# From one question to the next, where an answer costs the scale nothing: ten readings a second. The agent asks at its
# ticks, a tenth of a second apart, and one may come a little early.
READ_EVERY_S: Final = 0.09

Parity = Literal["none", "even", "odd", "mark", "space"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SerialSettings:
    """How a serial line is set."""

    baud: int = 9600
    data_bits: Literal[7, 8] = 8
    parity: Parity = "none"
    stop_bits: Literal[1, 2] = 1


class PriceFrom(StrEnum):
    """Where the unit price of a weighing is from."""

    SCALE = "scale"  # its frames carry it
    HOST = "host"  # we tell the scale, and it computes with it (Dialog 06, DIBAL)
    KEYPAD = "keypad"  # the scale knows weights only; the vendor keys it, or the PLU table has it


class Command(StrEnum):
    """What a scale may be told to do."""

    ZERO = "zero"
    TARE = "tare"
    PRESET_TARE = "preset_tare"
    CLEAR_TARE = "clear_tare"
    IDENTIFY = "identify"
    RESET = "reset"


@dataclass(frozen=True, kw_only=True, slots=True)
class DriverOptions:
    """What a driver is made with: one of its profiles (a dialect), and what the scale's prices are for."""

    profile: str
    price_unit: PriceUnit = PriceUnit.KG


class BadOption(ValueError):
    """An option that a protocol cannot do; `problem` is a sentence about `option`, one of `DriverOptions`."""

    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"{option} {problem}")
        self.option, self.problem = option, problem


def check_profile(options: DriverOptions, profiles: Collection[str]) -> None:
    """Raise BadOption for a profile that is not among these."""
    if options.profile not in profiles:
        raise BadOption("profile", f"is {options.profile!r}; expected one of {', '.join(profiles)}")


class ScaleDriver(ABC):
    """Bytes of one scale, both ways. What a scale cannot do, its driver leaves as it is here."""

    @abstractmethod
    def feed(self, data: bytes) -> list[Heard]:
        """Take what came from the port, and return what was heard in it, in order."""

    @abstractmethod
    def reset(self) -> None:
        """Forget the half frame in hand and what was asked: the port was opened again."""

    def poll(self, now: float) -> bytes:  # noqa: ARG002 - a scale that talks by itself is asked for nothing
        """Return what to write now: a question that is due, the next step of a dialogue, a command that waits."""
        return b""

    def set_price(self, unit_price_fen: Fen | None) -> bool:  # noqa: ARG002 - most scales are not told a price
        """Take the price for the next load, where the host sets it; None: no goods were keyed.

        Return whether the scale has a place for it. One that it has none for is as None: nothing is sold.
        """
        return True

    def sold_last(self, number: int) -> None:  # noqa: B027 - most scales conclude no sales
        """Take the number of the last sale that is on record, after a restart: the scale may send it once more."""

    def command(self, command: Command, tare_g: Grams | None = None) -> bool:  # noqa: ARG002
        """Have a command sent with the next `poll`, and say whether this scale knows it."""
        return False

    def show(self, text: str) -> bool:  # noqa: ARG002
        """Have a short text shown on the scale's own display with the next `poll`; empty ends it. Say if it can."""
        return False


@dataclass(frozen=True, kw_only=True, slots=True)
class DriverSpec:
    """A protocol as the configuration, the probe and the simulators see it. The first profile is the usual one.

    `serial_by_profile`: the profiles whose scales leave their maker with other settings than `serial`.
    `quiet_s`: how long a scale that is well may say nothing; one that says nothing for longer is not online.
    `sells_itself`: it concludes its sales, and says which goods they were. `most_price_fen`: the highest unit price
    that can be told to the scale, where the host does. `make` may raise BadOption where the options do
    not fit the protocol (a price by the piece, an unknown profile).
    """

    name: str
    title: str
    profiles: tuple[str, ...] = ("standard",)
    serial: SerialSettings = field(default_factory=SerialSettings)
    price_from: PriceFrom
    is_polled: bool = False
    quiet_s: float = 5.0
    serial_by_profile: Mapping[str, SerialSettings] = field(default_factory=dict, hash=False)
    sells_itself: bool = False
    most_price_fen: Fen | None = None
    make: Callable[[DriverOptions], ScaleDriver]

    def serial_of(self, profile: str) -> SerialSettings:
        """Return how the line of a scale of this profile is set when it leaves its maker."""
        return self.serial_by_profile.get(profile, self.serial)
