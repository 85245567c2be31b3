"""What a market's screen says to everybody in the hall: today's caps, and the vendors that the rules praise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from credit.public_standing import publicly, scores_of_market
from credit.publicity_rules import is_praised
from credit.rules.book import rules_now
from credit.rules.shape import CreditRules, Tier
from db import cap_items, public_pages
from db.cap_items import CapItemLine
from db.public_pages import BindingList
from db.register import markets
from domain.errors import NotFound
from domain.ids import MarketId, StallId
from domain.price_cap import CapStatus
from domain.register.public_names import public_name
from domain.register.records import RegisteredMarket
from supervision.policy import SupervisionPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class Praised:
    """A vendor that the screen names, in the tier that is final."""

    name: str
    stalls: Sequence[StallId]
    tier: Tier


@dataclass(frozen=True, kw_only=True, slots=True)
class MarketScreen:
    """All that the screen shows. `cap_list` None: no list is in force; `ended_at`: when the last one ended, if any."""

    market: RegisteredMarket
    cap_list: BindingList | None
    ended_at: datetime | None
    items: Sequence[CapItemLine]
    praised: Sequence[Praised]
    rules: CreditRules
    made_at: datetime


def market_screen(
    conn: Connection, market_id: MarketId, *, shipped: CreditRules, policy: SupervisionPolicy, now: datetime
) -> MarketScreen:
    """Put together what a market's screen shows at a moment. Raise NotFound."""
    market = markets.one(conn, market_id)
    if market is None:
        raise NotFound(f"there is no market {market_id}")
    rules = rules_now(conn, shipped, now)
    cap_list = public_pages.list_in_force(conn, market_id, now)
    return MarketScreen(
        market=market,
        cap_list=cap_list,
        ended_at=None if cap_list else public_pages.last_list_ended_at(conn, market_id, now),
        items=() if cap_list is None else _told(cap_items.items_of(conn, cap_list.cap_list_id)),
        praised=_praised(conn, market, rules, policy, now),
        rules=rules,
        made_at=now,
    )


def _told(items: Sequence[CapItemLine]) -> list[CapItemLine]:
    return [item for item in items if item.status is not CapStatus.ABSENT]


def _praised(
    conn: Connection, market: RegisteredMarket, rules: CreditRules, policy: SupervisionPolicy, now: datetime
) -> list[Praised]:
    """The best tier first, in each by stall. Whoever has no stall any more is not in the hall to be found."""
    if not rules.publicity.praised:
        return []
    there = public_pages.stallholders(conn, market.market_id, now)
    by = publicly(rules, policy, market.facts.timezone, now)
    scores = scores_of_market(conn, market.market_id, [one.vendor_id for one in there], by)
    praised = [
        Praised(name=public_name(one.identity), stalls=one.stalls, tier=scores[one.vendor_id].tier)
        for one in there
        if is_praised(scores[one.vendor_id], rules)
    ]
    return sorted(praised, key=lambda one: -one.tier.from_points)
