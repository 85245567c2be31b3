"""The lines of many: vendors of a market or the city with their scores, and markets with their sums. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import median_low

import msgspec

from credit.reports import counting
from credit.reports.asking import Making
from credit.reports.finality import LedgerLine
from credit.reports.kinds import Variant
from credit.reports.scores import ScoreDay, is_told, score_of, told
from credit.reports.shape_of_lines import MarketLine, VendorLine
from credit.scoring import Score
from db.report_figures import AlertCounts, PenaltyRow, VendorRow
from domain.ids import MarketId, VendorId

Key = tuple[MarketId, VendorId]


def vendor_lines(
    its: Making,
    vendors: Sequence[VendorRow],
    ledgers: Mapping[Key, Sequence[LedgerLine]],
    counts: Mapping[Key, Sequence[AlertCounts]],
    penalties: Mapping[Key, int],
) -> list[VendorLine]:
    """Return a line a vendor, the lowest score first."""
    untouched: dict[tuple[MarketId, int], Score] = {}

    def score(key: Key, at: ScoreDay, which: int) -> Score:
        """Most vendors have nothing that counts: their score is reckoned once a market."""
        ledger = ledgers.get(key)
        timezone = its.markets[key[0]].timezone
        if ledger:
            return score_of(told(ledger, its.asked.variant), at, timezone)
        if (key[0], which) not in untouched:
            untouched[key[0], which] = score_of([], at, timezone)
        return untouched[key[0], which]

    lines = []
    at, compared = its.at, its.compared
    for one in vendors:
        key = one.market_id, one.vendor_id
        now, then = score(key, at, 0), score(key, compared, 1)
        alerts = counting.summed(counts.get(key, ()))
        lines.append(
            VendorLine(
                market_id=one.market_id,
                vendor_id=one.vendor_id,
                name=one.name,
                stalls=one.stalls,
                score=now.score,
                tier=now.tier.name,
                score_before=then.score,
                tier_before=then.tier.name,
                vetoes=len(now.vetoes),
                figures=counting.figures(alerts, penalties.get(key, 0)),
                alerts=alerts,
            )
        )
    return sorted(lines, key=lambda line: (not line.vetoes, line.score, line.market_id, line.vendor_id))


def named(its: Making, lines: Sequence[VendorLine]) -> tuple[VendorLine, ...]:
    """Return the lines of those whom a report names: in public without tiers that the rules do not tell in public."""
    variant = its.asked.variant
    if variant is Variant.INNER:
        return tuple(lines)
    return tuple(
        line
        if is_told(line.tier_before, its.compared.rules, variant)
        else msgspec.structs.replace(line, score_before=None, tier_before="")
        for line in lines
        if is_told(line.tier, its.at.rules, variant)
    )


def median_before(lines: Sequence[VendorLine]) -> int | None:
    """Return the median of the scores that lines are compared with; None without lines."""
    scores = [line.score_before for line in lines if line.score_before is not None]
    return median_low(scores) if scores else None


def market_lines(
    its: Making, vendors: Sequence[VendorLine], counts: Sequence[AlertCounts], penalties: Sequence[PenaltyRow]
) -> tuple[MarketLine, ...]:
    """Return a line a market, by its id."""
    of_market: dict[str, list[VendorLine]] = defaultdict(list)
    for one in vendors:
        of_market[one.market_id].append(one)
    alerts: dict[str, list[AlertCounts]] = defaultdict(list)
    for count in counts:
        alerts[count.market_id].append(count)
    penalised = Counter(one.market_id for one in penalties)
    lines = []
    for market_id, market in sorted(its.markets.items()):
        mine = of_market[market_id]
        tiers = Counter(one.tier for one in mine)
        lines.append(
            MarketLine(
                market_id=market_id,
                name=market.name,
                vendors=len(mine),
                median=median_low([one.score for one in mine]) if mine else its.at.rules.base,
                median_before=its.compared.rules.base if (then := median_before(mine)) is None else then,
                vendors_by_tier=tuple(tiers[tier.name] for tier in its.at.rules.tier),
                figures=counting.figures(counting.summed(alerts[market_id]), penalised[market_id]),
            )
        )
    return tuple(lines)
