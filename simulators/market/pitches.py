"""The stalls of a market, each with its vendor, its scale and its lines, as a plan has them."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulators.device import Device, make_device
from simulators.faults import Fault, FaultKind
from simulators.market.day import Day
from simulators.market.goods import MarketGoods, read_goods
from simulators.market.plan import MarketPlan, StallRecord, addresses, market_registry, scale_of
from simulators.market.selling import Habits
from simulators.market.stall import Stall
from simulators.market.tricks import Lot, Shop, next_lots
from simulators.market.vendors import Character, Trick, Vendor, vendors
from simulators.ports import PtyLine, SimulatedLine, TcpLine

_LEAST_GAIN_PERCENT, _MOST_GAIN_PERCENT = 106, 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Rig:
    """A scale with its two lines. It may go to another stall."""

    scale_id: str
    device: Device
    scale: SimulatedLine
    keypad: SimulatedLine

    @property
    def cheats(self) -> bool:
        """Whether its calibration does."""
        return self.device.scale.platform.gain_percent != 100  # noqa: PLR2004 - percent

    def is_attached(self) -> bool:
        """Whether an agent is on both lines."""
        return self.scale.is_attached() and self.keypad.is_attached()

    def close(self) -> None:
        """Close both lines."""
        self.scale.close()
        self.keypad.close()


@dataclass(kw_only=True, slots=True)
class Pitch:
    """A stall, and the scale that is on it now. `broken_until` is the stalls' clock, None while it works."""

    record: StallRecord
    stall: Stall
    rig: Rig
    broken_until: float | None = None


def open_pitches(plan: MarketPlan) -> list[Pitch]:
    """Open every line. Raise BadFile where the goods or caps cannot be used."""
    goods = read_goods(plan.goods, plan.cap_list)
    drawn = vendors(_chance(plan, "characters"), plan.stalls, plan.shares, plan.tricks)
    pitches = []
    for n, (record, vendor) in enumerate(zip(market_registry(plan), drawn, strict=True)):
        rng = _chance(plan, record.stall_id)
        habits = Habits(
            price_unit=plan.price_unit,
            patience_s=plan.patience_s * plan.pace,
            next_at=_next_at(plan, rng),
            keys_price=scale_of(plan, record.scale_id).keys_price,
            heeds=_heeds(plan, record, vendor),
        )
        stall = Stall(habits, _customers(plan, record, vendor, rng, goods), _quota(plan, n))
        pitches.append(Pitch(record=record, stall=stall, rig=_rig(plan, n, record, vendor)))
    return pitches


def _rig(plan: MarketPlan, n: int, record: StallRecord, vendor: Vendor) -> Rig:
    what = scale_of(plan, record.scale_id)
    device = make_device(what.spec, what.profile, plan.price_unit, f"{plan.seed}/{record.scale_id}")
    if vendor.trick is Trick.GAIN:
        gain = _chance(plan, f"{record.scale_id}/gain").randint(_LEAST_GAIN_PERCENT, _MOST_GAIN_PERCENT)
        device.faults.order(Fault(kind=FaultKind.GAIN, gain_percent=gain), 0.0)
    scale, keypad = _open_lines(plan, n, record)
    return Rig(scale_id=record.scale_id, device=device, scale=scale, keypad=keypad)


def _customers(
    plan: MarketPlan, record: StallRecord, vendor: Vendor, rng: random.Random, goods: Sequence[MarketGoods]
) -> Callable[[], tuple[Lot, ...]]:
    shop = Shop(
        goods=_goods_of(plan, record, goods),
        catalogue=goods,
        price_unit=plan.price_unit,
        unlisted_percent=plan.shares.unlisted_sales,
    )
    return lambda: next_lots(rng, vendor.next_trick(rng), shop)


def _heeds(plan: MarketPlan, record: StallRecord, vendor: Vendor) -> Callable[[], bool] | None:
    percent = plan.shares.heeded_warnings
    if vendor.character is not Character.CARELESS or not percent:
        return None
    rng = _chance(plan, f"{record.stall_id}/heeds")
    return lambda: rng.randrange(100) < percent


def _next_at(plan: MarketPlan, rng: random.Random) -> Callable[[float], float]:
    """When the next customer comes, by the stalls' clock."""
    day = plan.day
    if day is not None:
        return _through_the_day(day, day.speed / plan.pace, rng)

    def after_a_pause(now: float) -> float:
        return now + rng.uniform(*plan.pause_s) * plan.pace if now else 0.0

    return after_a_pause


def _through_the_day(day: Day, market_s_per_s: float, rng: random.Random) -> Callable[[float], float]:
    def next_customer(now: float) -> float:
        at_s = day.next_customer(rng, day.opens_s + now * market_s_per_s)
        return (at_s - day.opens_s) / market_s_per_s

    return next_customer


def _goods_of(plan: MarketPlan, record: StallRecord, goods: Sequence[MarketGoods]) -> Sequence[MarketGoods]:
    """A stall has its own few kinds of goods, the same on every day of a seed."""
    return _chance(plan, f"{record.stall_id}/goods").sample(goods, min(plan.goods_a_stall, len(goods)))


def _quota(plan: MarketPlan, n: int) -> int | None:
    if plan.weighings is None:
        return None
    return plan.weighings // plan.stalls + (n < plan.weighings % plan.stalls)


def _open_lines(plan: MarketPlan, n: int, record: StallRecord) -> tuple[SimulatedLine, SimulatedLine]:
    if plan.first_tcp_port is not None:
        port = plan.first_tcp_port + 2 * n
        return TcpLine("127.0.0.1", port), TcpLine("127.0.0.1", port + 1)
    where = addresses(plan, n, record.scale_id)
    plan.directory.mkdir(parents=True, exist_ok=True)
    return PtyLine(Path(where.scale)), PtyLine(Path(where.keypad))


def _chance(plan: MarketPlan, name: str) -> random.Random:
    return random.Random(f"{plan.seed}/{name}")  # noqa: S311 - a simulation
