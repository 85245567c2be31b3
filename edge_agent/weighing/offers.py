"""What is offered on a scale: goods and price, as keyed by the vendor, stored in the PLU table, or set on the scale.

Pure: an offer is begun and amended by what is keyed, and puts a price on each reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.units import Fen, FenPerKg, Grams, PriceUnit, amount_due, amount_for_pieces, fen_per_kg
from domain.weighing import TareKind
from edge_agent.weighing.goods import Goods, look_up
from edge_agent.weighing.readings import Keyed, Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """The goods of the next load. `order_no` counts what was keyed: another number is another order."""

    goods: Goods
    unit_price_fen: Fen | None = None
    pieces: int | None = None
    order_no: int = 0

    @property
    def keyed_or_stored_fen(self) -> Fen | None:
        """The price that was keyed, else the PLU table's; None where there is neither."""
        return self.goods.unit_price_fen if self.unit_price_fen is None else self.unit_price_fen


@dataclass(frozen=True, kw_only=True, slots=True)
class PricedReading:
    """A reading with what it would cost. `unit_price_fen` is 0 while there is no price.

    `order_no` says under which order of the keypad; `is_priced_by_scale`, that the price came with the weight;
    `is_counted`, that the scale counts pieces, and may tell no weight then; `is_new_load`: see `Reading`.
    """

    net_g: Grams
    stable: bool | None
    unit_price_fen: Fen
    price_unit: PriceUnit
    amount_fen: Fen
    pieces: int | None = None
    tare_g: Grams | None = None
    tare_kind: TareKind | None = None
    order_no: int = 0
    is_priced_by_scale: bool = False
    is_counted: bool = False
    is_new_load: bool = False

    @property
    def is_by_piece(self) -> bool:
        """Goods that are sold by the piece."""
        return self.price_unit is PriceUnit.PIECE


def nothing_keyed(order_no: int = 0) -> Offer:
    """Return the offer while nothing was keyed for the next load."""
    return Offer(goods=Goods(plu=""), order_no=order_no)


def keyed(table: Mapping[str, Goods], offer: Offer, order: Keyed) -> Offer:
    """Return the offer after an order: a PLU begins a new one, price and pieces alone amend the one there is."""
    base = offer if order.plu is None else Offer(goods=look_up(table, order.plu))
    return replace(
        base,
        unit_price_fen=base.unit_price_fen if order.unit_price_fen is None else order.unit_price_fen,
        pieces=base.pieces if order.pieces is None else order.pieces,
        order_no=offer.order_no + 1,
    )


def price(offer: Offer, reading: Reading, scale_unit: PriceUnit) -> PricedReading:
    """Put a price on a reading: the scale's own where it carries one, else the keyed one, else the PLU table's."""
    unit = PriceUnit.PIECE if offer.goods.by_piece and reading.unit_price_fen is None else scale_unit
    pieces = reading.pieces if offer.pieces is None else offer.pieces
    unit_price_fen = _unit_price(offer, reading)
    computed = _amount(reading.net_g, unit_price_fen, unit, pieces)
    return PricedReading(
        net_g=reading.net_g,
        stable=reading.stable,
        unit_price_fen=unit_price_fen,
        price_unit=unit,
        amount_fen=computed if reading.amount_fen is None else reading.amount_fen,
        pieces=pieces,
        tare_g=reading.tare_g,
        tare_kind=reading.tare_kind,
        order_no=offer.order_no,
        is_priced_by_scale=reading.unit_price_fen is not None,
        is_counted=bool(reading.pieces),
        is_new_load=reading.is_new_load,
    )


def _unit_price(offer: Offer, reading: Reading) -> Fen:
    price_fen = offer.keyed_or_stored_fen if reading.unit_price_fen is None else reading.unit_price_fen
    return Fen(0) if price_fen is None else price_fen


def _amount(net_g: Grams, unit_price_fen: Fen, unit: PriceUnit, pieces: int | None) -> Fen:
    per_kg = fen_per_kg(unit_price_fen, unit)
    if per_kg is None:
        return amount_for_pieces(pieces or 0, unit_price_fen)
    return amount_due(net_g, FenPerKg(per_kg)) if net_g > 0 else Fen(0)
