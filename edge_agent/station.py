"""A station: one scale with its keypad. Pure: bytes in; what is to be recorded and told, out."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import assert_never

from domain.device_event import DeviceEvent
from domain.ids import ScaleId
from domain.weighing import Weighing
from edge_agent import offers, stability
from edge_agent.cap_book import CapBook
from edge_agent.cap_warnings import Clear, Show, short_text
from edge_agent.caution import Caution
from edge_agent.clock import StepWatch
from edge_agent.device_watch import DeviceWatch, clock_changed
from edge_agent.drivers.keypad import KeypadDecoder
from edge_agent.goods import Goods, look_up
from edge_agent.moments import Moment
from edge_agent.offers import Offer, PricedReading
from edge_agent.readings import DeviceSaid, DeviceSale, Garbage, Heard, Identity, Keyed, NoWeight, Reading, VoidKeyed
from edge_agent.recording import Draft, void_draft, weighing_of, weighing_of_sale
from edge_agent.scale_config import ScaleConfig
from edge_agent.stability import Phase, Sold


@dataclass(kw_only=True, slots=True)
class StationCounters:
    """What a station has seen since the agent started. `garbage` counts by device and reason."""

    readings: int = 0
    orders_keyed: int = 0
    weighings: int = 0
    garbage: Counter[str] = field(default_factory=Counter)


@dataclass(kw_only=True, slots=True)
class Outcome:
    """What some bytes came to: records for the journal, in order, device events, and warnings to show."""

    drafts: list[Draft] = field(default_factory=list)
    events: list[DeviceEvent] = field(default_factory=list)
    steps: list[Show | Clear] = field(default_factory=list)


class Station:
    """One scale with its keypad.

    `standing`: the last sale of its journal, whose load may still lie on the pan. `book`: the caps as they are known.
    """

    def __init__(self, config: ScaleConfig, *, standing: Weighing | None, book: Callable[[], CapBook]) -> None:
        self.config = config
        self.caution = Caution(book, scale_unit=config.price_unit, zero_band_g=config.stability.zero_band_g)
        self.counters = StationCounters()
        self.driver = config.make_driver()
        self.keypad = KeypadDecoder()
        self.device = DeviceWatch()
        self.heard: PricedReading | NoWeight | None = None
        self.offer = offers.nothing_keyed()
        self.pan = stability.after_restart(None if standing is None else _sold(standing))
        self._steps, self._has_stepped = StepWatch(), False
        self._sold_reading: Reading | None = None
        self._sold_goods = Goods(plu="") if standing is None else _goods_of(standing)
        self._last_ticket_no = "" if standing is None else standing.ticket_no

    @property
    def scale_id(self) -> ScaleId:
        """The scale's id."""
        return self.config.scale_id

    def port_opened(self) -> None:
        """The scale's line was opened anew: what was half heard is nothing."""
        self.driver.reset()
        self.heard = None

    def feed_keypad(self, data: bytes, moment: Moment) -> Outcome:
        """Take bytes of the keypad. An order holds for the next load, and for that one only."""
        moment, outcome = self._begin(moment)
        for item in self.keypad.feed(data):
            match item:
                case Keyed():
                    self._take_order(item, moment, outcome)
                case VoidKeyed():
                    self._void(moment, outcome)
                case Garbage():
                    self._count(f"keypad_{item.reason}")
        return self._end(outcome)

    def feed_scale(self, data: bytes, moment: Moment) -> Outcome:
        """Take bytes of the scale; what is stable in them was weighed at this moment."""
        moment, outcome = self._begin(moment)
        for item in self.driver.feed(data):
            self._hear(item, moment, outcome)
        return self._end(outcome)

    def _begin(self, moment: Moment) -> tuple[Moment, Outcome]:
        """A clock that was stepped is doubted until the next record, and that is news."""
        outcome = Outcome()
        if self._steps.has_stepped(moment.now, moment.elapsed_s):
            self._has_stepped = True
            outcome.events.append(clock_changed(moment))
        return replace(moment, clock_synced=moment.clock_synced and not self._has_stepped), outcome

    def _end(self, outcome: Outcome) -> Outcome:
        self._has_stepped = self._has_stepped and not outcome.drafts
        return outcome

    def _hear(self, item: Heard, moment: Moment, outcome: Outcome) -> None:
        match item:
            case Reading():
                self._observe(offers.price(self.offer, item, self.config.price_unit), item, moment, outcome)
            case NoWeight():
                self._observe(item, None, moment, outcome)
            case DeviceSale():
                self._take_sale(item, moment, outcome)
            case Identity() | DeviceSaid():
                outcome.events += self.device.hear(item, moment)
            case Garbage():
                self._count(f"scale_{item.reason}")
            case _:
                assert_never(item)

    def _observe(
        self, said: PricedReading | NoWeight, reading: Reading | None, moment: Moment, outcome: Outcome
    ) -> None:
        self.counters.readings += 1
        self.heard = said
        self._look(moment, outcome)
        self.pan, load = stability.observe(self.config.stability, self.pan, said)
        if load is None:
            return
        self._sold_reading = reading
        if load.corrects:
            outcome.drafts.append(void_draft(self.scale_id, moment))
            if not self.offer.goods.plu:  # another price is set for the goods that lie there
                self.offer = replace(self.offer, goods=self._sold_goods)
        self._record(load.reading, moment, outcome)

    def _take_order(self, order: Keyed, moment: Moment, outcome: Outcome) -> None:
        self.counters.orders_keyed += 1
        if order.corrects:
            self._correct(order, moment, outcome)
        else:
            self._offer_next(offers.keyed(self.config.goods, self.offer, order))
            self._look(moment, outcome)

    def _look(self, moment: Moment, outcome: Outcome) -> None:
        """Warn of a price above the cap, or end a warning: on the scale's own display too, where it has one."""
        step = self.caution.look(self.offer, self.heard, moment.now)
        if step is not None:
            outcome.steps.append(step)
            self.driver.show(short_text(step.warned) if isinstance(step, Show) else "")

    def _offer_next(self, offer: Offer) -> None:
        self.offer = offer
        self.driver.set_price(offer.goods.unit_price_fen if offer.unit_price_fen is None else offer.unit_price_fen)

    def _correct(self, order: Keyed, moment: Moment, outcome: Outcome) -> None:
        """Void the sale of the load that lies there and record it anew: by its weight then, under the new order."""
        sold = self._sold_reading
        if self.pan.phase is not Phase.RECORDED or sold is None:
            self._count("keypad_nothing_to_correct")
            return
        corrected = offers.keyed(self.config.goods, self.offer, order)
        reading = offers.price(corrected, sold, self.config.price_unit)
        if reading.unit_price_fen <= 0 or reading.amount_fen <= 0:
            self._count("keypad_correction_without_price")
            return
        self.offer = corrected
        self.pan = replace(self.pan, sold=stability.sold_as(reading))
        outcome.drafts.append(void_draft(self.scale_id, moment))
        self._record(reading, moment, outcome)

    def _void(self, moment: Moment, outcome: Outcome) -> None:
        self.pan = stability.after_void(self.pan, self.offer.order_no)
        self._sold_reading = None
        outcome.drafts.append(void_draft(self.scale_id, moment))

    def _record(self, reading: PricedReading, moment: Moment, outcome: Outcome) -> None:
        self._sold_goods = self.offer.goods
        weighing = weighing_of(reading, self.offer.goods, moment, preset_tare_g=self.config.tare_g)
        weighing = replace(weighing, cap_warning=self.caution.to_record(weighing))
        outcome.drafts.append(Draft(scale_id=self.scale_id, weighing=weighing))
        self.counters.weighings += 1
        self._offer_next(offers.nothing_keyed(self.offer.order_no))

    def _take_sale(self, sale: DeviceSale, moment: Moment, outcome: Outcome) -> None:
        """A line that the scale sends twice, because our answer was lost, has the number it had."""
        ticket_no = "" if sale.number is None else str(sale.number)
        if ticket_no and ticket_no == self._last_ticket_no:
            self._count("scale_sale_sent_again")
            return
        self._last_ticket_no = ticket_no
        weighing = weighing_of_sale(sale, look_up(self.config.goods, sale.plu), moment, ticket_no=ticket_no)
        outcome.drafts.append(Draft(scale_id=self.scale_id, weighing=weighing))
        self.counters.weighings += 1

    def _count(self, reason: str) -> None:
        self.counters.garbage[reason] += 1


def _sold(standing: Weighing) -> Sold:
    return Sold(net_g=standing.net_g, unit_price_fen=standing.unit_price_fen, pieces=standing.pieces)


def _goods_of(standing: Weighing) -> Goods:
    return Goods(plu=standing.plu, species=standing.species, grade=standing.grade, name=standing.name)
