"""What a stall is told and what it tells: its stages, its habits, and what it has sold."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from domain.units import PriceUnit
from simulators.market.tricks import Lot


class Stage(Enum):
    """Where the stall is with its customer."""

    WAITING = "waiting"
    LOOKING = "looking"
    SETTLING = "settling"
    HOLDING = "holding"
    REGRETTING = "regretting"
    LEAVING = "leaving"


class Shown(Enum):
    """Whether a sale was on the scale: with its total on the display, without it, or not at all."""

    TOTAL = "total"
    NO_TOTAL = "no_total"
    OFF_SCALE = "off_scale"


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """How a stall sells. `next_at` says when the next customer comes, given since when the stall is free.

    `heeds`: says whether the vendor obeys a warning; who has it keys first, looks at the display, and then puts the
    goods on the pan.
    """

    price_unit: PriceUnit
    patience_s: float
    next_at: Callable[[float], float]
    heeds: Callable[[], bool] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sold:
    """A sale that is over: what the scale made of a lot.

    `warned`: the display showed a highest legal price before it; `lowered`: to which the vendor lowered his.
    """

    lot: Lot
    net_g: int
    amount_fen: int
    shown: Shown
    voided: bool = False
    warned: bool = False
    lowered: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """What a moment brings: bytes that the keypad and the scale send, and sales that are over."""

    keys: bytes = b""
    line: bytes = b""
    sold: tuple[Sold, ...] = ()
