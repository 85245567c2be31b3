"""What a market traded in a span of time, counted price by price. All numbers are whole."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from psycopg import Connection

from db.queries import load
from domain.ids import MarketId, SpeciesCode

_SQL = load("day_trends")
#: A sale is voided within the day, or it stands in the trend.
_VOIDED_WITHIN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PriceCount:
    """How often goods were asked for at a price, in fen per kg or per piece; None: the scales did not know it.

    The caps are those that the weighings were judged by.
    """

    species_code: SpeciesCode
    grade: str
    by_piece: bool
    price_fen: int | None
    weighings: int
    net_g: int
    paid_fen: int
    over_cap: int
    lowest_cap_fen: int | None
    highest_cap_fen: int | None


def histogram(conn: Connection, market_id: MarketId, since: datetime, until: datetime) -> list[PriceCount]:
    """Count what was asked from `since` until before `until`."""
    parameters = {"market_id": market_id, "since": since, "until": until, "voided_until": until + _VOIDED_WITHIN}
    return [PriceCount(*row) for row in conn.execute(_SQL["histogram"], parameters)]
