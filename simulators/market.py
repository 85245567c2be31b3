"""A whole market in one process: every stall's scale sends its frames, every sale goes into the truth file."""

import heapq
import random
import selectors
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from simulators.agent_configs import write_agent_configs
from simulators.goods import MarketGoods, is_over_cap, read_goods
from simulators.plan import MarketPlan, StallRecord, addresses, market_registry
from simulators.ports import PtyLine, SimulatedLine, TcpLine
from simulators.stall import Habits, Sold, Stage, Stall
from simulators.truth import Sale, TruthFile
from simulators.vendors import characters

__all__ = ["MarketPlan", "MarketSummary", "StallRecord", "market_registry", "run", "write_agent_configs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketSummary:
    """What was sold. `shown` of them had their total on the display; `over_cap` and `unlisted` count sales too."""

    sales: int
    shown: int
    over_cap: int
    unlisted: int
    elapsed_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pitch:
    """A stall with its lines."""

    record: StallRecord
    stall: Stall
    scale: SimulatedLine
    keypad: SimulatedLine


class _Market:
    def __init__(self, plan: MarketPlan, truth: TruthFile, on_sale: Callable[[Sale], None] | None) -> None:
        self._plan, self._truth, self._on_sale = plan, truth, on_sale
        self._pitches = _open_pitches(plan)
        self._selector = selectors.DefaultSelector()
        self._numbers = count(1)
        self._sums: Counter[str] = Counter()
        self._watched: dict[str, int] = {}  # by scale_id: the keypad's file descriptor

    def run(self, stop: threading.Event) -> MarketSummary:
        started = time.monotonic()
        interval_s = self._plan.frame_interval_s
        # Real scales are not in step: the stalls are spread over the interval.
        due = [(started + interval_s * n / len(self._pitches), n) for n in range(len(self._pitches))]
        while not stop.is_set() and not all(pitch.stall.is_done for pitch in self._pitches):
            due_at, n = due[0]
            now = time.monotonic()
            if now >= due_at:
                self._tick(self._pitches[n], now)
                heapq.heapreplace(due, (max(due_at + interval_s, now), n))
            for key, _events in self._selector.select(max(0.0, due[0][0] - time.monotonic())):
                self._listen(key.data)
        return MarketSummary(
            sales=self._sums["sales"],
            shown=self._sums["shown"],
            over_cap=self._sums["over_cap"],
            unlisted=self._sums["unlisted"],
            elapsed_s=time.monotonic() - started,
        )

    def close(self) -> None:
        for pitch in self._pitches:
            pitch.scale.close()
            pitch.keypad.close()
        self._selector.close()

    def _tick(self, pitch: _Pitch, now: float) -> None:
        self._listen(pitch)
        attached = pitch.scale.is_attached() and pitch.keypad.is_attached()
        tick = pitch.stall.tick(now, attached=attached)
        if tick.keys:
            pitch.keypad.send(tick.keys)
        pitch.scale.send(tick.frame)
        if tick.sold is not None:
            self._note(pitch, tick.sold)
        self._watch(pitch)

    def _listen(self, pitch: _Pitch) -> None:
        sold = pitch.stall.hear(pitch.keypad.receive())
        if sold is not None:
            self._note(pitch, sold)
        self._watch(pitch)

    def _watch(self, pitch: _Pitch) -> None:
        """Watch the displays that are about to show something; the others are listened to once a frame."""
        fd = pitch.keypad.fileno() if pitch.stall.stage is Stage.HOLDING else -1
        watched = self._watched.get(pitch.record.scale_id, -1)
        if fd == watched:
            return
        if watched != -1:
            self._selector.unregister(watched)
        if fd != -1:
            self._selector.register(fd, selectors.EVENT_READ, pitch)
        self._watched[pitch.record.scale_id] = fd

    def _note(self, pitch: _Pitch, sold: Sold) -> None:
        goods, wanted = sold.wanted.goods, sold.wanted
        sale = Sale(
            n=next(self._numbers),
            scale_id=pitch.record.scale_id,
            stall_id=pitch.record.stall_id,
            vendor_id=pitch.record.vendor_id,
            plu=goods.plu,
            species=goods.species,
            grade=goods.grade,
            name=goods.name,
            net_g=wanted.net_g,
            unit_price_fen=wanted.unit_price_fen,
            price_unit=self._plan.price_unit.value,
            amount_fen=sold.amount_fen,
            over_cap=is_over_cap(goods, wanted.unit_price_fen, self._plan.price_unit),
            sold_at=datetime.now(UTC),
            shown=sold.shown,
        )
        self._truth.write(sale)
        self._sums.update(sales=1, shown=sale.shown, over_cap=sale.over_cap is True, unlisted=sale.over_cap is None)
        if self._on_sale is not None:
            self._on_sale(sale)


def run(plan: MarketPlan, stop: threading.Event, on_sale: Callable[[Sale], None] | None = None) -> MarketSummary:
    """Run a market until its sales are made or `stop` is set. `on_sale` is called for each sale, in this thread.

    The first sale of a stall waits for an agent on its lines. Raise BadFile where the goods or caps cannot be used.
    """
    with TruthFile(plan.truth) as truth:
        market = _Market(plan, truth, on_sale)
        try:
            return market.run(stop)
        finally:
            market.close()


def _open_pitches(plan: MarketPlan) -> list[_Pitch]:
    goods = read_goods(plan.goods, plan.cap_list)
    drawn = characters(random.Random(f"{plan.seed}/characters"), plan.stalls, plan.shares)  # noqa: S311 - a simulation
    pitches = []
    for n, (record, character) in enumerate(zip(market_registry(plan), drawn, strict=True)):
        habits = Habits(
            character=character,
            shares=plan.shares,
            price_unit=plan.price_unit,
            patience_s=plan.patience_s,
            pause_s=plan.pause_s,
        )
        rng = random.Random(f"{plan.seed}/{record.stall_id}")  # noqa: S311 - a simulation
        scale, keypad = _open_lines(plan, n, record)
        stall = Stall(habits, _goods_of(plan, record, goods), rng, _quota(plan, n))
        pitches.append(_Pitch(record=record, stall=stall, scale=scale, keypad=keypad))
    return pitches


def _goods_of(plan: MarketPlan, record: StallRecord, goods: Sequence[MarketGoods]) -> Sequence[MarketGoods]:
    """A stall has its own few kinds of goods, the same on every day of a seed."""
    chosen = random.Random(f"{plan.seed}/{record.stall_id}/goods")  # noqa: S311 - a simulation
    return chosen.sample(goods, min(plan.goods_a_stall, len(goods)))


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
