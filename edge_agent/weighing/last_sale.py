"""The sale recorded last: what a correction goes back to while its load lies on the pan. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.units import PriceUnit
from domain.weighing import Weighing
from edge_agent.drivers.protocol import PriceFrom
from edge_agent.weighing import offers
from edge_agent.weighing.goods import Goods
from edge_agent.weighing.offers import Offer, PricedReading
from edge_agent.weighing.readings import Keyed, Reading
from edge_agent.weighing.stability import Sold


@dataclass(frozen=True, kw_only=True, slots=True)
class LastSale:
    """What the scale said of the load, and the offer it was sold under."""

    reading: Reading
    offer: Offer


def corrected(
    last: LastSale, order: Keyed, table: Mapping[str, Goods], scale_unit: PriceUnit, price_from: PriceFrom
) -> tuple[Offer, PricedReading]:
    """Return the sale as it is put right: what the order does not say stays as it was sold, not as is keyed for next.

    A scale that is told its price by us computed with the old one; the new one is ours to compute with.
    """
    offer, sold = offers.keyed(table, last.offer, order), last.offer
    if offer.keyed_or_stored_fen is None and offer.goods.by_piece == sold.goods.by_piece:
        offer = replace(offer, unit_price_fen=sold.keyed_or_stored_fen)
    reading = last.reading
    if price_from is PriceFrom.HOST:
        reading = replace(reading, unit_price_fen=None, amount_fen=None)
    return offer, offers.price(offer, reading, scale_unit)


def from_record(sale: Weighing, price_from: PriceFrom) -> LastSale:
    """Return what is known of a sale that was recorded before the agent started."""
    is_priced_by_scale = price_from is PriceFrom.SCALE
    reading = Reading(
        net_g=sale.net_g,
        stable=True,
        unit_price_fen=sale.unit_price_fen if is_priced_by_scale else None,
        amount_fen=sale.amount_fen if is_priced_by_scale else None,
        tare_g=sale.tare_g,
        tare_kind=sale.tare_kind,
    )
    goods = Goods(
        plu=sale.plu,
        species=sale.species,
        grade=sale.grade,
        name=sale.name,
        by_piece=sale.price_unit is PriceUnit.PIECE,
    )
    price = None if is_priced_by_scale else sale.unit_price_fen
    return LastSale(reading=reading, offer=Offer(goods=goods, unit_price_fen=price, pieces=sale.pieces))


def sold_of(sale: Weighing) -> Sold:
    """Return what the pan's state machine remembers of a sale that was recorded before the agent started."""
    return Sold(net_g=sale.net_g, unit_price_fen=sale.unit_price_fen, pieces=sale.pieces)
