"""A station: one scale with its keypad. Pure: bytes in; what is to be recorded and told, out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import assert_never

from domain.ids import ScaleId
from domain.weighing import Weighing
from edge_agent.caps.cap_book import CapBook
from edge_agent.caps.cap_warnings import Clear, Show, short_text
from edge_agent.caps.caution import Caution
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.drivers.keypad import KeypadDecoder
from edge_agent.weighing import last_sale, offers, stability
from edge_agent.weighing.clock_doubt import ClockDoubt
from edge_agent.weighing.device_sales import DeviceSales
from edge_agent.weighing.device_watch import DeviceWatch
from edge_agent.weighing.last_sale import LastSale, sold_of
from edge_agent.weighing.moments import Moment
from edge_agent.weighing.offers import Offer, PricedReading
from edge_agent.weighing.outcomes import Outcome, StationCounters
from edge_agent.weighing.readings import (
    DeviceSaid,
    DeviceSale,
    Garbage,
    Heard,
    Identity,
    Keyed,
    NoWeight,
    Reading,
    VoidKeyed,
)
from edge_agent.weighing.recording import Draft, void_draft, weighing_of
from edge_agent.weighing.stability import Phase, StableLoad


class Station:
    """One scale with its keypad.

    `standing`: the last sale of its journal, whose load may still lie on the pan; `is_voided`: it was taken back.
    `tickets`: the latest numbers of sales the scale concluded itself. `book`: the caps as they are known.
    `has_page`: there is a page that warns, whatever scale and keypad can show.
    """

    def __init__(
        self,
        config: ScaleConfig,
        *,
        standing: Weighing | None,
        book: Callable[[], CapBook],
        is_voided: bool = False,
        tickets: Sequence[str] = (),
        has_page: bool = False,
    ) -> None:
        self.config, self.has_page = config, has_page
        self.caution = Caution(book, scale_unit=config.price_unit, zero_band_g=config.stability.zero_band_g)
        self.counters = StationCounters()
        self.driver = config.make_driver()
        self.keypad = KeypadDecoder()
        self.device = DeviceWatch()
        self.heard: PricedReading | NoWeight | None = None
        self.offer = offers.nothing_keyed()
        self.pan = stability.after_restart(None if standing is None else sold_of(standing), is_voided=is_voided)
        self._price_from = config.price_from
        self._doubt = ClockDoubt()
        self._last = None if standing is None else last_sale.from_record(standing, self._price_from)
        self._is_warned = False
        self._sales = DeviceSales(tickets)
        if tickets and tickets[-1].isdecimal():
            self.driver.sold_last(int(tickets[-1]))

    @property
    def scale_id(self) -> ScaleId:
        """The scale's id."""
        return self.config.scale_id

    def reconfigure(self, config: ScaleConfig) -> None:
        """Take another configuration of the same line, whatever lies on the pan."""
        self.config = config
        self.caution.reconfigure(config.stability.zero_band_g)

    def port_opened(self) -> None:
        """The scale's line was opened anew: what was half heard is nothing. What lay on the pan may lie there still."""
        self.driver.reset()
        self.heard = None
        self.pan = stability.after_silence(self.pan)
        if self.caution.shown is not None:  # it may be another display, or one that has forgotten
            self.driver.show(short_text(self.caution.shown))

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
                    self.counters.count(f"keypad_{item.reason}")
        return self._end(outcome)

    def feed_scale(self, data: bytes, moment: Moment) -> Outcome:
        """Take bytes of the scale; what is stable in them was weighed at this moment."""
        moment, outcome = self._begin(moment)
        for item in self.driver.feed(data):
            self._hear(item, moment, outcome)
        return self._end(outcome)

    def _begin(self, moment: Moment) -> tuple[Moment, Outcome]:
        moment, events = self._doubt.look(moment)
        return moment, Outcome(events=events)

    def _end(self, outcome: Outcome) -> Outcome:
        if outcome.drafts:
            self._doubt.recorded()
        return outcome

    def _hear(self, item: Heard, moment: Moment, outcome: Outcome) -> None:
        match item:
            case Reading():
                outcome.events += self.device.see(item, moment)
                self._observe(offers.price(self.offer, item, self.config.price_unit), item, moment, outcome)
            case NoWeight():
                self._observe(item, None, moment, outcome)
            case DeviceSale():
                self._take_sale(item, moment, outcome)
            case Identity() | DeviceSaid():
                outcome.events += self.device.hear(item, moment)
            case Garbage():
                self.counters.count(f"scale_{item.reason}")
            case _:
                assert_never(item)

    def _observe(
        self, said: PricedReading | NoWeight, reading: Reading | None, moment: Moment, outcome: Outcome
    ) -> None:
        self.counters.readings += 1
        self.heard = said
        self._look(moment, outcome)
        before = self.pan
        self.pan, load = stability.observe(self.config.stability, before, said)
        if load is None or reading is None:
            return
        offer = self.offer
        if load.corrects and self._last is not None and not offer.goods.plu:  # the goods that lie there are meant
            offer = replace(offer, goods=self._last.offer.goods)
            self._tell(self.caution.look(offer, said, moment.now), outcome)
        if not self._record(load, LastSale(reading=reading, offer=offer), moment, outcome):
            self.pan = stability.after_refusal(before, self.pan, load, self.offer.order_no)
        self._offer_next(offers.nothing_keyed(self.offer.order_no))

    def _take_order(self, order: Keyed, moment: Moment, outcome: Outcome) -> None:
        self.counters.orders_keyed += 1
        if order.corrects:
            self._correct(order, moment, outcome)
        else:
            self._offer_next(offers.keyed(self.config.goods, self.offer, order))
            self._look(moment, outcome)

    def _look(self, moment: Moment, outcome: Outcome) -> None:
        """Warn of a price above the cap, or end a warning."""
        self._tell(self.caution.look(self.offer, self.heard, moment.now), outcome)

    def _tell(self, step: Show | Clear | None, outcome: Outcome) -> None:
        """Warn on the scale's own display too, where it has one. Without any display nobody was warned."""
        if step is None:
            return
        outcome.steps.append(step)
        is_on_scale = self.driver.show(short_text(step.warned) if isinstance(step, Show) else "")
        self._is_warned = is_on_scale or self.has_page or self.config.keypad is not None

    def _offer_next(self, offer: Offer) -> None:
        self.offer = offer
        if not self.driver.set_price(offer.keyed_or_stored_fen):
            self.counters.count("keypad_price_not_for_this_scale")

    def _correct(self, order: Keyed, moment: Moment, outcome: Outcome) -> None:
        """Void the sale of the load that lies there and record it anew: by its weight then, under the new order.

        What was keyed for the next load waits for that one.
        """
        last = self._last
        if self.pan.phase is not Phase.RECORDED or last is None:
            self.counters.count("keypad_nothing_to_correct")
            return
        offer, reading = last_sale.corrected(last, order, self.config.goods, self.config.price_unit, self._price_from)
        if reading.unit_price_fen <= 0 or reading.amount_fen <= 0:
            self.counters.count("keypad_correction_without_price")
            return
        self._tell(self.caution.look(offer, reading, moment.now), outcome)
        load = StableLoad(reading=reading, corrects=True)
        if self._record(load, LastSale(reading=last.reading, offer=offer), moment, outcome):
            self.pan = replace(self.pan, sold=stability.sold_as(reading))

    def _void(self, moment: Moment, outcome: Outcome) -> None:
        self.pan = stability.after_void(self.pan, self.offer.order_no)
        outcome.drafts.append(void_draft(self.scale_id, moment))

    def _record(self, load: StableLoad, sale: LastSale, moment: Moment, outcome: Outcome) -> bool:
        weighing = weighing_of(load.reading, sale.offer.goods, moment, preset_tare_g=self.config.tare_g)
        if self._is_warned:
            weighing = replace(weighing, cap_warning=self.caution.to_record(weighing))
        void = void_draft(self.scale_id, moment) if load.corrects else None
        is_taken = outcome.record(Draft(scale_id=self.scale_id, weighing=weighing), self.counters, behind=void)
        self._last = sale if is_taken else self._last
        return is_taken

    def _take_sale(self, sale: DeviceSale, moment: Moment, outcome: Outcome) -> None:
        weighing = self._sales.take(sale, self.config.goods, moment)
        if weighing is None:
            self.counters.count("scale_sale_sent_again")
        else:
            outcome.record(Draft(scale_id=self.scale_id, weighing=weighing), self.counters)
