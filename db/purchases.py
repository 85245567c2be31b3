"""What vendors paid for goods, by the slip: read for judging."""

from collections.abc import Iterable
from datetime import date

from psycopg import Connection

from db.queries import load
from domain.price_cap import CapUnit

_SQL = load("purchases")

#: purchased_on, grade, price (fen per unit), unit.
PurchaseRow = tuple[date, str, int, CapUnit]


def accepted(
    conn: Connection, goods: Iterable[tuple[str, str, str]], since: date, until: date
) -> dict[tuple[str, str, str], list[PurchaseRow]]:
    """Return the accepted purchases of some (market, vendor, species) made from `since` to `until`, newest first."""
    asked = sorted(goods)
    markets, vendors, species = ([one[place] for one in asked] for place in range(3))
    parameters = {"markets": markets, "vendors": vendors, "species": species, "since": since, "until": until}
    found: dict[tuple[str, str, str], list[PurchaseRow]] = {}
    for market, vendor, code, purchased_on, grade, price_fen, unit in conn.execute(_SQL["accepted"], parameters):
        found.setdefault((market, vendor, code), []).append((purchased_on, grade, price_fen, CapUnit(unit)))
    return found
