"""The portraits of a market: its days counted, its vendors compared, what came of it put down."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from psycopg import Connection

from credit.portrait.comparing import Compared, compared, shown_quartiles
from credit.portrait.figures import Counts
from credit.portrait.gathering import OfVendor, gathered
from credit.portrait.policy import PortraitPolicy
from credit.portrait.span import Span, span_of
from credit.portrait.trend import weeks_of
from db import portraits, vendor_days
from db.portraits import WHOLE_SPAN
from db.registry import Market
from db.vendor_days import Days
from domain.ids import MarketId, VendorId
from domain.portrait import Axis, Portrait, PortraitsMade, Quartiles

_DAY: Final = timedelta(days=1)


def make_portraits(
    conn: Connection, market: Market, last: date, policy: PortraitPolicy, now: datetime
) -> PortraitsMade:
    """Count what is to be counted of the days up to `last`, and make every vendor's portrait anew.

    Each day, and then the portraits, is a transaction of its own; who comes second waits and does the same again.
    """
    span = span_of(last, policy.span.weeks)
    count_days(conn, market.market_id, span, policy, now)
    with conn.transaction():
        vendor_days.hold_market(conn, market.market_id)
        vendor_days.forget_before(conn, market.market_id, last - policy.counting.keep_days * _DAY)
        return _compare(conn, market, span, policy, now)


def count_days(conn: Connection, market_id: MarketId, span: Span, policy: PortraitPolicy, now: datetime) -> list[date]:
    """Count the days of a span that are to be counted; return which. What was counted already stays as it is."""
    near = policy.prices.near_cap_permille
    days = Days(market_id=market_id, since=span.since, until=span.last)
    again_from = span.last - policy.counting.again_within_days * _DAY
    due = vendor_days.to_count(conn, days, near_permille=near, again_from=again_from, now=now)
    for day in due:
        with conn.transaction():
            vendor_days.hold_market(conn, market_id)
            vendor_days.count_day(conn, market_id, day, near_permille=near, now=now)
    return due


def _compare(conn: Connection, market: Market, span: Span, policy: PortraitPolicy, now: datetime) -> PortraitsMade:
    days = Days(market_id=market.market_id, since=span.since, until=span.last)
    trading_days = vendor_days.trading_days(conn, days)
    trading = sum(span.bit(day) for day in trading_days)
    read = gathered(conn, market, span, trading)
    counts = {vendor_id: one.counts for vendor_id, one in read.items()}
    found = compared(counts, {vendor_id: one.goods[0] for vendor_id, one in read.items()}, policy)
    how = PortraitsMade(
        since=span.since,
        day=span.last,
        trading_days=len(trading_days),
        vendors=len(read),
        peers_at_least=policy.peers.at_least,
        near_permille=policy.prices.near_cap_permille,
        week_at_least=policy.prices.week_at_least,
        policy_version=policy.version,
        made_at=now,
    )
    quartiles = {
        **{(goods, axis, WHOLE_SPAN): one for (goods, axis), one in found.quartiles.items()},
        **_quartiles_of_weeks(span, read, policy),
    }
    made = (_portrait(market.market_id, vendor_id, one, counts[vendor_id], found) for vendor_id, one in read.items())
    portraits.replace_all(conn, market.market_id, how, made, quartiles)
    return how


def _quartiles_of_weeks(
    span: Span, read: Mapping[VendorId, OfVendor], policy: PortraitPolicy
) -> dict[tuple[str, Axis, int], Quartiles]:
    values: dict[tuple[str, Axis, int], list[int]] = {}
    for one in read.values():
        goods = one.goods[0]
        if goods is None:
            continue
        weeks = weeks_of(span, one.weeks, held=one.held, used=one.used, week_at_least=policy.prices.week_at_least)
        for number, week in enumerate(weeks):
            for axis, value in week.values.items():
                values.setdefault((goods, axis, number), []).append(value)
    for of_week in values.values():
        of_week.sort()
    return shown_quartiles(values, policy.peers.at_least)


def _portrait(market_id: MarketId, vendor_id: VendorId, one: OfVendor, counts: Counts, found: Compared) -> Portrait:
    goods, goods_g = one.goods
    return Portrait(
        market_id=market_id,
        vendor_id=vendor_id,
        goods=goods,
        goods_g=goods_g,
        over_cap=counts.over_cap,
        figures=found.figures[vendor_id],
        upheld_complaints=tuple(one.upheld),
        undecided_complaints=tuple(one.undecided),
        other_complaints=tuple(one.other),
        in_time_alerts=tuple(one.in_time),
        late_alerts=tuple(one.late),
        scales=one.scale_days,
    )
