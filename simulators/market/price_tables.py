"""The PLU table in a scale that sells by it: what its goods cost all day, and what becomes of a purchase there.

Pure; chance is a seeded Random. A price that is a trick stands in the table, and is one at every sale of these goods.
The table is the scale's: on another stall it sells at the same prices.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.units import PriceUnit
from simulators.market.goods import MarketGoods, is_over_cap
from simulators.market.tricks import Lot, Shop, lots_of
from simulators.market.vendors import KEYED_TRICKS, TABLE_TRICKS, Trick, Vendor


@dataclass(frozen=True, kw_only=True, slots=True)
class TablePrice:
    """An entry: the goods under the scale's own PLU, the price it computes with, and the one the customer is asked for.

    `trick` says why the price is not as it should be. Prices are for the scale's unit, in fen.
    """

    goods: MarketGoods
    unit_price_fen: int
    true_price_fen: int
    trick: Trick


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceTable:
    """A scale's entries, by the PLU that the market has for the goods."""

    entries: Mapping[str, TablePrice]
    price_unit: PriceUnit

    def sold(self, lot: Lot) -> Lot:
        """Return what a lot is on this scale: of the table's goods, at the table's price."""
        if lot.trick is Trick.OTHER_CODE:
            lot = self._under_other_code(lot)
        entry = self.entries[lot.goods.plu]
        is_price = lot.trick in (Trick.NONE, *TABLE_TRICKS, *KEYED_TRICKS)
        return replace(
            lot,
            goods=entry.goods,
            true_goods=self.entries[lot.true_goods.plu].goods,
            unit_price_fen=entry.unit_price_fen,
            true_price_fen=entry.true_price_fen,
            raised_price_fen=None,
            trick=entry.trick if is_price else lot.trick,
        )

    def _under_other_code(self, lot: Lot) -> Lot:
        """The dearest goods without a cap are keyed, where these cost more than the cap of what is there."""
        code, entry = max(
            ((plu, entry) for plu, entry in self.entries.items() if entry.goods.cap_fen_per_500g is None),
            key=lambda item: item[1].unit_price_fen,
        )
        if is_over_cap(lot.true_goods, entry.unit_price_fen, self.price_unit):
            return replace(lot, goods=replace(entry.goods, plu=code))
        return replace(lot, goods=lot.true_goods, trick=Trick.NONE)


def draw_table(rng: random.Random, vendor: Vendor, shop: Shop, plu_digits: int) -> PriceTable:
    """Return the prices that a vendor has loaded for everything in the catalogue.

    His trick, where it is a price, is in so many percent of what he sells and has a cap, rounded up.
    """
    capped = [goods.plu for goods in shop.goods if goods.cap_fen_per_500g is not None]
    tricked = rng.sample(capped, -(-len(capped) * vendor.percent // 100)) if vendor.trick in TABLE_TRICKS else ()
    entries = {}
    for goods in shop.catalogue:
        (lot,) = lots_of(rng, vendor.trick if goods.plu in tricked else Trick.NONE, goods, shop)
        entries[goods.plu] = TablePrice(
            goods=replace(goods, plu=goods.plu.zfill(plu_digits)),
            unit_price_fen=lot.unit_price_fen,
            true_price_fen=lot.true_price_fen,
            trick=lot.trick,
        )
    return PriceTable(entries=entries, price_unit=shop.price_unit)
