"""A cap made of what the vendor paid: own purchase price x (1 + rate), or + an amount. Pure.

An item that is out of stock is capped so (domain notes, section 0, 3); Haikou's basic vegetables by an amount (S51).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from domain.ids import MarketId, SpeciesCode, VendorId
from domain.price_cap import CapKind, CapStatus, CapUnit, PriceCap
from domain.units import Fen

_PERMILLE = 1000


class Goods(NamedTuple):
    """What a vendor's purchase is of."""

    market_id: MarketId
    vendor_id: VendorId
    species: SpeciesCode


class Purchase(NamedTuple):
    """What was paid for goods on a day, fen per kg or piece; a slip proves it and somebody accepted it."""

    purchased_on: date
    grade: str
    price_fen: Fen
    unit: CapUnit


#: The accepted purchases of some goods, the newest first.
Purchases = Mapping[Goods, Sequence[Purchase]]


def purchase_for(purchases: Sequence[Purchase], cap: PriceCap, day: date, valid_days: int) -> Purchase | None:
    """Return the purchase that speaks for an item on a business day: the newest up to it that is not too old.

    Of two of one day the one of the item's own grade counts. None where none is known.
    """
    since = day - timedelta(days=valid_days)
    fitting = [
        one
        for one in purchases
        if since <= one.purchased_on <= day and one.unit is cap.unit and one.grade in (cap.grade, "")
    ]
    return max(fitting, key=lambda one: (one.purchased_on, one.grade == cap.grade), default=None)


def capped_by(cap: PriceCap, purchase: Purchase) -> PriceCap:
    """Return the item with the vendor's own cap: the highest whole fen that is not above the exact one.

    A price in whole fen is above the exact cap where it is above this. Raise ValueError for an item made otherwise.
    """
    if cap.plus_fen is not None:
        cap_fen = purchase.price_fen + cap.plus_fen
    elif cap.markup_permille is not None:
        cap_fen = purchase.price_fen * (_PERMILLE + cap.markup_permille) // _PERMILLE
    else:
        raise ValueError(f"{cap.species} {cap.grade!r}: no purchase price makes its cap")
    return replace(cap, status=CapStatus.CAPPED, kind=CapKind.FIXED, cap_fen=Fen(cap_fen))
