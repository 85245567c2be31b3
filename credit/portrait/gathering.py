"""What is known of each vendor of a market in a span of days, read in a few strokes. Shell around the pure parts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.portrait.comparing import main_goods
from credit.portrait.figures import Counts, Rectification, in_time
from credit.portrait.span import Span, days_of_bits
from credit.portrait.verification import RegisteredUntil, Verified, verified_days
from db import portraits, vendor_days
from db.portraits import ComplaintOf, RectificationOf, Stay
from db.registry import Market
from db.vendor_days import Days
from domain.complaint import ComplaintState, Outcome
from domain.ids import MarketId, ScaleId, VendorId
from domain.portrait import ScaleDays, WeekSums

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
    for vendor_id, bits in vendor_days.used_days(conn, days).items():
        read.setdefault(vendor_id, OfVendor()).used = days_of_bits(bits)
    for vendor_id, net_g in vendor_days.goods(conn, days).items():
        read[vendor_id].goods = main_goods(net_g)
    for vendor_id, week in vendor_days.weeks(conn, days):
        read[vendor_id].weeks.append(week)
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
