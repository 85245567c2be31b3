"""A station: one scale with its keypad. Pure: bytes in, drafts of weighings out."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from domain.ids import ScaleId
from domain.units import Grams
from domain.weighing import Weighing
from edge_agent.clock import StepWatch
from edge_agent.drivers.keypad import KeypadDecoder
from edge_agent.goods import look_up
from edge_agent.outbox import Draft
from edge_agent.readings import Garbage, PluKeyed, Reading
from edge_agent.scale_config import ScaleConfig
from edge_agent.stability import StableLoad, after_restart, observe


@dataclass(kw_only=True, slots=True)
class StationCounters:
    """What a station has seen since the agent started. `garbage` counts by device and reason."""

    readings: int = 0
    plus_keyed: int = 0
    weighings: int = 0
    garbage: Counter[str] = field(default_factory=Counter)


class Station:
    """One scale with its keypad. `sold_net_g`: what its journal recorded last, which may still lie on the pan."""

    def __init__(self, config: ScaleConfig, *, clock_synced: bool, sold_net_g: Grams | None) -> None:
        self.config = config
        self.counters = StationCounters()
        self.driver = config.make_driver()
        self.keypad = KeypadDecoder()
        self._clock_synced, self._steps = clock_synced, StepWatch()
        self._pan = after_restart(sold_net_g)
        self._plu = ""

    @property
    def scale_id(self) -> ScaleId:
        """The scale's id."""
        return self.config.scale_id

    def feed_keypad(self, data: bytes) -> None:
        """Take bytes of the keypad. The last PLU keyed holds for the next load, and for that one only."""
        for item in self.keypad.feed(data):
            if isinstance(item, PluKeyed):
                self._plu = item.plu
                self.counters.plus_keyed += 1
            else:
                self.counters.garbage[f"keypad_{item.reason}"] += 1

    def feed_scale(self, data: bytes, now: datetime, elapsed_s: float) -> list[Draft]:
        """Take bytes of the scale, and return the loads to record, weighed `now`.

        `elapsed_s` is the monotonic clock's time, to tell where the other one stepped.
        """
        self._steps.begin(now, elapsed_s)
        drafts = []
        for item in self.driver.feed(data):
            if isinstance(item, Reading):
                self.counters.readings += 1
                self._pan, load = observe(self.config.stability, self._pan, item)
                if load is not None:
                    drafts.append(Draft(scale_id=self.scale_id, weighing=self._weighing(load, now, elapsed_s)))
            elif isinstance(item, Garbage):
                self.counters.garbage[f"scale_{item.reason}"] += 1
        return drafts

    def _weighing(self, load: StableLoad, now: datetime, elapsed_s: float) -> Weighing:
        plu, self._plu = self._plu, ""
        goods = look_up(self.config.goods, plu)
        tare_g = self.config.tare_g
        self.counters.weighings += 1
        has_stepped = self._steps.has_stepped(now, elapsed_s)
        return Weighing(
            seq=0,  # the outbox gives the place in the journal
            weighed_at=now.replace(microsecond=now.microsecond // 1000 * 1000),
            clock_synced=self._clock_synced and not has_stepped,
            plu=goods.plu,
            species=goods.species,
            grade=goods.grade,
            name=goods.name,
            gross_g=None if tare_g is None else Grams(load.net_g + tare_g),
            tare_g=tare_g,
            net_g=load.net_g,
            stable=True,
            unit_price_fen=load.unit_price_fen,
            price_unit=self.config.price_unit,
            amount_fen=load.amount_fen,
            paid_fen=load.amount_fen,
        )
