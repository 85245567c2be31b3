"""The stalls of a market, each with its vendor, its scale and its lines, as a plan has them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from simulators.device import Device, make_device
from simulators.faults import Fault, FaultKind
from simulators.market.assortment import chance, market_vendors, shop_of, table_of
from simulators.market.day import Day
from simulators.market.goods import read_goods
from simulators.market.plan import MarketPlan, StallRecord, addresses, market_registry, scale_of
from simulators.market.price_tables import PriceTable
from simulators.market.selling import Habits
from simulators.market.stall import Stall
from simulators.market.tricks import Lot, Shop, next_lots
from simulators.market.vendors import Character, Trick, Vendor
from simulators.market.worked_scales import WorkedScale
from simulators.one_scale.calling_line import CallingLine
from simulators.ports import PtyLine, SimulatedLine, TcpLine

_LEAST_GAIN_PERCENT, _MOST_GAIN_PERCENT = 106, 120


@dataclass(kw_only=True, slots=True)
class Rig:
    """A scale with its two lines. It may go to another stall. `has_host`: an agent was on the scale's line lately."""

    scale_id: str
    worked: WorkedScale
    scale: SimulatedLine
    keypad: SimulatedLine
    has_host: bool = False

    @property
    def device(self) -> Device:
        """The scale with what goes wrong with it."""
        return self.worked.device

    @property
    def cheats(self) -> bool:
        """Whether its calibration does."""
        return self.device.scale.platform.gain_percent != 100  # noqa: PLR2004 - percent

    def is_attached(self) -> bool:
        """Whether an agent is on both lines."""
        return self.scale.is_attached() and self.keypad.is_attached()

    def begin(self, now: float) -> bytes:
        """Return what a scale that registers says, where an agent has come onto its line since the last call."""
        had_host, self.has_host = self.has_host, self.scale.is_attached()
        return self.device.attached(now) if self.has_host and not had_host else b""

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
    pitches = []
    for n, (record, vendor) in enumerate(zip(market_registry(plan), market_vendors(plan), strict=True)):
        rng = chance(plan, record.stall_id)
        habits = Habits(
            price_unit=plan.price_unit,
            patience_s=plan.patience_s * plan.pace,
            next_at=_next_at(plan, rng),
            heeds=_heeds(plan, record, vendor),
        )
        stall = Stall(habits, _customers(vendor, rng, shop_of(plan, record, goods)), _quota(plan, n))
        rig = _rig(plan, n, record, vendor, table_of(plan, record, vendor, goods))
        pitches.append(Pitch(record=record, stall=stall, rig=rig))
    return pitches


def _rig(plan: MarketPlan, n: int, record: StallRecord, vendor: Vendor, table: PriceTable | None) -> Rig:
    what = scale_of(plan, record.scale_id)
    device = make_device(what.spec, what.profile, plan.price_unit, f"{plan.seed}/{record.scale_id}")
    if vendor.trick is Trick.GAIN:
        gain = chance(plan, f"{record.scale_id}/gain").randint(_LEAST_GAIN_PERCENT, _MOST_GAIN_PERCENT)
        device.faults.order(Fault(kind=FaultKind.GAIN, gain_percent=gain), 0.0)
    if table is not None:
        device.scale.load_names({entry.goods.plu: entry.goods.name for entry in table.entries.values()})
    worked = WorkedScale(device=device, keys_price=what.keys_price, table=table)
    scale, keypad = _open_lines(plan, n, record)
    return Rig(scale_id=record.scale_id, worked=worked, scale=scale, keypad=keypad)


def _customers(vendor: Vendor, rng: random.Random, shop: Shop) -> Callable[[], tuple[Lot, ...]]:
    return lambda: next_lots(rng, vendor.next_trick(rng), shop)


def _heeds(plan: MarketPlan, record: StallRecord, vendor: Vendor) -> Callable[[], bool] | None:
    percent = plan.shares.heeded_warnings
    if vendor.character is not Character.CARELESS or not percent:
        return None
    rng = chance(plan, f"{record.stall_id}/heeds")
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


def _quota(plan: MarketPlan, n: int) -> int | None:
    if plan.weighings is None:
        return None
    return plan.weighings // plan.stalls + (n < plan.weighings % plan.stalls)


def _open_lines(plan: MarketPlan, n: int, record: StallRecord) -> tuple[SimulatedLine, SimulatedLine]:
    plan.directory.mkdir(parents=True, exist_ok=True)
    where = addresses(plan, n, record.scale_id)
    return _open_line(where.scale), _open_line(where.keypad)


def _open_line(address: str) -> SimulatedLine:
    """Open the other end of what an agent knows under this address."""
    scheme, _separator, target = address.rpartition("://")
    if not scheme:
        return PtyLine(Path(address))
    host, _colon, port = target.rpartition(":")
    return CallingLine(host, int(port)) if scheme == "tcp-listen" else TcpLine(host, int(port))
