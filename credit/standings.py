"""The list of scores, the lowest first: who needs attention stands on top. A page reads the ledgers of its vendors."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection

from credit.rules.shape import CreditRules
from credit.scoring import Score, cycle_of, score_at
from db import credit_ledgers, credit_standings, registry
from db.credit_standings import Asked, Key
from db.registry import Market, Vendor
from domain.ids import MarketId, VendorId


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A vendor's line in the list of scores."""

    vendor: Vendor
    score: Score


@dataclass(frozen=True, kw_only=True, slots=True)
class StandingsPage:
    """A part of the list. `total`: how many vendors it has; `vendors_by_tier`: by the name of the tier, all of them."""

    lines: list[Standing]
    total: int
    vendors_by_tier: Mapping[str, int]


def scores(
    conn: Connection, market_id: MarketId | None, *, rules: CreditRules, now: datetime
) -> Iterator[tuple[MarketId, VendorId, Score]]:
    """Yield every visible vendor's score, reckoned from what its ledger says of the running cycle."""
    days: dict[str, date] = {}
    for of_market, of_vendor, timezone, ledger in credit_ledgers.whole(conn, market_id, begun_by(rules, now)):
        day = days.get(timezone) or days.setdefault(timezone, now.astimezone(ZoneInfo(timezone)).date())
        yield of_market, of_vendor, score_at(ledger, rules, day, timezone)


def begun_by(rules: CreditRules, now: datetime) -> datetime:
    """Return a moment before which nothing counts in the running cycle, wherever a market's midnight is."""
    first, _ = cycle_of((now - timedelta(days=1)).date(), rules)
    return datetime.combine(first, time(), UTC) - timedelta(days=1)


def standings(conn: Connection, market_id: MarketId | None, *, rules: CreditRules, now: datetime) -> list[Standing]:
    """Return every visible vendor with its score, the lowest first. It reads every ledger: for one market."""
    # Vendors first: one that is registered meanwhile has a score and no line, and not the other way round.
    vendors = registry.vendors(conn, market_id, now)
    by_key = {(of, vendor): score for of, vendor, score in scores(conn, market_id, rules=rules, now=now)}
    lines = [Standing(vendor=vendor, score=by_key[vendor.market_id, vendor.vendor_id]) for vendor in vendors]
    return sorted(lines, key=lambda line: (_place(line.score, rules), line.vendor.market_id, line.vendor.vendor_id))


def _place(score: Score, rules: CreditRules) -> int:
    """Return where a score stands: before every other, while a veto item does."""
    return rules.floor - 1 if score.vetoes else score.score


def standings_page(
    conn: Connection, market_id: MarketId | None, *, rules: CreditRules, now: datetime, limit: int, offset: int
) -> StandingsPage:
    """Return a part of the list. What stands where is found by sums in the database; each score shown is reckoned."""
    markets = {one.market_id: one for one in registry.markets(conn) if market_id in (None, one.market_id)}
    asked = _asked(markets, market_id, rules, now)
    total = credit_standings.count_vendors(conn, market_id)
    low = credit_standings.lowest(conn, asked, limit=limit, offset=offset)
    by_place = Counter(low.vendors_by_place)
    by_place[rules.base] = total - sum(n for place, n in by_place.items() if place != rules.base)
    keys = [*low.keys, *_after_the_lowest(conn, asked, by_place, limit=limit - len(low.keys), offset=offset)]
    by_tier: Counter[str] = Counter()
    for place, n in by_place.items():
        by_tier[rules.tier_of(max(place, rules.floor), has_veto=place < rules.floor).name] += n
    return StandingsPage(lines=_lines(conn, keys, markets, rules, now), total=total, vendors_by_tier=by_tier)


def _asked(markets: Mapping[MarketId, Market], market_id: MarketId | None, rules: CreditRules, now: datetime) -> Asked:
    days = {one.market_id: now.astimezone(ZoneInfo(one.timezone)).date() for one in markets.values()}
    return Asked(
        cycles={one: (cycle_of(day, rules)[0], day) for one, day in days.items()},
        market_id=market_id,
        base=rules.base,
        floor=rules.floor,
        ceiling=rules.ceiling,
        limits=_limits(rules),
    )


def _limits(rules: CreditRules) -> dict[str, tuple[int, int | None]]:
    """Return of each reason with a limit of its own how many lines a day count, and how many points a cycle."""
    most = rules.most_a_cycle()
    named = {rule.kind.value for rule in rules.deduction} | {rule.name for rule in rules.recorded} | set(most)
    return {
        reason: (rules.a_day(reason), most.get(reason))
        for reason in sorted(named)
        if rules.a_day(reason) != 1 or reason in most
    }


def _after_the_lowest(
    conn: Connection, asked: Asked, by_place: Mapping[int, int], *, limit: int, offset: int
) -> list[Key]:
    """Return what of the part stands behind those below the base: those with the base, then those above it."""
    below = sum(n for place, n in by_place.items() if place < asked.base)
    keys = list[Key]()
    for read, before in (
        (credit_standings.unmoved, below),
        (credit_standings.highest, below + by_place[asked.base]),
    ):
        if limit > len(keys):
            keys += read(conn, asked, limit=limit - len(keys), offset=max(0, offset - before))
    return keys


def _lines(
    conn: Connection, keys: list[Key], markets: Mapping[MarketId, Market], rules: CreditRules, now: datetime
) -> list[Standing]:
    ledgers = credit_standings.ledgers(conn, keys)
    lines = []
    for vendor in credit_standings.vendors(conn, keys, now):
        timezone = markets[vendor.market_id].timezone
        day = now.astimezone(ZoneInfo(timezone)).date()
        score = score_at(ledgers[vendor.market_id, vendor.vendor_id], rules, day, timezone)
        lines.append(Standing(vendor=vendor, score=score))
    return lines
