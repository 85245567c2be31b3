"""A vendor's portrait as pages and the API show it, with its weeks and the quartiles beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.portrait.gathering import held_days
from credit.portrait.span import Span
from credit.portrait.trend import Week, sums_of_days, weeks_of
from db import portraits, registry, vendor_days
from db.portraits import WHOLE_SPAN
from db.registry import Market, Vendor
from db.vendor_days import Days
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from domain.portrait import Axis, Portrait, PortraitsMade, Quartiles, VendorDay


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorPortrait:
    """A portrait with what it is shown beside. `made` None: the market's were never made.

    `portrait` None: the vendor neither held a scale nor sold anything then. `days`: on which it sold something;
    `held_days`: trading days on which it held a scale all day, or sold something, as the register says now.
    """

    vendor: Vendor
    market: Market
    made: PortraitsMade | None
    portrait: Portrait | None
    quartiles: Mapping[tuple[Axis, int], Quartiles]
    weeks: Sequence[Week]
    days: Sequence[VendorDay]
    held_days: Sequence[date]

    def of_all(self, axis: Axis) -> Quartiles | None:
        """Return the quartiles of an axis over the span; None where too few vendors have the figure."""
        return self.quartiles.get((axis, WHOLE_SPAN))


def vendor_portrait(conn: Connection, market_id: MarketId, vendor_id: VendorId, *, now: datetime) -> VendorPortrait:
    """Return a vendor's portrait as it was made last. Raise NotFound where there is no such vendor."""
    vendor = registry.vendor(conn, market_id, vendor_id, now)
    if vendor is None:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    market = next(one for one in registry.markets(conn) if one.market_id == market_id)
    made = portraits.made(conn, market_id)
    portrait = None if made is None else portraits.of_vendor(conn, market_id, vendor_id)
    if made is None or portrait is None:
        return VendorPortrait(
            vendor=vendor, market=market, made=made, portrait=None, quartiles={}, weeks=(), days=(), held_days=()
        )
    span = Span(made.since, made.day)
    of_span = Days(market_id=market_id, since=span.since, until=span.last)
    days = vendor_days.of_vendor(conn, vendor_id, of_span)
    used = sum(span.bit(one.day) for one in days)
    trading = sum(span.bit(day) for day in vendor_days.trading_days(conn, of_span))
    zone = ZoneInfo(market.timezone)
    stays = portraits.stays(conn, market_id, *span.moments(zone), vendor_id)
    held = held_days(span, stays, zone, trading=trading, used=used)
    return VendorPortrait(
        vendor=vendor,
        market=market,
        made=made,
        portrait=portrait,
        quartiles={} if portrait.goods is None else portraits.quartiles(conn, market_id, portrait.goods),
        weeks=weeks_of(span, sums_of_days(span, days), held=held, used=used, week_at_least=made.week_at_least),
        days=days,
        held_days=span.days_of(held),
    )


def last_day_over(now: datetime, timezone: str, after_hour: int) -> date:
    """Return the last day of a market that is over and whose late weighings are in: from an hour of the next day on."""
    local = now.astimezone(ZoneInfo(timezone))
    return local.date() - timedelta(days=1 if local.hour >= after_hour else 2)
