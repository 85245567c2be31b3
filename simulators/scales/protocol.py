"""What every simulated scale does: it hears its host, sends by itself what its protocol says, and has its keys."""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from domain.units import PriceUnit
from simulators.scales.platform import Capacity, Platform

CLOCK_BEGINS: Final = datetime(2026, 1, 30, 6, 0, 0, tzinfo=UTC)


class SimulatedScale(ABC):
    """One scale. Whoever drives it puts loads on `platform`, keys prices and tares, and carries the bytes.

    Pure: `now` is seconds of a monotonic clock. `hear` and `tick` return the bytes that the device sends, maybe none.
    """

    def __init__(
        self,
        profile: str,
        rng: random.Random,
        price_unit: PriceUnit = PriceUnit.KG,
        capacity: Capacity | None = None,
    ) -> None:
        self.profile, self.rng, self.price_unit = profile, rng, price_unit
        self.platform = Platform(rng, capacity)
        self.unit_price_fen = 0
        self.tare_g = 0
        self.plu = ""
        self.clock_begins = CLOCK_BEGINS  # for scales that have a clock
        self.clock_is_ahead = timedelta()
        self.names: dict[str, str] = {}  # of the goods, for scales whose lines say them
        self.told_g = 0  # the net weight of the last line, on a scale that concludes its sales itself

    @abstractmethod
    def hear(self, data: bytes, now: float) -> bytes:
        """Take what the host wrote, in any pieces, and return the answers."""

    @abstractmethod
    def tick(self, now: float) -> bytes:
        """Return what the scale sends by itself now. Called often, at least every 20 ms."""

    def attached(self, now: float) -> bytes:  # noqa: ARG002
        """The host is on the line from now on: return what a scale that registers sends then."""
        return b""

    def restart(self, now: float) -> bytes:
        """Switch it off and on: tare and half-heard commands are gone. Return what it sends when it comes up."""
        self.platform.zero(now)
        self.tare_g = 0
        return b""

    def key_price(self, unit_price_fen: int) -> None:
        """The vendor keys a unit price, fen for `price_unit`."""
        self.unit_price_fen = unit_price_fen

    def key_tare(self, tare_g: int) -> None:
        """The vendor keys a tare; 0 takes it away."""
        self.tare_g = tare_g

    def key_plu(self, plu: str) -> None:
        """The vendor keys the goods, on a scale that has keys for them."""
        self.plu = plu

    def load_names(self, names: Mapping[str, str]) -> None:
        """Load what goods are called, by PLU, into a scale that has a table of them."""
        self.names = dict(names)

    def jump_clock(self, seconds: float) -> None:
        """The clock of a scale that has one leaps by so many seconds, back where they are negative."""
        self.clock_is_ahead += timedelta(seconds=seconds)

    def shown_net_g(self, now: float) -> int:
        """Return the net weight as its frames tell it, of a load at rest."""
        return self.platform.look(now).gross_g - self.tare_g

    def key_total(self, now: float) -> bytes:  # noqa: ARG002
        """The vendor concludes the sale, on a scale that does so itself; return what it sends."""
        return b""


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedSerial:
    """How the device's serial line is set."""

    baud: int = 9600
    data_bits: Literal[7, 8] = 8
    parity: Literal["none", "even", "odd"] = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class PluTable:
    """The table that a scale sells by: it holds the price of each PLU, and the scale concludes the sale itself.

    `plu_digits`: how long its PLUs are.
    """

    plu_digits: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedSpec:
    """A simulated protocol; names and profiles are those of the agent's driver for it.

    `table` is None where goods and price are keyed for each sale. `calls_host`: it connects to its host by itself.
    """

    name: str
    title: str
    profiles: tuple[str, ...] = ("standard",)
    serial: SimulatedSerial = SimulatedSerial()
    table: PluTable | None = None
    calls_host: bool = False
    make: Callable[[str, random.Random, PriceUnit], SimulatedScale]
