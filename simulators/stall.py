"""A stall, its vendor and its customers: what happens on one scale, frame by frame. Pure: time and bytes are given.

WAITING ──keys the PLU──▶ SETTLING ──▶ HOLDING ──shown, or patience gone──▶ LEAVING ──▶ WAITING
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from domain.units import PriceUnit
from simulators.display import CustomerDisplay
from simulators.goods import MarketGoods
from simulators.scale import SaleFrames, amount_fen, frame, sale_frames
from simulators.vendors import Character, Shares, Wanted, next_sale

_EMPTY_FRAMES: Final = 5  # enough for an agent to see that the pan is empty
_WARM_UP_FRAMES: Final = 5  # an agent throws away what came before it opened the lines


class Stage(Enum):
    """Where the stall is with its customer."""

    WAITING = "waiting"
    SETTLING = "settling"
    HOLDING = "holding"
    LEAVING = "leaving"


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """How a stall sells. Times in seconds."""

    character: Character
    shares: Shares
    price_unit: PriceUnit
    patience_s: float
    pause_s: tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sold:
    """A sale that is over. `shown`: the display showed exactly this amount before the goods were taken off."""

    wanted: Wanted
    amount_fen: int
    shown: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """What a moment brings: bytes for the keypad (before the frame), the scale's frame, a sale that is over."""

    frame: bytes
    keys: bytes = b""
    sold: Sold | None = None


class Stall:
    """One stall. `quota` is how many sales it makes; None for no end."""

    def __init__(self, habits: Habits, goods: Sequence[MarketGoods], rng: random.Random, quota: int | None) -> None:
        self.stage = Stage.WAITING
        self._habits, self._goods, self._rng, self._quota = habits, goods, rng, quota
        self._display = CustomerDisplay()
        self._warm_up = _WARM_UP_FRAMES
        self._ready_at = 0.0
        self._give_up_at = 0.0
        self._left = 0  # frames left of the stage
        self._frame = frame(0, 0, habits.price_unit)
        self._wanted: Wanted | None = None
        self._frames: SaleFrames | None = None

    @property
    def is_done(self) -> bool:
        """True when the quota is sold and the pan is empty again."""
        return self._quota == 0 and self.stage is Stage.WAITING

    def tick(self, now: float, *, attached: bool) -> Tick:
        """Return what happens now. Before its lines were first attached, a stall does not sell."""
        if self.stage is Stage.WAITING:
            return self._wait(now, attached=attached)
        if self._wanted is None or self._frames is None:
            raise RuntimeError(f"a stall is {self.stage} without a sale")
        if self.stage is Stage.SETTLING:
            return self._settle(self._frames, now)
        if self.stage is Stage.LEAVING:
            return self._leave(self._frames, now)
        if now >= self._give_up_at:
            return Tick(frame=self._frames.empty, sold=self._end(self._wanted, shown=False))
        return Tick(frame=self._frames.steady)

    def hear(self, data: bytes) -> Sold | None:
        """Take bytes for the display, and return the sale they end."""
        self._display.feed(data)
        if self.stage is not Stage.HOLDING or self._wanted is None:
            return None
        if self._display.total_fen() != self._amount(self._wanted):
            return None
        return self._end(self._wanted, shown=True)

    def _wait(self, now: float, *, attached: bool) -> Tick:
        if self._warm_up > 0:
            self._warm_up = self._warm_up - 1 if attached else _WARM_UP_FRAMES
        if self._warm_up > 0 or now < self._ready_at or self._quota == 0:
            return Tick(frame=self._frame)
        habits = self._habits
        wanted = next_sale(self._rng, habits.character, self._goods, habits.shares, habits.price_unit)
        self._wanted = wanted
        self._frames = sale_frames(self._rng, wanted.net_g, wanted.unit_price_fen, habits.price_unit)
        self._display.clear()
        self.stage, self._left = Stage.SETTLING, len(self._frames.settling)
        return Tick(frame=self._frames.empty, keys=wanted.goods.plu.encode("ascii") + b"\r")

    def _settle(self, frames: SaleFrames, now: float) -> Tick:
        noise = frames.settling[-self._left]
        self._left -= 1
        if self._left == 0:
            self.stage, self._give_up_at = Stage.HOLDING, now + self._habits.patience_s
        return Tick(frame=noise)

    def _leave(self, frames: SaleFrames, now: float) -> Tick:
        self._left -= 1
        if self._left == 0:
            self.stage, self._frame = Stage.WAITING, frames.empty
            self._ready_at = now + self._rng.uniform(*self._habits.pause_s)
        return Tick(frame=frames.empty)

    def _end(self, wanted: Wanted, *, shown: bool) -> Sold:
        self.stage, self._left = Stage.LEAVING, _EMPTY_FRAMES
        if self._quota is not None:
            self._quota -= 1
        return Sold(wanted=wanted, amount_fen=self._amount(wanted), shown=shown)

    def _amount(self, wanted: Wanted) -> int:
        return amount_fen(wanted.net_g, wanted.unit_price_fen, self._habits.price_unit)
