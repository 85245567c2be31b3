"""One look at the markets' days: what the rules of days, of the registry and of the lists see, each told of once.

Nothing depends on how often it is done, nor on how many do it at once: what is told of is noted in the transaction that
raises it. A finding that somebody dismissed is not raised again; what comes to it later that day is not added.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from db import findings, registry, scale_facts
from db.registry import Market
from domain.ids import MarketId, SpeciesCode, VendorId
from domain.scale import NO_FACTS
from domain.weighed import Usual, Weighed
from ingest.raising import raise_lead
from pricing.findings.days import Finding, MarketDay
from pricing.findings.figures import noted
from pricing.findings.of_days import findings_of_day
from pricing.findings.of_registry import (
    Registered,
    Standing,
    cap_list_missing,
    moved,
    unregistered,
    unsuitable,
    verification,
)
from pricing.findings.policy import FindingsPolicy
from pricing.leads import Occurrence, gather
from pricing.price_book import BookKeeper

#: What an agent that was away for a moment sends later is not yet missing.
_GRACE: Final = timedelta(minutes=30)
_DAY: Final = timedelta(days=1)
#: A sender nobody knows is told of while it sends.
_UNKNOWN_SINCE: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Usual:
    of_vendors: dict[tuple[VendorId, SpeciesCode, str], Usual]
    of_market: dict[tuple[SpeciesCode, str], Usual]


@dataclass(slots=True)
class Looker:
    """Looks by one policy. Keeps what was usual before a day from one look to the next, and the price book."""

    policy: FindingsPolicy
    _books: BookKeeper = field(default_factory=BookKeeper)
    _usual: dict[tuple[MarketId, date], _Usual] = field(default_factory=dict)

    def look(self, conn: Connection, now: datetime, is_stopped: Callable[[], bool] = lambda: False) -> int:
        """Look at every market, and return how many findings were told of. `conn` is in autocommit."""
        told = 0
        for market in registry.markets(conn):
            if is_stopped():
                break
            seen = [one for one in self._seen(conn, market, now) if self.policy.speaks(one.kind)]
            told += sum(_tell(conn, one, now) for one in seen)
        return told

    def _seen(self, conn: Connection, market: Market, now: datetime) -> Iterator[Finding]:
        today = now.astimezone(ZoneInfo(market.timezone)).date()
        categories = findings.categories(conn)
        weighed: list[Weighed] = []
        for day in (today - _DAY, today):
            weighed = findings.weighed_on(conn, market.market_id, day, *_around(market, day))
            yield from findings_of_day(self._market_day(conn, market, day, weighed, now), self.policy)
        where = Standing(market_id=market.market_id, day=today, at=now)
        facts = scale_facts.of_market(conn, market.market_id)
        scales = {
            scale_id: Registered(
                scale_id=scale_id, facts=facts.get(scale_id, NO_FACTS), stall_id=stall_id, vendor_id=vendor_id
            )
            for scale_id, (stall_id, vendor_id) in findings.holders(conn, market.market_id, now).items()
        }
        for scale_id, scale in scales.items():
            yield from verification(where, scale, self.policy)
            on_it = [one for one in weighed if one.key.scale_id == scale_id] if scale.facts.division_g else []
            yield from unsuitable(where, scale, on_it, categories, self.policy)
        yield from unregistered(where, findings.unknown_scales(conn, market.market_id, now - _UNKNOWN_SINCE))
        yield from moved(where, scales, findings.moved_devices(conn, market.market_id, now - _DAY))
        book = self._books.current(conn)
        yield from cap_list_missing(
            where,
            hour=now.astimezone(ZoneInfo(market.timezone)).hour,
            has_list=book.list_in_force(market.market_id, now) is not None,
            policy=self.policy,
        )

    def _market_day(
        self, conn: Connection, market: Market, day: date, weighed: list[Weighed], now: datetime
    ) -> MarketDay:
        since, until = _bounds(market, day)
        by_vendor: dict[VendorId, list[Weighed]] = {}
        for one in weighed:
            by_vendor.setdefault(one.vendor_id, []).append(one)
        usual = self._usual_before(conn, market, day)
        until = min(until, max(since, now - _GRACE))
        counted_from = since - (self.policy.low_use.days - 1) * _DAY
        counted = findings.counts(conn, market.market_id, counted_from, until)
        return MarketDay(
            market_id=market.market_id,
            day=day,
            until=until,
            by_vendor=by_vendor,
            own_usual=usual.of_vendors,
            market_usual=usual.of_market,
            counts={vendor: count for vendor, (_scale, _stall, count) in counted.items()},
            scales={vendor: (scale_id, stall_id) for vendor, (scale_id, stall_id, _count) in counted.items()},
        )

    def _usual_before(self, conn: Connection, market: Market, day: date) -> _Usual:
        key = (market.market_id, day)
        if key not in self._usual:
            begins, _ends = _bounds(market, day)
            self._usual = {kept: value for kept, value in self._usual.items() if day - kept[1] <= _DAY}
            own_since, market_since = (
                begins - rule.days * _DAY for rule in (self.policy.price_off_usual, self.policy.price_spike)
            )
            self._usual[key] = _Usual(
                of_vendors=findings.usual_of_vendors(conn, market.market_id, own_since, begins),
                of_market=findings.usual_of_market(conn, market.market_id, market_since, begins),
            )
        return self._usual[key]


def _tell(conn: Connection, finding: Finding, now: datetime) -> bool:
    """Raise a finding that was not told of yet; say whether it was raised."""
    with conn.transaction():
        is_new = findings.tell_once(
            conn,
            market_id=finding.market_id,
            subject=finding.subject,
            kind=finding.kind,
            species=finding.species,
            day=finding.told_as_of or finding.day,
            now=now,
        )
        if is_new:
            (lead,) = gather(_occurrences(finding))
            raise_lead(conn, lead, now)
    return is_new


def _occurrences(finding: Finding) -> list[Occurrence]:
    return [
        Occurrence(
            key=key,
            kind=finding.kind,
            vendor_id=finding.vendor_id,
            stall_id=finding.stall_id,
            species=finding.species,
            business_day=finding.day,
            note=finding.note or noted(finding.figures),
        )
        for key in finding.keys
    ]


def _bounds(market: Market, day: date) -> tuple[datetime, datetime]:
    """Return when a market's day begins and ends."""
    zone = ZoneInfo(market.timezone)
    begins, ends = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + _DAY))
    return begins, ends


def _around(market: Market, day: date) -> tuple[datetime, datetime]:
    """Return a span that holds every weighing of a business day: those judged by their arrival say other times."""
    begins, ends = _bounds(market, day)
    return begins - _DAY, ends + _DAY
