"""A report as known at a moment: read in one snapshot of the database, scored by the rules of its day."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from statistics import median_low

from psycopg import Connection

from credit.reports import counting
from credit.reports.asking import Asked, Basis, Making, making
from credit.reports.finality import LedgerLine
from credit.reports.kinds import AboutWhom, Finality, Variant
from credit.reports.overview import market_lines, median_before, named, vendor_lines
from credit.reports.parts import alike, appeal_lines, identity_of, penalty_lines, promise_lines
from credit.reports.scores import is_told, lines_of, score_of, score_part, told
from credit.reports.shape import Report
from credit.reports.shape_of_parts import AppealLine, Limits, MarketLimits, Subject
from db import report_figures
from db.register import vendors as register
from db.report_figures import AlertCounts, PenaltyRow, Scope
from domain.errors import NotFound
from domain.ids import MarketId, VendorId

Key = tuple[MarketId, VendorId]
Ledgers = dict[Key, list[LedgerLine]]


def make(conn: Connection, asked: Asked, basis: Basis, *, code: str, known_at: datetime) -> Report:
    """Return the report that is asked for. Raise NotFound where there is nobody it is about."""
    its = making(conn, asked, basis, code=code, known_at=known_at)
    return _of_vendor(conn, its) if asked.kind is AboutWhom.VENDOR else _of_many(conn, its)


def _of_vendor(conn: Connection, its: Making) -> Report:
    asked, period = its.asked, its.asked.period
    found = next(iter(report_figures.vendors(conn, its.scope, period.last)), None)
    registered = register.one(conn, MarketId(asked.market_id or ""), VendorId(asked.vendor_id or ""))
    if found is None or registered is None:
        raise NotFound(f"there is no vendor {asked.vendor_id} in market {asked.market_id}")
    market = its.markets[found.market_id]
    ledgers = _ledgers(conn, its, replace(its.scope, vendor_id=None), its.at.since)
    own = _ledgers(conn, its, its.scope, its.looks_back_to).get((found.market_id, found.vendor_id), [])
    everybody = report_figures.vendors(conn, replace(its.scope, vendor_id=None), period.last)
    scores = [
        score_of(told(ledgers.get((one.market_id, one.vendor_id), []), asked.variant), its.at, market.timezone)
        for one in everybody
    ]
    counts, counts_before = _counts(conn, its, period.first, period.last), _counts(conn, its, *_days_before(its))
    penalties, penalties_before = (
        _penalties(conn, its, period.first, period.last),
        _penalties(conn, its, *_days_before(its)),
    )
    score = score_part(
        own,
        at=its.at,
        compared=its.compared,
        timezone=market.timezone,
        variant=asked.variant,
        of_market=[one.score for one in scores],
    )
    is_named = is_told(score.tier, its.at.rules, asked.variant)
    limits_of_vendor = report_figures.limits_of_vendor(conn, its.scope, period.first, period.last)
    return Report(
        code=its.code,
        variant=asked.variant,
        subject=Subject(
            kind=AboutWhom.VENDOR,
            market_id=market.market_id,
            market_name=market.name,
            vendor_id=found.vendor_id,
            name=found.name,
            stalls=found.stalls,
            credit_code=registered.identity.credit_code,
        ),
        period=period,
        before=its.before,
        known_at=its.known_at,
        rules=its.rules_used(),
        tiers=its.tiers(Counter(one.tier.name for one in scores), {}),
        figures=counting.figures(counting.summed(counts), len(penalties)),
        figures_before=counting.figures(counting.summed(counts_before), len(penalties_before)),
        alerts=counting.summed(counts),
        penalties=penalty_lines(penalties),
        limits=Limits(
            markets=_limits(conn, its),
            vendor_days_weighed=limits_of_vendor.vendor_days_weighed if limits_of_vendor else 0,
            vendor_scales=limits_of_vendor.vendor_scales if limits_of_vendor else 0,
            vendor_scales_unverified=limits_of_vendor.vendor_scales_unverified if limits_of_vendor else 0,
        ),
        identity=None if asked.variant is Variant.PUBLIC else identity_of(registered.identity),
        score=score if is_named else None,
        lines=lines_of(
            own,
            at=its.at,
            since=min(period.first, its.at.since),
            timezone=market.timezone,
            variant=asked.variant,
        )
        if is_named
        else (),
        withheld=0 if is_named else 1,
        promises=promise_lines(report_figures.promises(conn, its.scope, period.first, period.last), asked.variant),
        appeals=_appeals(conn, its),
    )


def _of_many(conn: Connection, its: Making) -> Report:
    asked, period = its.asked, its.asked.period
    everybody = report_figures.vendors(conn, its.scope, period.last)
    ledgers = _ledgers(conn, its, its.scope, min(its.at.since, its.compared.since))
    counts, counts_before = _counts(conn, its, period.first, period.last), _counts(conn, its, *_days_before(its))
    penalties, penalties_before = (
        _penalties(conn, its, period.first, period.last),
        _penalties(conn, its, *_days_before(its)),
    )
    vendors = vendor_lines(
        its, everybody, ledgers, _by_vendor(counts), Counter((one.market_id, one.vendor_id) for one in penalties)
    )
    told_lines = named(its, vendors)
    tiers_now = Counter(one.tier for one in vendors)
    tiers_then = Counter(one.tier_before for one in vendors)
    market = None if asked.market_id is None else its.markets[asked.market_id]
    return Report(
        code=its.code,
        variant=asked.variant,
        subject=Subject(kind=AboutWhom.CITY)
        if market is None
        else Subject(kind=AboutWhom.MARKET, market_id=market.market_id, market_name=market.name),
        period=period,
        before=its.before,
        known_at=its.known_at,
        rules=its.rules_used(),
        tiers=its.tiers(tiers_now, tiers_then),
        figures=counting.figures(counting.summed(counts), len(penalties)),
        figures_before=counting.figures(counting.summed(counts_before), len(penalties_before)),
        alerts=counting.summed(counts),
        penalties=penalty_lines(penalties),
        limits=Limits(markets=_limits(conn, its)),
        appeals=_appeals(conn, its),
        markets=market_lines(its, vendors, counts, penalties) if market is None else (),
        vendors=told_lines,
        withheld=len(vendors) - len(told_lines),
        median=median_low([one.score for one in vendors]) if vendors else None,
        median_before=median_before(vendors),
    )


def _days_before(its: Making) -> tuple[date, date]:
    return its.before.first, its.before.last


def _ledgers(conn: Connection, its: Making, scope: Scope, since: date) -> Ledgers:
    ledgers: Ledgers = defaultdict(list)
    for event, finality in report_figures.lines(conn, scope, since, its.asked.period.last):
        ledgers[event.market_id, event.vendor_id].append(LedgerLine(event, Finality(finality)))
    return ledgers


def _counts(conn: Connection, its: Making, first: date, last: date) -> list[AlertCounts]:
    return counting.told(report_figures.alert_counts(conn, its.scope, first, last), its.asked.variant)


def _penalties(conn: Connection, its: Making, first: date, last: date) -> list[PenaltyRow]:
    found = report_figures.penalties(conn, its.scope, first, last)
    return [one for one in found if one.standing == "published"] if its.asked.variant is Variant.PUBLIC else found


def _limits(conn: Connection, its: Making) -> tuple[MarketLimits, ...]:
    period = its.asked.period
    return tuple(
        MarketLimits(**alike(one)) for one in report_figures.limits(conn, its.scope, period.first, period.last)
    )


def _appeals(conn: Connection, its: Making) -> tuple[AppealLine, ...]:
    if its.asked.variant is Variant.PUBLIC:
        return ()
    return appeal_lines(report_figures.appeals(conn, its.scope, its.looks_back_to, its.asked.period.last))


def _by_vendor(counts: Sequence[AlertCounts]) -> dict[Key, list[AlertCounts]]:
    found: dict[Key, list[AlertCounts]] = defaultdict(list)
    for one in counts:
        if one.vendor_id is not None:
            found[one.market_id, one.vendor_id].append(one)
    return found
