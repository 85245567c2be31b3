"""A stall, its vendor and its customers: what happens on one scale, moment by moment. Pure: time and bytes are given.

WAITING ──keys, load──▶ SETTLING ──at rest──▶ HOLDING ──shown, or patience gone──▶ LEAVING ──▶ WAITING
   └──keys──▶ LOOKING ──warned, or time over; load──▶ SETTLING
                                                 └──shown, to be voided or corrected──▶ REGRETTING ──▶ LEAVING, HOLDING
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from domain.units import yuan
from simulators.amounts import amount_fen
from simulators.device import Device
from simulators.display import CustomerDisplay
from simulators.market.selling import Habits, Shown, Sold, Stage, Tick
from simulators.market.tricks import Lot
from simulators.market.vendors import Trick
from simulators.one_scale.steps import KeyPrice, KeyTare, Put

_EMPTY_S: Final = 0.5  # on a scale that sends ten times a second, enough for an agent to see that the pan is empty
_WARM_UP_S: Final = 0.5  # an agent throws away what came before it opened the lines
_THROWN_S: Final = 0.2  # before the scale is at rest
_REGRET_S: Final = 0.5
_LOOK_S: Final = 1.0  # an agent warns within a tenth of a second


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
        self._is_lowered = False
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
        if self.stage is Stage.LOOKING:
            return self._look(device, lot, now)
        if self.stage is Stage.SETTLING:
            return self._settle(device, lot, now)
        return self._time_is_over(device, lot, now) if now >= self._until else Tick()

    def hear(self, device: Device, data: bytes, now: float) -> Sold | None:
        """Take bytes for the display, and return the sale they end."""
        self._display.feed(data)
        if self.stage is not Stage.HOLDING or self._lot is None:
            return None
        if self._display.total_fen() != self._amount:
            return None
        return self._end(device, self._lot, now, Shown.TOTAL)

    def _time_is_over(self, device: Device, lot: Lot, now: float) -> Tick:
        """End a stage that time ends."""
        if self.stage is Stage.HOLDING:
            return Tick(sold=(self._end(device, lot, now, Shown.NO_TOTAL),))
        if self.stage is Stage.REGRETTING:
            return self._regret(device, lot, now)
        self._free(now)
        return Tick()

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
        self._display.forget()
        self._is_lowered = False
        device.do_all((KeyPrice(lot.unit_price_fen), KeyTare(lot.tare_g)), now)
        if self._habits.heeds is None:
            self._load(device, lot, now)
        else:
            self.stage, self._until = Stage.LOOKING, now + _LOOK_S
        price = f"*{yuan(lot.unit_price_fen)}" if self._habits.keys_price else ""
        return Tick(keys=f"{lot.goods.plu}{price}\r".encode("ascii"))

    def _look(self, device: Device, lot: Lot, now: float) -> Tick:
        """Wait for a warning for a moment, and obey it or not."""
        legal_fen = self._display.warned_fen
        is_warned = legal_fen is not None and legal_fen < lot.unit_price_fen
        if not is_warned and now < self._until:
            return Tick()
        keys = b""
        if legal_fen is not None and is_warned and self._habits.heeds is not None and self._habits.heeds():
            keys, lot = self._lower(device, replace(lot, unit_price_fen=legal_fen, true_price_fen=legal_fen), now)
        self._load(device, lot, now)
        return Tick(keys=keys)

    def _lower(self, device: Device, lot: Lot, now: float) -> tuple[bytes, Lot]:
        self._lot, self._is_lowered = lot, True
        if self._habits.keys_price:
            return f"*{yuan(lot.unit_price_fen)}\r".encode("ascii"), lot
        device.do(KeyPrice(lot.unit_price_fen), now)
        return b"", lot

    def _load(self, device: Device, lot: Lot, now: float) -> None:
        device.do(Put(lot.load_g), now)
        self.stage, self._until = Stage.SETTLING, now + _THROWN_S

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
        return Sold(
            lot=lot,
            net_g=self._net_g,
            amount_fen=self._amount,
            shown=shown,
            voided=is_regretted,
            warned=self._display.warned_fen is not None,
            lowered=self._is_lowered,
        )

    def _regret(self, device: Device, lot: Lot, now: float) -> Tick:
        """Void the sale on the keypad; or correct it to a higher price, where prices are keyed, and hold it again."""
        price = lot.raised_price_fen
        if price is None:
            self._leave(device, now)
            return Tick(keys=b"-\r")
        self._lot = replace(lot, unit_price_fen=price, raised_price_fen=None)
        self._display.forget()
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
