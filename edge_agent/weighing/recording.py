"""From a load that is for sale, or a sale the scale concluded, to the record of it. Pure."""

from dataclasses import dataclass, replace
from typing import Final

from domain.errors import BadMessage
from domain.ids import ScaleId
from domain.units import Fen, FenPerKg, Grams, PriceUnit, amount_due, fen_per_kg
from domain.weighing import TareKind, Weighing
from edge_agent.weighing.goods import Goods
from edge_agent.weighing.moments import Moment
from edge_agent.weighing.offers import PricedReading
from edge_agent.weighing.readings import DeviceSale
from messages.weighings import decode_weighing, encode_weighing

_MILLISECOND: Final = 1000  # microseconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A weighing that has no place in its journal yet; its `seq` and `prev` are given there.

    `voids_last`: it takes back the last sale that stands, and the journal fills in what that was.
    """

    scale_id: ScaleId
    weighing: Weighing
    voids_last: bool = False


def weighing_of(
    reading: PricedReading,
    goods: Goods,
    moment: Moment,
    *,
    preset_tare_g: Grams | None = None,
) -> Weighing:
    """Return the record of a load. `preset_tare_g` is what is set on a scale whose frames carry the net only."""
    tare_g, tare_kind = reading.tare_g, reading.tare_kind
    if tare_g is None and preset_tare_g is not None:
        tare_g, tare_kind = preset_tare_g, TareKind.PRESET
    return replace(
        _blank(moment),
        plu=goods.plu,
        species=goods.species,
        grade=goods.grade,
        name=goods.name,
        gross_g=None if tare_g is None else Grams(reading.net_g + tare_g),
        tare_g=tare_g,
        tare_kind=tare_kind,
        net_g=reading.net_g,
        pieces=reading.pieces,
        unit_price_fen=reading.unit_price_fen,
        price_unit=reading.price_unit,
        amount_fen=reading.amount_fen,
        paid_fen=reading.amount_fen,
    )


def weighing_of_sale(sale: DeviceSale, goods: Goods, moment: Moment, *, ticket_no: str) -> Weighing:
    """Return the record of a sale that the scale concluded; what our PLU table does not know, the scale's line says.

    Where the line has no price, it is the PLU table's for a weight; and 0 where that knows none either.
    """
    unit_price_fen = sale.unit_price_fen
    if unit_price_fen is None:
        unit_price_fen = Fen(0) if goods.by_piece or goods.unit_price_fen is None else goods.unit_price_fen
    amount_fen = sale.amount_fen
    if amount_fen is None:
        amount_fen = amount_due(sale.net_g, fen_per_kg(unit_price_fen, sale.price_unit) or FenPerKg(0))
    return replace(
        _blank(moment),
        plu=sale.plu,
        species=goods.species,
        grade=goods.grade,
        name=goods.name or sale.name,
        gross_g=None if sale.tare_g is None else Grams(sale.net_g + sale.tare_g),
        tare_g=sale.tare_g,
        tare_kind=None if sale.tare_g is None else (TareKind.PRESET if sale.tare_g else TareKind.NONE),
        net_g=sale.net_g,
        pieces=sale.pieces,
        unit_price_fen=unit_price_fen,
        price_unit=sale.price_unit,
        amount_fen=amount_fen,
        paid_fen=amount_fen,
        ticket_no=ticket_no,
    )


def unsendable_field(weighing: Weighing) -> str | None:
    """Return which field the wire contract refuses, as a journal must not hold what nobody takes; None: all are well.

    A sale of nothing is one: a label that a scale prints over an empty pan.
    """
    try:
        decode_weighing(encode_weighing(replace(weighing, seq=1)))
    except BadMessage as error:
        return error.field
    return None


def void_draft(scale_id: ScaleId, moment: Moment) -> Draft:
    """Return what takes back the last sale of a scale."""
    return Draft(scale_id=scale_id, weighing=_blank(moment), voids_last=True)


def _blank(moment: Moment) -> Weighing:
    now = moment.now
    return Weighing(
        seq=0,  # the journal gives the place
        weighed_at=now.replace(microsecond=now.microsecond // _MILLISECOND * _MILLISECOND),
        clock_synced=moment.clock_synced,
        net_g=Grams(0),
        stable=True,
        unit_price_fen=Fen(0),
        price_unit=PriceUnit.KG,
        amount_fen=Fen(0),
        paid_fen=Fen(0),
    )
