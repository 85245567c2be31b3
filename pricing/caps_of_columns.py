"""Which cap each weighing of a batch falls under: list, item, exemption, own purchase. Pure, a column at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from domain.ids import MarketId, SpeciesCode, VendorId
from domain.price_cap import CapList, CapUnit, PriceCap
from pricing.cap_book import CapBook
from pricing.purchases import Goods, Purchases, capped_by, purchase_for
from pricing.rules_of_columns import CapColumns, Whole, cap_row
from pricing.timeline import Timeline

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(1970, 1, 1)
_US: Final = timedelta(microseconds=1)
_NEVER_US: Final = np.iinfo(np.int64).max

Places = NDArray[np.int64]


class Fallen(NamedTuple):
    """What goods fall under: the list in force, its item for them, and whether the vendor is exempt from it."""

    cap_list: CapList | None
    cap: PriceCap | None
    is_exempt: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Sold:
    """What decides which cap a weighing falls under, a column each: row n was of `goods[goods_of[n]]` and so on.

    `goods` are (species, grade); `judged_us` microseconds since 1970, UTC; `day` days since 1970 in the market.
    """

    markets: Sequence[MarketId]
    market_of: Places
    goods: Sequence[tuple[SpeciesCode, str]]
    goods_of: Places
    vendors: Sequence[VendorId | None]
    vendor_of: Places
    judged_us: Whole
    day: Whole

    def __len__(self) -> int:
        return len(self.judged_us)


@dataclass(frozen=True, kw_only=True, slots=True)
class CapsOf:
    """Row n falls under `items[of[n]]`."""

    items: Sequence[Fallen]
    of: Places

    def columns(self) -> CapColumns:
        """Return the caps as the rule takes them."""
        rows = [
            cap_row(has_list=item.cap_list is not None, cap=item.cap, is_exempt=item.is_exempt) for item in self.items
        ]
        return CapColumns(
            is_capped=np.array([row.is_capped for row in rows], np.bool_)[self.of],
            cap_fen=np.array([row.cap_fen for row in rows], np.int64)[self.of],
            cap_by_piece=np.array([row.by_piece for row in rows], np.bool_)[self.of],
            otherwise=np.array([row.otherwise for row in rows], np.int8)[self.of],
        )


def cap_stored(item: Fallen, *, compared: bool, is_sale: bool) -> tuple[int | None, str | None, int | None]:
    """Return list, unit and cap as a weighing keeps them: the item's, unless it had nothing to say about the goods."""
    if not is_sale or item.cap_list is None:
        return None, None, None
    if item.cap is None or (item.cap.cap_fen is not None and not compared):
        return item.cap_list.cap_list_id, None, None
    return item.cap_list.cap_list_id, CapUnit(item.cap.unit).value, item.cap.cap_fen


def caps_of(sold: Sold, book: CapBook) -> CapsOf:
    """Find what each weighing falls under, own purchases aside: each pair of a list and goods is looked up once."""
    lists: list[CapList | None] = [None]
    list_of = np.zeros(len(sold), np.int64)
    for timeline, rows in _by_timeline(sold, book):
        begins = np.array([_us(stretch.since) for stretch in timeline], np.int64)
        ends = np.array([_NEVER_US if one.until is None else _us(one.until) for one in timeline], np.int64)
        judged_us = sold.judged_us[rows]
        place = np.searchsorted(begins, judged_us, side="right") - 1
        is_in_force = place >= 0
        is_in_force[is_in_force] = judged_us[is_in_force] < ends[place[is_in_force]]
        list_of[rows] = np.where(is_in_force, place + len(lists), 0)
        lists.extend(stretch.cap_list for stretch in timeline)
    pairs, of = np.unique(list_of * max(1, len(sold.goods)) + sold.goods_of, return_inverse=True)
    items = []
    for pair in pairs.tolist():
        cap_list, (species, grade) = lists[pair // len(sold.goods)], sold.goods[pair % len(sold.goods)]
        items.append(Fallen(cap_list, None if cap_list is None else book.item_for(cap_list, species, grade)))
    return _with_exemptions(sold, book, CapsOf(items=items, of=of))


def purchases_needed(sold: Sold, caps: CapsOf) -> set[Goods]:
    """Return whose purchases of what could make a cap of some of the weighings."""
    return {goods for _row, goods in _of_purchase(sold, caps)}


def with_purchases(sold: Sold, caps: CapsOf, purchases: Purchases, valid_days: int) -> CapsOf:
    """Return the caps with those that the vendors' own purchases make; without a purchase an item stays as it is."""
    items, of = list(caps.items), caps.of.copy()
    places: dict[tuple[int, Goods, int], int] = {}
    for row, goods in _of_purchase(sold, caps):
        key = (int(caps.of[row]), goods, int(sold.day[row]))
        if key not in places:
            fallen = caps.items[key[0]]
            places[key] = key[0]
            day = _FIRST_DAY + timedelta(days=key[2])
            if fallen.cap is not None:
                purchase = purchase_for(purchases.get(goods, ()), fallen.cap, day, valid_days)
                if purchase is not None:
                    places[key] = len(items)
                    items.append(fallen._replace(cap=capped_by(fallen.cap, purchase)))
        of[row] = places[key]
    return CapsOf(items=items, of=of)


def _of_purchase(sold: Sold, caps: CapsOf) -> Iterator[tuple[int, Goods]]:
    is_made_so = [item.cap is not None and item.cap.is_of_purchase and not item.is_exempt for item in caps.items]
    for row in np.flatnonzero(np.array(is_made_so, np.bool_)[caps.of]).tolist() if any(is_made_so) else ():
        vendor_id = sold.vendors[sold.vendor_of[row]]
        if vendor_id is not None:
            market_id = sold.markets[sold.market_of[row]]
            yield row, Goods(market_id, vendor_id, sold.goods[sold.goods_of[row]][0])


def _by_timeline(sold: Sold, book: CapBook) -> Iterable[tuple[Timeline, Places]]:
    """Yield each line of time with the rows it judges: markets of an area mostly share one."""
    timelines = [book.timeline_of(market) for market in sold.markets]
    shared = {id(one): one for one in timelines}
    numbers = {one: number for number, one in enumerate(shared)}
    timeline_of = np.array([numbers[id(one)] for one in timelines], np.int64)[sold.market_of]
    for one, number in numbers.items():
        yield shared[one], np.flatnonzero(timeline_of == number)


def _with_exemptions(sold: Sold, book: CapBook, caps: CapsOf) -> CapsOf:
    """Tell apart what exempt vendors sold; hardly any is."""
    if not book.exemptions:
        return caps
    items, of = list(caps.items), caps.of.copy()
    exempt = {vendor for _market, vendor in book.exemptions}
    may_be = np.array([vendor in exempt for vendor in sold.vendors], np.bool_)[sold.vendor_of]
    places: dict[int, int] = {}
    for row in np.flatnonzero(may_be).tolist():
        vendor_id, market_id = sold.vendors[sold.vendor_of[row]], sold.markets[sold.market_of[row]]
        moment = _EPOCH + timedelta(microseconds=int(sold.judged_us[row]))
        if vendor_id is not None and book.is_exempt(market_id, vendor_id, moment):
            place = int(caps.of[row])
            if place not in places:
                places[place] = len(items)
                items.append(Fallen(caps.items[place].cap_list, None, is_exempt=True))
            of[row] = places[place]
    return CapsOf(items=items, of=of)


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // _US
