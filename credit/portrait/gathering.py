"""What is known of each vendor of a market in a span of days, read in a few strokes. Shell around the pure parts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.portrait.comparing import main_goods
from credit.portrait.figures import Counts, Rectification, in_time
from credit.portrait.span import Span
from credit.portrait.trend import summed
from credit.portrait.verification import RegisteredUntil, Verified, verified_days
from db import portraits, vendor_days
from db.portraits import ComplaintOf, RectificationOf, Stay
from db.registry import Market
from db.vendor_days import Days, Sold
from domain.complaint import ComplaintState, Outcome
from domain.ids import MarketId, ScaleId, VendorId
from domain.portrait import DAYS_OF_A_WEEK, ScaleDays, WeekSums

_ANSWERED: Final = frozenset({ComplaintState.ANSWERED, ComplaintState.CLOSED})


@dataclass(slots=True)
class OfVendor:
    """What is known of a vendor. `used`, `held` and `scales`: days as bits, see `Span`; the lists: what was counted."""

    goods: tuple[str | None, int] = (None, 0)
    weeks: list[WeekSums] = field(default_factory=list)
    used: int = 0
    held: int = 0
    scales: dict[ScaleId, int] = field(default_factory=dict)
    upheld: list[int] = field(default_factory=list)
    undecided: list[int] = field(default_factory=list)
    other: list[int] = field(default_factory=list)
    in_time: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    scale_days: tuple[ScaleDays, ...] = ()

    @property
    def counts(self) -> Counts:
        """What its figures come from."""
        return Counts(
            sales=sum(week.sales for week in self.weeks),
            net_g=sum(week.net_g for week in self.weeks),
            capped=sum(week.capped for week in self.weeks),
            near_cap=sum(week.near_cap for week in self.weeks),
            over_cap=sum(week.over_cap for week in self.weeks),
            held_days=self.held.bit_count(),
            used_days=self.used.bit_count(),
            known_days=sum(scale.days for scale in self.scale_days),
            verified_days=sum(scale.verified for scale in self.scale_days),
            upheld=len(self.upheld),
            due=len(self.in_time) + len(self.late),
            in_time=len(self.in_time),
        )


def gathered(conn: Connection, market: Market, span: Span, trading: int) -> dict[VendorId, OfVendor]:
    """Return everybody who is registered and held a scale or sold something. `trading`: the market's days, as bits."""
    zone, days = ZoneInfo(market.timezone), Days(market_id=market.market_id, since=span.since, until=span.last)
    begins, ends = span.moments(zone)
    read: dict[VendorId, OfVendor] = {}
    for vendor_id, sold in _by_vendor(vendor_days.sold(conn, days)).items():
        read[vendor_id] = OfVendor(goods=_main_goods(sold), weeks=_weeks(sold), used=_used(sold))
    stays: dict[VendorId, list[Stay]] = {}
    for stay in portraits.stays(conn, market.market_id, begins, ends):
        stays.setdefault(stay.vendor_id, []).append(stay)
    for vendor_id, of_vendor in stays.items():
        one = read.setdefault(vendor_id, OfVendor())
        for stay in of_vendor:
            held = span.held(stay.begins, stay.ends, zone)
            one.scales[stay.scale_id] = one.scales.get(stay.scale_id, 0) | held
    verified = _verified(conn, market.market_id, span)
    for vendor_id, one in read.items():
        one.held = held_days(span, stays.get(vendor_id, ()), zone, trading=trading, used=one.used)
        one.scale_days = tuple(_scale_days(scale_id, held, verified) for scale_id, held in sorted(one.scales.items()))
    _sort_complaints(portraits.complaints(conn, market.market_id, begins, ends), read)
    _sort_rectifications(portraits.rectifications(conn, market.market_id, span.since, span.last), read, span.last)
    registered = portraits.vendors(conn, market.market_id)
    return {vendor_id: one for vendor_id, one in read.items() if vendor_id in registered}


def _by_vendor(sold: Iterable[Sold]) -> dict[VendorId, list[Sold]]:
    found: dict[VendorId, list[Sold]] = {}
    for one in sold:
        found.setdefault(one.vendor_id, []).append(one)
    return found


def _main_goods(sold: Iterable[Sold]) -> tuple[str | None, int]:
    net_g: dict[str, int] = {}
    for one in sold:
        net_g[one.category] = net_g.get(one.category, 0) + one.net_g
    return main_goods(net_g)


def _used(sold: Iterable[Sold]) -> int:
    used = 0
    for one in sold:
        used |= one.days << (one.week * DAYS_OF_A_WEEK)
    return used


def _weeks(sold: Iterable[Sold]) -> list[WeekSums]:
    weeks: dict[int, list[Sold]] = {}
    for one in sold:
        weeks.setdefault(one.week, []).append(one)
    return [summed(week, of_week) for week, of_week in sorted(weeks.items())]


def _verified(conn: Connection, market_id: MarketId, span: Span) -> Mapping[ScaleId, tuple[int, int]]:
    register = {
        one.scale_id: RegisteredUntil(until=one.verified_until, on=one.verified_on)
        for one in portraits.registered_scales(conn, market_id)
    }
    records: dict[ScaleId, list[Verified]] = {scale_id: [] for scale_id in register}
    for one in portraits.verifications(conn, market_id, span.last):
        records.setdefault(one.scale_id, []).append(Verified(on=one.verified_on, until=one.valid_until))
    return {scale_id: verified_days(span, of, register.get(scale_id)) for scale_id, of in records.items()}


def _scale_days(scale_id: ScaleId, held: int, verified: Mapping[ScaleId, tuple[int, int]]) -> ScaleDays:
    known, is_verified = verified.get(scale_id, (0, 0))
    return ScaleDays(
        scale_id=scale_id, days=(held & known).bit_count(), verified=(held & known & is_verified).bit_count()
    )


def _sort_complaints(found: Iterable[ComplaintOf], read: Mapping[VendorId, OfVendor]) -> None:
    for one in found:
        vendor = read.get(one.vendor_id)
        if vendor is None:
            continue
        if one.state not in _ANSWERED:
            vendor.undecided.append(one.complaint_id)
        elif one.outcome == Outcome.UPHELD:
            vendor.upheld.append(one.complaint_id)
        else:
            vendor.other.append(one.complaint_id)


def _sort_rectifications(found: Iterable[RectificationOf], read: Mapping[VendorId, OfVendor], last: date) -> None:
    for one in found:
        vendor = read.get(one.vendor_id)
        was = in_time(Rectification(due_on=one.due_on, ended_on=one.ended_on, reported=one.reported), last)
        if vendor is not None and was is not None:
            (vendor.in_time if was else vendor.late).append(one.alert_id)


def held_days(span: Span, stays: Iterable[Stay], zone: ZoneInfo, *, trading: int, used: int) -> int:
    """Return the trading days on which a vendor held a scale from midnight to midnight, or sold something, as bits."""
    held = 0
    for stay in stays:
        held |= span.held(stay.begins, stay.ends, zone)
    return (held & trading) | used
