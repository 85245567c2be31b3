"""What a market traded on a day, as pages, files and the API show it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query
from psycopg import Connection

from db import reference_proposals, registry
from db.reference_proposals import SpeciesWords, TakenOver
from db.registry import Market
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId, SpeciesCode
from domain.units import yuan
from pricing.reference_proposals import Proposal, proposals_of
from pricing.traded import GoodsTrend, trends_of
from web.access import Permission, Viewer
from web.day_counts import DayCounts

AskedDay = Annotated[date | None, Query(description="a date on the market's clock; none: today")]
AskedMarket = Annotated[str, Query(max_length=64)]
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class DayTrends:
    """A market on a day, as it was counted. `goods`: of the most money first; `words`: what species are called."""

    market: Market
    day: date
    today: date
    goods: list[GoodsTrend]
    words: dict[SpeciesCode, SpeciesWords]
    counted_at: datetime

    @property
    def weighings(self) -> int:
        """How many sales there were."""
        return sum(one.today.weighings for one in self.goods if one.today)

    @property
    def net_g(self) -> int:
        """What was sold, in grams."""
        return sum(one.today.net_g for one in self.goods if one.today)

    @property
    def paid_fen(self) -> int:
        """What was paid."""
        return sum(one.today.paid_fen for one in self.goods if one.today)

    @property
    def over_cap(self) -> int:
        """How many sales were asked above the cap."""
        return sum(one.today.over_cap for one in self.goods if one.today)


def market_of(conn: Connection, viewer: Viewer, asked: str) -> tuple[Market, list[Market]]:
    """Return the market to show, the first where none was asked for, and all that may be chosen."""
    seen = viewer.narrow(MarketId(asked) if asked else None)
    visible = [one for one in registry.markets(conn) if viewer.sees(one.market_id)]
    found = next((one for one in visible if seen in (None, one.market_id)), None)
    if found is None:
        raise NotFound(f"there is no market {asked} that you may see" if asked else "no market is registered yet")
    return found, visible


def trends_on(conn: Connection, counts: DayCounts, market: Market, asked: date | None, now: datetime) -> DayTrends:
    """Return what a market traded on a day (None: today) and the day before. Raise RuleViolation for a day to come."""
    zone = ZoneInfo(market.timezone)
    today = now.astimezone(zone).date()
    day = asked or today
    if not date(2000, 1, 1) <= day <= today:
        raise RuleViolation(f"day is {day.isoformat()}; expected a day from 2000 up to today, {today.isoformat()}")
    midnight = _midnight(day, zone)
    counted = counts.of(conn, market.market_id, midnight, _midnight(day + _DAY, zone))
    before = counts.of(conn, market.market_id, _midnight(day - _DAY, zone), midnight)
    return DayTrends(
        market=market,
        day=day,
        today=today,
        goods=trends_of(counted.prices, before.prices),
        words=reference_proposals.species_words(conn),
        counted_at=counted.at,
    )


def proposals_on(conn: Connection, shown: DayTrends) -> list[Proposal]:
    """Return what the trade of a day proposes as its wholesale references."""
    market_id = shown.market.market_id
    return proposals_of(
        shown.goods,
        words=shown.words,
        rates=reference_proposals.rates_of(conn, market_id, shown.day + _DAY),
        published=reference_proposals.references_of(conn, market_id, shown.day),
    )


def take_over(
    conn: Connection,
    viewer: Viewer,
    shown: DayTrends,
    species: str,
    grade: str,
    unit: str,
    seen_fen: int,
    now: datetime,
) -> Proposal:
    """Make a proposal the reference of its day, in the name of the person.

    Raise NotFound where there is no such proposal, RuleViolation where it is not the one that was seen any more, or a
    reference is there already: that one stays.
    """
    viewer.require(Permission.TAKE_OVER_REFERENCES)
    found = next(
        (
            one
            for one in proposals_on(conn, shown)
            if (one.species.species_code, one.grade, one.price_unit) == (species, grade, unit)
        ),
        None,
    )
    if found is None:
        raise NotFound(f"nothing is proposed for {species} {grade}".rstrip())
    if found.proposed_fen != seen_fen:
        raise RuleViolation(f"the proposal is {found.proposed_fen} now, not {seen_fen}: look at it again")
    source = f"traded in {shown.market.market_id} on {shown.day.isoformat()}: median of {found.weighings} weighings"
    taken = TakenOver(
        species_code=found.species.species_code,
        grade=found.grade,
        day=shown.day,
        price_fen=found.proposed_fen,
        price_unit=found.price_unit,
        published_as=f"{yuan(found.proposed_fen)}/{found.price_unit}",
        source=source,
        by=viewer.username,
    )
    if not reference_proposals.take_over(conn, shown.market.market_id, taken, now):
        raise RuleViolation(f"there is a reference for {species} {grade} on {shown.day.isoformat()} already".strip())
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
