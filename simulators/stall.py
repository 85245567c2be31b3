"""A stall, its vendor and its customers: what happens on one scale, moment by moment. Pure: time and bytes are given.

WAITING ──keys, load──▶ SETTLING ──at rest──▶ HOLDING ──shown, or patience gone──▶ LEAVING ──▶ WAITING
                                                 └──shown, to be voided or corrected──▶ REGRETTING ──▶ LEAVING, HOLDING
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from domain.units import PriceUnit, yuan
from simulators.amounts import amount_fen
from simulators.device import Device
from simulators.display import CustomerDisplay
from simulators.steps import KeyPrice, KeyTare, Put
from simulators.tricks import Lot
from simulators.vendors import Trick

_EMPTY_S: Final = 0.5  # on a scale that sends ten times a second, enough for an agent to see that the pan is empty
_WARM_UP_S: Final = 0.5  # an agent throws away what came before it opened the lines
_THROWN_S: Final = 0.2  # before the scale is at rest
_REGRET_S: Final = 0.5


class Stage(Enum):
    """Where the stall is with its customer."""

    WAITING = "waiting"
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

    `keys_price`: the unit price is keyed on the keypad, because the scale has no keys for it.
    """

    price_unit: PriceUnit
    patience_s: float
    next_at: Callable[[float], float]
    keys_price: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Sold:
    """A sale that is over: what the scale made of a lot."""

    lot: Lot
    net_g: int
    amount_fen: int
    shown: Shown
    voided: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """What a moment brings: bytes for the keypad, and sales that are over."""

    keys: bytes = b""
    sold: tuple[Sold, ...] = ()


class Stall:
    """One stall. `next_lots` is asked for each customer; `quota` is how many weighings it makes, None for no end."""

    def __init__(self, habits: Habits, next_lots: Callable[[], Sequence[Lot]], quota: int | None) -> None:
        self.stage = Stage.WAITING
        self.is_held = False  # whether it begins nothing new for the moment
        self._habits, self._next_lots, self._quota = habits, next_lots, quota
        self._lots: deque[Lot] = deque()
        self._display = CustomerDisplay()
        self._is_warm = False
        self._attached_at: float | None = None
        self._ready_at = habits.next_at(0.0)
        self._until = 0.0  # the end of the stage, where time ends it
        self._lot: Lot | None = None
        self._net_g = self._amount = 0

    @property
    def is_done(self) -> bool:
        """True when the quota is sold, or nobody comes any more, and the pan is empty again."""
        is_over = self._quota is not None and self._quota <= 0
        return self.stage is Stage.WAITING and (is_over or (not self._lots and self._ready_at == math.inf))

    def tick(self, device: Device, now: float, *, attached: bool) -> Tick:
        """Return what happens now. Before its lines were attached for a while, a stall does not sell."""
        if self.stage is Stage.WAITING:
            return self._wait(device, now, attached=attached)
        lot = self._lot
        if lot is None:
            raise RuntimeError(f"a stall is {self.stage} without a sale")
        if self.stage is Stage.SETTLING:
            return self._settle(device, lot, now)
        if now < self._until:
            return Tick()
        if self.stage is Stage.HOLDING:
            return Tick(sold=(self._end(device, lot, now, Shown.NO_TOTAL),))
        if self.stage is Stage.REGRETTING:
            return self._regret(device, lot, now)
        self._free(now)
        return Tick()

    def hear(self, device: Device, data: bytes, now: float) -> Sold | None:
        """Take bytes for the display, and return the sale they end."""
        self._display.feed(data)
        if self.stage is not Stage.HOLDING or self._lot is None:
            return None
        if self._display.total_fen() != self._amount:
            return None
        return self._end(device, self._lot, now, Shown.TOTAL)

    def _wait(self, device: Device, now: float, *, attached: bool) -> Tick:
        self._warm_up(now, attached=attached)
        is_over = self._quota is not None and self._quota <= 0
        if self.is_held or is_over or now < self._ready_at or not self._is_warm:
            return Tick()
        return self._begin(device, now)

    def _warm_up(self, now: float, *, attached: bool) -> None:
        """Once it was attached for a while, a stall sells even where the agent is away."""
        if not attached:
            self._attached_at = None
        elif self._attached_at is None:
            self._attached_at = now
        elif now - self._attached_at >= _WARM_UP_S:
            self._is_warm = True

    def _begin(self, device: Device, now: float) -> Tick:
        if not self._lots:
            self._lots.extend(self._next_lots())
        self._lot = lot = self._lots.popleft()
        if lot.trick is Trick.OFF_SCALE:
            self._free(now)
            return Tick(sold=(Sold(lot=lot, net_g=0, amount_fen=0, shown=Shown.OFF_SCALE),))
        self._display.clear()
        device.do_all((KeyPrice(lot.unit_price_fen), KeyTare(lot.tare_g), Put(lot.load_g)), now)
        self.stage, self._until = Stage.SETTLING, now + _THROWN_S
        price = f"*{yuan(lot.unit_price_fen)}" if self._habits.keys_price else ""
        return Tick(keys=f"{lot.goods.plu}{price}\r".encode("ascii"))

    def _settle(self, device: Device, lot: Lot, now: float) -> Tick:
        platform = device.scale.platform
        if lot.trick is Trick.THROWN:
            return self._throw(device, lot, now) if now >= self._until else Tick()
        if platform.is_at_rest(now):
            self._net_g = platform.look(now).gross_g - device.scale.tare_g
            self._hold(lot, now)
        return Tick()

    def _throw(self, device: Device, lot: Lot, now: float) -> Tick:
        self._leave(device, now)
        return Tick(sold=(Sold(lot=lot, net_g=0, amount_fen=0, shown=Shown.OFF_SCALE),))

    def _end(self, device: Device, lot: Lot, now: float, shown: Shown) -> Sold:
        if self._quota is not None:
            self._quota -= 1
        is_regretted = shown is Shown.TOTAL and (lot.trick is Trick.VOIDED or lot.raised_price_fen is not None)
        if is_regretted:
            self.stage, self._until = Stage.REGRETTING, now + _REGRET_S
        else:
            self._leave(device, now)
        return Sold(lot=lot, net_g=self._net_g, amount_fen=self._amount, shown=shown, voided=is_regretted)

    def _regret(self, device: Device, lot: Lot, now: float) -> Tick:
        """Void the sale on the keypad; or correct it to a higher price, where prices are keyed, and hold it again."""
        price = lot.raised_price_fen
        if price is None:
            self._leave(device, now)
            return Tick(keys=b"-\r")
        self._lot = replace(lot, unit_price_fen=price, raised_price_fen=None)
        self._display.clear()
        self._hold(self._lot, now)
        if self._habits.keys_price:
            return Tick(keys=f"+{lot.goods.plu}*{yuan(price)}\r".encode("ascii"))
        device.do(KeyPrice(price), now)
        return Tick(keys=f"{lot.goods.plu}\r".encode("ascii"))  # the agent has to hear once more what it is

    def _hold(self, lot: Lot, now: float) -> None:
        self._amount = amount_fen(self._net_g, lot.unit_price_fen, self._habits.price_unit)
        self.stage, self._until = Stage.HOLDING, now + self._habits.patience_s

    def _leave(self, device: Device, now: float) -> None:
        device.scale.platform.put(0, now)
        self.stage, self._until = Stage.LEAVING, now + device.scale.platform.capacity.settle_s + _EMPTY_S

    def _free(self, now: float) -> None:
        """The rest of a purchase follows at once; another customer comes in time."""
        self.stage = Stage.WAITING
        self._ready_at = now if self._lots else self._habits.next_at(now)
