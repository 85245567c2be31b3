"""What is simulated: the plan of a market, and the registry that follows from it."""

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from domain.units import PriceUnit
from simulators.vendors import Shares, vendor_name

SHORTEST_FRAME_INTERVAL_S: Final = 0.028  # 27 bytes of 10 bits at 9600 baud
_STALLS_IN_A_HALL: Final = 20
_HALLS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_STALLS: Final = _STALLS_IN_A_HALL * len(_HALLS)


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketPlan:
    """A market. With the same seed, the same stalls sell the same goods at the same prices.

    `weighings`: how many sales in all (None: until stopped). `directory`: where the scales' devices get their names.
    `pause_s`: the shortest and the longest time between two sales of a stall. `goods_a_stall`: how many kinds of goods
    each has. With `first_tcp_port` the scales are TCP servers on this machine instead: stall n's scale on port
    first + 2n, its keypad on the next one, n from 0.
    """

    directory: Path
    goods: Path
    cap_list: Path
    truth: Path
    market_id: str = "sanya-1"
    stalls: int = 40
    weighings: int | None = None
    seed: int = 1
    frame_interval_s: float = 0.1
    patience_s: float = 20.0
    pause_s: tuple[float, float] = (1.0, 6.0)
    shares: Shares = field(default_factory=Shares)
    goods_a_stall: int = 8
    price_unit: PriceUnit = PriceUnit.KG
    first_tcp_port: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.stalls <= MAX_STALLS:
            raise ValueError(f"stalls is {self.stalls}; expected 1 to {MAX_STALLS}")
        if self.frame_interval_s < SHORTEST_FRAME_INTERVAL_S:
            raise ValueError(
                f"frame_interval_s is {self.frame_interval_s}; a 9600 baud line carries a frame in"
                f" {SHORTEST_FRAME_INTERVAL_S} s at best"
            )
        if self.goods_a_stall < 1:
            raise ValueError(f"goods_a_stall is {self.goods_a_stall}; expected at least 1")
        if not 0 <= self.pause_s[0] <= self.pause_s[1]:
            raise ValueError(f"pause_s is {self.pause_s}; expected the shortest, then the longest")


@dataclass(frozen=True, kw_only=True, slots=True)
class StallRecord:
    """A stall, who has it, and the scale on it."""

    stall_id: str
    hall: str
    vendor_id: str
    vendor_name: str
    scale_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Addresses:
    """Where an agent finds the scale and the keypad of a stall."""

    scale: str
    keypad: str


def market_registry(plan: MarketPlan) -> list[StallRecord]:
    """Return the market's stalls, as a market's register has them."""
    rng = random.Random(f"{plan.seed}/names")  # noqa: S311 - a simulation
    return [
        StallRecord(
            stall_id=f"{_HALLS[n // _STALLS_IN_A_HALL]}-{n % _STALLS_IN_A_HALL + 1:02d}",
            hall=_HALLS[n // _STALLS_IN_A_HALL],
            vendor_id=f"V-{n + 1:03d}",
            vendor_name=vendor_name(rng),
            scale_id=f"SC-{n + 1:03d}",
        )
        for n in range(plan.stalls)
    ]


def addresses(plan: MarketPlan, number: int, scale_id: str) -> Addresses:
    """Return where the lines of stall `number` (from 0) are."""
    if plan.first_tcp_port is not None:
        port = plan.first_tcp_port + 2 * number
        return Addresses(scale=f"tcp://127.0.0.1:{port}", keypad=f"tcp://127.0.0.1:{port + 1}")
    return Addresses(
        scale=str(plan.directory / f"{scale_id}.tty"), keypad=str(plan.directory / f"{scale_id}.keypad.tty")
    )
