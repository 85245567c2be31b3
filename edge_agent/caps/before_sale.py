"""What a station knows before a sale, as the warning and the local page need it. Pure.

A warning needs no load: goods and price are enough, wherever the price is from.
"""

from dataclasses import replace

from domain.ids import JournalId
from domain.units import Fen, Grams, PriceUnit
from domain.weighing import Weighing
from edge_agent.caps.cap_book import CapBook, judge_price
from edge_agent.caps.cap_warnings import Asking, Looked
from edge_agent.page.board import Recorded, View
from edge_agent.weighing.offers import Offer, PricedReading
from edge_agent.weighing.readings import Condition, NoWeight
from messages.ticket_codes import code_of

_NOTHING_THERE = frozenset({Condition.UNDERLOAD, Condition.BELOW_MINIMUM})


def asking_of(
    offer: Offer, heard: PricedReading | NoWeight | None, *, scale_unit: PriceUnit, zero_band_g: Grams
) -> Asking:
    """Return what a scale asks for which goods, given what was keyed and what it said last."""
    reading = heard if isinstance(heard, PricedReading) else None
    unit_price_fen, price_unit = _price(offer, reading, scale_unit)
    return Asking(
        species=offer.goods.species,
        grade=offer.goods.grade,
        unit_price_fen=unit_price_fen,
        price_unit=price_unit,
        is_empty=_is_empty(heard, zero_band_g),
        is_stable=reading is not None and reading.stable is True,
        net_g=Grams(0) if reading is None else reading.net_g,
        pieces=offer.pieces if reading is None else reading.pieces,
    )


def view_of(
    offer: Offer,
    heard: PricedReading | NoWeight | None,
    asking: Asking,
    looked: Looked,
    *,
    heard_at: float,
    preset_tare_g: Grams | None = None,
) -> View:
    """Return what the page shows of a scale. `heard_at`: when it spoke last, in seconds of the monotonic clock."""
    reading = heard if isinstance(heard, PricedReading) else None
    # A reading is priced under the order that stood then: what it costs under a new one, the next reading says.
    is_priced = reading is not None and reading.amount_fen > 0 and reading.order_no == offer.order_no
    return View(
        heard_at=heard_at,
        net_g=asking.net_g,
        stable=asking.is_stable,
        condition=heard.condition if isinstance(heard, NoWeight) else None,
        plu=offer.goods.plu,
        name=offer.goods.name,
        grade=offer.goods.grade,
        tare_g=preset_tare_g if reading is None or reading.tare_g is None else reading.tare_g,
        pieces=asking.pieces,
        unit_price_fen=asking.unit_price_fen,
        price_unit=asking.price_unit,
        amount_fen=reading.amount_fen if reading is not None and is_priced else None,
        entry=looked.entry,
        verdict=looked.verdict,
    )


def with_sale(view: View, book: CapBook, journal_id: JournalId, sold: Weighing) -> View:
    """Return the view while the load that was sold lies on the pan: the sale, until the next goods are keyed."""
    amount_fen = sold.amount_fen if sold.has_unit_price else None
    recorded = Recorded(
        journal_id=journal_id,
        seq=sold.seq,
        code=code_of(sold),
        name=sold.name,
        net_g=sold.net_g,
        amount_fen=amount_fen,
        at=sold.weighed_at,
    )
    if view.plu:
        return replace(view, recorded=recorded)
    entry = book.lookup(sold.species, sold.grade, sold.weighed_at)
    verdict = judge_price(entry, sold.unit_price_fen, sold.price_unit, net_g=sold.net_g, pieces=sold.pieces)
    return replace(
        view,
        plu=sold.plu,
        name=sold.name,
        grade=sold.grade,
        unit_price_fen=sold.unit_price_fen if sold.has_unit_price else None,
        price_unit=sold.price_unit,
        amount_fen=amount_fen,
        pieces=sold.pieces,
        entry=entry,
        verdict=verdict if sold.species and sold.has_unit_price else None,
        recorded=recorded,
    )


def _price(offer: Offer, reading: PricedReading | None, scale_unit: PriceUnit) -> tuple[Fen | None, PriceUnit]:
    """The scale's own price goes before what is keyed, and that before the PLU table; 0 is no price.

    Of a scale that is told its price, the one it said last is that of the order before: what was keyed since counts.
    """
    keyed = offer.keyed_or_stored_fen
    if reading is not None and reading.is_priced_by_scale and (not keyed or reading.order_no == offer.order_no):
        return reading.unit_price_fen or None, reading.price_unit
    return keyed or None, PriceUnit.PIECE if offer.goods.by_piece else scale_unit


def _is_empty(heard: PricedReading | NoWeight | None, zero_band_g: Grams) -> bool:
    if heard is None:
        return True
    if isinstance(heard, NoWeight):
        return heard.condition in _NOTHING_THERE
    return heard.net_g <= zero_band_g
