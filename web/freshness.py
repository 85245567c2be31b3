"""What a list's silence is worth: is a cap list in force, and when was the last weighing?"""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from db import caps, registry, weighings
from db.caps import CapListInForce
from db.registry import Market
from domain.ids import MarketId


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketFreshness:
    """What a market's alerts rest on. `cap_list` None: nothing there can be judged."""

    market: Market
    cap_list: CapListInForce | None
    newest_weighing: datetime | None


def freshness(
    conn: Connection, scope: MarketId | None, now: datetime, *, most: int | None = None
) -> list[MarketFreshness]:
    """Return it for the markets in scope (None: all), for `most` of them at most: those without a list first."""
    in_force = {one.market_id: one for one in caps.lists_in_force(conn, now)}
    markets = [market for market in registry.markets(conn) if scope in (None, market.market_id)]
    if most is not None:
        markets = sorted(markets, key=lambda market: market.market_id in in_force)[:most]
    return [
        MarketFreshness(
            market=market,
            cap_list=in_force.get(market.market_id),
            newest_weighing=weighings.newest(conn, market.market_id, now),
        )
        for market in markets
    ]
