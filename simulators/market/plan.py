"""What is simulated: the plan of a market, and the registry that follows from it."""

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from domain.units import PriceUnit
from simulators.market.day import Day
from simulators.market.vendors import KEYED_TRICKS, USUAL_TRICKS, Shares, Trick, vendor_name
from simulators.scales.protocol import SimulatedSpec
from simulators.scales.registry import SIMULATED_SCALES

SHORTEST_FRAME_INTERVAL_S: Final = 0.028  # 27 bytes of 10 bits at 9600 baud
USUAL_FRAME_INTERVAL_S: Final = 0.1  # as the devices send
USUAL_PROTOCOL: Final = "yaohua_xk3190"
#: Scales with keys for the unit price; on the others the stall's keypad has it (`2006*98.50`).
PRICED_ON_SCALE: Final = frozenset({USUAL_PROTOCOL, "cas_ecr_price"})
FIRST_HOST_PORT: Final = 8899  # where a DP-401 calls its host
LARGEST_PORT: Final = 65_535
_STALLS_IN_A_HALL: Final = 20
_HALLS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_STALLS: Final = _STALLS_IN_A_HALL * len(_HALLS)


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketPlan:
    """A market. With the same seed, the same stalls sell the same goods at the same prices.

    `weighings`: how many sales in all (None: until stopped). `directory`: where the scales' devices get their names.
    `pause_s`: the shortest and the longest time between two sales of a stall. `goods_a_stall`: how many kinds of goods
    each has. With `first_tcp_port` the scales are TCP servers on this machine instead: stall n's scale on port
    first + 2n, its keypad on the next one, n from 0. A scale that calls its host does so at `first_host_port` + n.

    `frame_interval_s`: seconds between two frames of an XK3190; below its usual tenth of a second every scale and every
    vendor is that much quicker than life. `tricks`: what careless and cheating vendors do. `protocols`: which scales
    there are, as `name` or `name:profile`, drawn for each stall. `day`: the day that is played, instead of `pause_s`.
    `breakdown_every_s`, `rotate_every_s`: how often, on average, a scale of the market breaks down and two change
    stalls, in seconds of the market's clock.
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
    first_host_port: int = FIRST_HOST_PORT
    tricks: tuple[Trick, ...] = USUAL_TRICKS
    protocols: tuple[str, ...] = (USUAL_PROTOCOL,)
    day: Day | None = None
    breakdown_every_s: float | None = None
    rotate_every_s: float | None = None

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
        if not 1 <= self.first_host_port <= LARGEST_PORT + 1 - self.stalls:
            raise ValueError(
                f"first_host_port is {self.first_host_port}; expected 1 to {LARGEST_PORT + 1 - self.stalls}, so that"
                " each stall has a port"
            )
        if not self.protocols:
            raise ValueError("protocols: there is none; expected at least one")
        for name in self.protocols:
            stall_scale(name)
        for every_s in (self.breakdown_every_s, self.rotate_every_s):
            if every_s is not None and not every_s > 0:
                raise ValueError(f"every {every_s} s is no time; expected more than 0")

    @property
    def pace(self) -> float:
        """How many times quicker than life scales and vendors are."""
        return USUAL_FRAME_INTERVAL_S / self.frame_interval_s


@dataclass(frozen=True, kw_only=True, slots=True)
class StallScale:
    """What a stall's scale speaks."""

    spec: SimulatedSpec
    profile: str

    @property
    def keys_price(self) -> bool:
        """Whether the unit price is keyed on the stall's keypad."""
        return self.spec.table is None and self.spec.name not in PRICED_ON_SCALE

    def shows(self, trick: Trick) -> bool:
        """Say whether a vendor can do this on it."""
        return self.spec.table is None or trick not in KEYED_TRICKS


def stall_scale(named: str) -> StallScale:
    """Read `name` or `name:profile`. Raise ValueError with a sentence that says what was expected."""
    name, _colon, profile = named.partition(":")
    if name not in SIMULATED_SCALES:
        raise ValueError(f"protocol is {name!r}; expected one of {', '.join(SIMULATED_SCALES)}")
    spec = SIMULATED_SCALES[name]
    if profile and profile not in spec.profiles:
        raise ValueError(f"profile of {name} is {profile!r}; expected one of {', '.join(spec.profiles)}")
    return StallScale(spec=spec, profile=profile or spec.profiles[0])


def scale_of(plan: MarketPlan, scale_id: str) -> StallScale:
    """Return what a scale of the market speaks, the same on every day of a seed."""
    drawn = random.Random(f"{plan.seed}/{scale_id}/protocol")  # noqa: S311 - a simulation
    return stall_scale(drawn.choice(plan.protocols))


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
        scale, keypad = f"tcp://127.0.0.1:{port}", f"tcp://127.0.0.1:{port + 1}"
    else:
        scale, keypad = (str(plan.directory / f"{scale_id}{end}") for end in (".tty", ".keypad.tty"))
    if scale_of(plan, scale_id).spec.calls_host:
        scale = f"tcp-listen://127.0.0.1:{plan.first_host_port + number}"
    return Addresses(scale=scale, keypad=keypad)
