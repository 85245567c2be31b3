"""The thin shell around the price book: what judges, read from the database."""

from datetime import date, timedelta
from typing import Final

from psycopg import Connection

from db import caps, purchases
from domain.ids import MarketId, SpeciesCode, VendorId
from domain.price_cap import CapList, Channel, Exemption
from domain.units import Fen
from pricing.cap_book import CapBook, MarketScope
from pricing.caps_of_columns import CapsOf, Sold, caps_of, purchases_needed, with_purchases
from pricing.policy import PurchasePolicy
from pricing.purchases import Goods, Purchase

_FIRST_DAY: Final = date(1970, 1, 1)


class BookKeeper:
    """Hands out the current CapBook and reads it anew only when its revision has moved."""

    def __init__(self) -> None:
        self._book: CapBook | None = None

    def current(self, conn: Connection) -> CapBook:
        """Return the book as the caller's transaction sees it."""
        revision = caps.revision(conn)
        if self._book is None or self._book.revision != revision:
            self._book = load_book(conn)
        return self._book


def load_book(conn: Connection) -> CapBook:
    """Read all published lists, the markets' scopes, the exemptions and the species' names."""
    revision = caps.revision(conn)
    lists: dict[tuple[str, Channel], list[CapList]] = {}
    for cap_list in caps.published_lists(conn):
        lists.setdefault((cap_list.area, cap_list.channel), []).append(cap_list)
    exemptions: dict[tuple[MarketId, VendorId], list[Exemption]] = {}
    for exemption in caps.exemptions(conn):
        exemptions.setdefault((exemption.market_id, exemption.vendor_id), []).append(exemption)
    return CapBook(
        revision=revision,
        lists=lists,
        markets={
            market_id: MarketScope(area=area, channel=channel, timezone=timezone)
            for market_id, area, channel, timezone in caps.market_scopes(conn)
        },
        species=caps.species_codes(conn),
        species_by_name=caps.species_names(conn),
        exemptions=exemptions,
    )


def caps_for(conn: Connection, sold: Sold, book: CapBook, policy: PurchasePolicy) -> CapsOf:
    """Find which cap each weighing falls under; own purchases are looked up where they make one, which is rare."""
    found = caps_of(sold, book)
    needed = purchases_needed(sold, found)
    if not needed:
        return found
    first, last = int(sold.day.min()), int(sold.day.max())
    since, until = (_FIRST_DAY + timedelta(days=day) for day in (first - policy.valid_days, last))
    accepted = {
        Goods(MarketId(market), VendorId(vendor), SpeciesCode(species)): [
            Purchase(day, grade, Fen(price_fen), unit) for day, grade, price_fen, unit in rows
        ]
        for (market, vendor, species), rows in purchases.accepted(conn, needed, since, until).items()
    }
    return with_purchases(sold, found, accepted, policy.valid_days)
