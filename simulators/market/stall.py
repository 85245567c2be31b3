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

from simulators.amounts import amount_fen
from simulators.display import CustomerDisplay
from simulators.market.selling import Habits, Shown, Sold, Stage, Tick
from simulators.market.tricks import Lot
from simulators.market.vendors import Trick
from simulators.market.worked_scales import WorkedScale
from simulators.one_scale.steps import Put

_WARM_UP_S: Final = 0.5  # an agent throws away what came before it opened the lines
_THROWN_S: Final = 0.2  # before the scale is at rest
_REGRET_S: Final = 0.5
_LOOK_S: Final = 1.0  # an agent warns within a tenth of a second
#: For how many moments the empty pan rests at least: a scale sends every third, and an agent wants three alike. Where
#: this machine is busy, time alone goes by without a reading, and the same load again would be the one sold before.
_EMPTY_TICKS: Final = 12
_UNSEEN_S: Final = 5.0  # a scale that never comes to rest is loaded again all the same


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
        self._empty_ticks = 0
        self._net_g = self._amount = 0

    @property
    def is_done(self) -> bool:
        """True when the quota is sold, or nobody comes any more, and the pan is empty again."""
        is_over = self._quota is not None and self._quota <= 0
        return self.stage is Stage.WAITING and (is_over or (not self._lots and self._ready_at == math.inf))

    def tick(self, scale: WorkedScale, now: float, *, attached: bool) -> Tick:
        """Return what happens now. Before its lines were attached for a while, a stall does not sell."""
        if self.stage is Stage.WAITING:
            return self._wait(scale, now, attached=attached)
        lot = self._lot
        if lot is None:
            raise RuntimeError(f"a stall is {self.stage} without a sale")
        if self.stage is Stage.LOOKING:
            return self._look(scale, lot, now)
        if self.stage is Stage.SETTLING:
            return self._settle(scale, lot, now)
        if self.stage is Stage.LEAVING:
            self._empty_ticks += scale.device.scale.platform.is_at_rest(now)
        return self._time_is_over(scale, lot, now) if now >= self._until else Tick()

    def hear(self, scale: WorkedScale, data: bytes, now: float) -> Sold | None:
        """Take bytes for the display, and return the sale they end."""
        self._display.feed(data)
        if self.stage is not Stage.HOLDING or self._lot is None:
            return None
        if self._display.total_fen() != self._amount:
            return None
        return self._end(scale, self._lot, now, Shown.TOTAL)

    def _time_is_over(self, scale: WorkedScale, lot: Lot, now: float) -> Tick:
        """End a stage that time ends."""
        if self.stage is Stage.HOLDING:
            return Tick(sold=(self._end(scale, lot, now, Shown.NO_TOTAL),))
        if self.stage is Stage.REGRETTING:
            return self._regret(scale, lot, now)
        if self._empty_ticks >= _EMPTY_TICKS or now >= self._until + _UNSEEN_S:
            self._free(now)
        return Tick()

    def _wait(self, scale: WorkedScale, now: float, *, attached: bool) -> Tick:
        self._warm_up(now, attached=attached)
        is_over = self._quota is not None and self._quota <= 0
        if self.is_held or is_over or now < self._ready_at or not self._is_warm:
            return Tick()
        return self._begin(scale, now)

    def _warm_up(self, now: float, *, attached: bool) -> None:
        """Once it was attached for a while, a stall sells even where the agent is away."""
        if not attached:
            self._attached_at = None
        elif self._attached_at is None:
            self._attached_at = now
        elif now - self._attached_at >= _WARM_UP_S:
            self._is_warm = True

    def _begin(self, scale: WorkedScale, now: float) -> Tick:
        if not self._lots:
            self._lots.extend(self._next_lots())
        self._lot = lot = scale.sold(self._lots.popleft())
        if lot.trick is Trick.OFF_SCALE:
            self._free(now)
            return Tick(sold=(Sold(lot=lot, net_g=0, amount_fen=0, shown=Shown.OFF_SCALE),))
        self._display.forget()
        self._is_lowered = False
        keys = scale.key(lot, now)
        if self._habits.heeds is None or not scale.is_warned_of:
            self._load(scale, lot, now)
        else:
            self.stage, self._until = Stage.LOOKING, now + _LOOK_S
        return Tick(keys=keys)

    def _look(self, scale: WorkedScale, lot: Lot, now: float) -> Tick:
        """Wait for a warning for a moment, and obey it or not."""
        legal_fen = self._display.warned_fen
        is_warned = legal_fen is not None and legal_fen < lot.unit_price_fen
        if not is_warned and now < self._until:
            return Tick()
        keys = b""
        if legal_fen is not None and is_warned and self._habits.heeds is not None and self._habits.heeds():
            self._lot = lot = replace(lot, unit_price_fen=legal_fen, true_price_fen=legal_fen)
            self._is_lowered, keys = True, scale.lower(legal_fen, now)
        self._load(scale, lot, now)
        return Tick(keys=keys)

    def _load(self, scale: WorkedScale, lot: Lot, now: float) -> None:
        scale.device.do(Put(lot.load_g), now)
        self.stage, self._until = Stage.SETTLING, now + _THROWN_S

    def _settle(self, scale: WorkedScale, lot: Lot, now: float) -> Tick:
        if lot.trick is Trick.THROWN:
            return self._throw(scale, lot, now) if now >= self._until else Tick()
        if not scale.device.scale.platform.is_at_rest(now):
            return Tick()
        self._net_g, line = scale.weigh(now)
        self._hold(lot, now)
        return Tick(line=line)

    def _throw(self, scale: WorkedScale, lot: Lot, now: float) -> Tick:
        self._leave(scale, now, is_sold=False)
        return Tick(sold=(Sold(lot=lot, net_g=0, amount_fen=0, shown=Shown.OFF_SCALE),))

    def _end(self, scale: WorkedScale, lot: Lot, now: float, shown: Shown) -> Sold:
        if self._quota is not None:
            self._quota -= 1
        is_regretted = shown is Shown.TOTAL and (lot.trick is Trick.VOIDED or lot.raised_price_fen is not None)
        if is_regretted:
            self.stage, self._until = Stage.REGRETTING, now + _REGRET_S
        else:
            self._leave(scale, now)
        return Sold(
            lot=lot,
            net_g=self._net_g,
            amount_fen=self._amount,
            shown=shown,
            voided=is_regretted,
            warned=self._display.warned_fen is not None,
            lowered=self._is_lowered,
        )

    def _regret(self, scale: WorkedScale, lot: Lot, now: float) -> Tick:
        """Void the sale on the keypad; or correct it to a higher price, where prices are keyed, and hold it again."""
        price = lot.raised_price_fen
        if price is None:
            self._leave(scale, now)
            return Tick(keys=b"-\r")
        self._lot = replace(lot, unit_price_fen=price, raised_price_fen=None)
        self._display.forget()
        self._hold(self._lot, now)
        return Tick(keys=scale.correct(lot.goods.plu, price, now))

    def _hold(self, lot: Lot, now: float) -> None:
        self._amount = amount_fen(self._net_g, lot.unit_price_fen, self._habits.price_unit)
        self.stage, self._until = Stage.HOLDING, now + self._habits.patience_s

    def _leave(self, scale: WorkedScale, now: float, *, is_sold: bool = True) -> None:
        scale.device.scale.platform.put(0, now)
        self.stage, self._until = Stage.LEAVING, now + scale.clearing_s(is_sold=is_sold)
        self._empty_ticks = 0

    def _free(self, now: float) -> None:
        """The rest of a purchase follows at once; another customer comes in time."""
        self.stage = Stage.WAITING
        self._ready_at = now if self._lots else self._habits.next_at(now)
