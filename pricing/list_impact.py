"""What a list would do to the sales of a day: judged by the rule itself, as if the list had been in force. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final, TypeVar

import numpy as np

from db.cap_lists import NewCapItem, NewCapList
from db.judged_weighings import JudgedSale
from domain.ids import MarketId, SpeciesCode, VendorId
from domain.price_cap import CapList, PriceCap
from pricing.cap_book import CapBook
from pricing.caps_of_columns import CapsOf, Places, Sold
from pricing.rules_of_columns import SaleColumns, judge_columns

#: The list that is only looked at; the database begins with 1.
AS_IF: Final = 0
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(1970, 1, 1)
_One = TypeVar("_One")


@dataclass(frozen=True, kw_only=True, slots=True)
class Impact:
    """What a list would do to a day's sales; money is what was paid above the caps.

    `in_its_time`: how many of them it would really judge anew, being in force then. `is_whole`: all were counted.
    """

    day: date
    weighings: int = 0
    in_its_time: int = 0
    become_over: int = 0
    no_longer_over: int = 0
    stay_over: int = 0
    overcharge_before_fen: int = 0
    overcharge_after_fen: int = 0
    is_whole: bool = True

    def plus(self, other: "Impact") -> "Impact":
        """Return both together."""
        return Impact(
            day=min(self.day, other.day),
            weighings=self.weighings + other.weighings,
            in_its_time=self.in_its_time + other.in_its_time,
            become_over=self.become_over + other.become_over,
            no_longer_over=self.no_longer_over + other.no_longer_over,
            stay_over=self.stay_over + other.stay_over,
            overcharge_before_fen=self.overcharge_before_fen + other.overcharge_before_fen,
            overcharge_after_fen=self.overcharge_after_fen + other.overcharge_after_fen,
            is_whole=self.is_whole and other.is_whole,
        )


def book_as_if(
    book: CapBook, new: NewCapList, items: Sequence[NewCapItem], names: Mapping[str, SpeciesCode]
) -> CapBook:
    """Return the book as if the list were in force at every moment, in the place of those of its own scope."""
    caps = tuple(
        PriceCap(
            cap_list_id=AS_IF,
            species=item.species,
            grade=item.grade,
            status=item.status,
            unit=item.unit,
            cap_fen=item.cap_fen,
            kind=item.kind,
            markup_permille=item.markup_permille,
            plus_fen=item.plus_fen,
            meaning=item.meaning,
        )
        for item in items
    )
    cap_list = CapList(
        cap_list_id=AS_IF,
        area=new.area,
        channel=new.channel,
        effective_from=_EVER,
        effective_to=None,
        items=caps,
        market_id=new.market_id,
        is_advisory=new.is_advisory,
    )
    scope = (new.area, new.channel)
    others = [one for one in book.lists.get(scope, ()) if not is_of_scope(one, new)]
    return replace(book, lists={**book.lists, scope: [*others, cap_list]}, species_by_name=dict(names))


def is_of_scope(one: CapList, new: NewCapList) -> bool:
    """Say whether a list and a new one can never be in force at once."""
    return (one.area, one.channel, one.market_id, one.is_advisory) == (
        new.area,
        new.channel,
        new.market_id,
        new.is_advisory,
    )


def sold_of(sales: Sequence[JudgedSale], day: date, book: CapBook) -> Sold:
    """Return what decides which cap each sale falls under; a name may mean a species that it did not before."""
    markets, market_of = _told_apart([MarketId(sale.market_id) for sale in sales])
    vendors, vendor_of = _told_apart([None if s.vendor_id is None else VendorId(s.vendor_id) for s in sales])
    goods, goods_of = _told_apart(
        [(book.species_of(SpeciesCode(sale.species_code), sale.name), sale.grade) for sale in sales]
    )
    return Sold(
        markets=markets,
        market_of=market_of,
        goods=goods,
        goods_of=goods_of,
        vendors=vendors,
        vendor_of=vendor_of,
        judged_us=np.array([sale.judged_us for sale in sales], np.int64),
        day=np.full(len(sales), (day - _FIRST_DAY).days, np.int64),
    )


def impact_of(
    sales: Sequence[JudgedSale],
    sold: Sold,
    caps: CapsOf,
    *,
    day: date,
    since: datetime,
    until: datetime | None,
    payment_rounding_fen: int,
) -> Impact:
    """Judge sales by what they would fall under; the list would be in force for `[since, until)`."""
    found = judge_columns(_columns(sales), caps.columns(), payment_rounding_fen)
    was_over = np.array([sale.is_over for sale in sales], np.bool_)
    by_it = np.array([one.cap_list is not None and one.cap_list.cap_list_id == AS_IF for one in caps.items], np.bool_)
    in_its_time = by_it[caps.of] & (sold.judged_us >= _us(since))
    if until is not None:
        in_its_time &= sold.judged_us < _us(until)
    return Impact(
        day=day,
        weighings=len(sales),
        in_its_time=int(in_its_time.sum()),
        become_over=int((found.is_over & ~was_over).sum()),
        no_longer_over=int((~found.is_over & was_over).sum()),
        stay_over=int((found.is_over & was_over).sum()),
        overcharge_before_fen=sum(sale.overcharge_fen for sale in sales),
        overcharge_after_fen=int(found.overcharge_fen.sum()),
    )


def _columns(sales: Sequence[JudgedSale]) -> SaleColumns:
    return SaleColumns(
        net_g=np.array([sale.net_g for sale in sales], np.int64),
        pieces=np.array([sale.pieces for sale in sales], np.int64),
        unit_price_fen=np.array([sale.unit_price_fen for sale in sales], np.int64),
        per_kg_fen=np.array([sale.per_kg_fen for sale in sales], np.int64),
        by_piece=np.array([sale.by_piece for sale in sales], np.bool_),
        paid_fen=np.array([sale.paid_fen for sale in sales], np.int64),
    )


def _told_apart(values: Sequence[_One]) -> tuple[list[_One], Places]:
    places: dict[_One, int] = {}
    of = [places.setdefault(value, len(places)) for value in values]
    return list(places), np.array(of, np.int64)


def _us(moment: datetime) -> int:
    return round((moment - _EVER).total_seconds() * 1_000_000)
