"""What a vendor's way of weighing shows over a day: runs, repeats, voids, silence and little use. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_low
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.alert import AlertKind
from domain.ids import VendorId
from domain.price_cap import Verdict
from domain.weighed import Weighed
from pricing.findings.days import Finding, MarketDay, finding_of, sales_of, voided_by
from pricing.findings.policy import FindingsPolicy

_PERMILLE: Final = 1000
#: Silence is counted in steps of so long: a day has 288.
_STEP: Final = timedelta(minutes=5)
_STEPS_A_DAY: Final = timedelta(days=1) // _STEP


def split_weighing(market: MarketDay, policy: FindingsPolicy) -> Iterator[Finding]:
    """Several times a day the same goods come in like portions, one right after the other."""
    rule = policy.split_weighing
    gap = timedelta(seconds=rule.gap_s)
    for weighed in market.by_vendor.values():
        runs = [run for run in _runs(sales_of(weighed), gap, rule.alike_permille) if len(run) >= rule.least_run]
        if len(runs) >= rule.least_runs:
            figures = {"runs": len(runs), "longest": max(map(len, runs))}
            yield finding_of(AlertKind.SPLIT_WEIGHING, market, [one for run in runs for one in run], figures)


def repeated_weighing(market: MarketDay, policy: FindingsPolicy) -> Iterator[Finding]:
    """Several times a day the same load comes onto the scale again: same goods, weight and price."""
    rule = policy.repeated_weighing
    gap = timedelta(seconds=rule.gap_s)
    for weighed in market.by_vendor.values():
        again = [
            second
            for first, second in pairwise(sales_of(weighed))
            if _follows(first, second, gap)
            and first.per_kg_fen == second.per_kg_fen
            and abs(first.net_g - second.net_g) <= rule.within_g
        ]
        if len(again) >= rule.least_pairs:
            yield finding_of(AlertKind.REPEATED_WEIGHING, market, again, {"pairs": len(again)})


def frequent_voids(market: MarketDay, policy: FindingsPolicy) -> Iterator[Finding]:
    """Sales above the cap, of which the scale warned, are voided once they are recorded."""
    for weighed in market.by_vendor.values():
        voided = voided_by(weighed)
        over = [one for one in weighed if one.verdict is Verdict.OVER and one.key[:4] in voided]
        if len(over) >= policy.frequent_voids.least_voids:
            yield finding_of(AlertKind.FREQUENT_VOIDS, market, over, {"voids": len(over)})


def scale_silent(market: MarketDay, policy: FindingsPolicy) -> Iterator[Finding]:
    """A scale records nothing while the neighbours' median scale makes so many weighings that it is no chance.

    Were it as busy as they are, an empty stretch in which 14 are expected would come once in a million.
    """
    rule = policy.scale_silent
    vendors = [vendor for vendor, weighed in market.by_vendor.items() if weighed]
    if len(vendors) <= rule.least_neighbours:
        return
    begins = min(market.by_vendor[vendor][0].key.weighed_at for vendor in vendors)
    made = np.array([_made_by(market.by_vendor[vendor], begins) for vendor in vendors])
    ends = min(_STEPS_A_DAY, max(0, (market.until - begins) // _STEP))
    for number, vendor in enumerate(vendors):
        others = np.delete(made, number, axis=0)
        expected, first, last = _longest_silence(made[number], others, ends)
        if expected >= rule.least_expected:
            yield _silence(market, vendor, begins + first * _STEP, begins + last * _STEP, expected)


def low_use(market: MarketDay, policy: FindingsPolicy) -> Iterator[Finding]:
    """Far fewer weighings over some days than the market's median vendor: the rest is sold beside the scale."""
    rule = policy.low_use
    if len(market.counts) <= rule.least_peers:
        return
    usual = median_low(market.counts.values())
    for vendor, count in market.counts.items():
        if usual >= rule.least_median and count * _PERMILLE < rule.below_permille * usual and vendor in market.scales:
            scale_id, stall_id = market.scales[vendor]
            yield Finding(
                kind=AlertKind.LOW_USE,
                market_id=market.market_id,
                day=market.day,
                at=market.until,
                figures={"weighings": count, "days": rule.days, "median": usual},
                scale_id=scale_id,
                vendor_id=vendor,
                stall_id=stall_id,
            )


def _runs(sales: Sequence[Weighed], gap: timedelta, alike_permille: int) -> Iterator[list[Weighed]]:
    run: list[Weighed] = []
    for one in sales:
        if run and _follows(run[-1], one, gap) and _is_alike(run[-1], one, alike_permille):
            run.append(one)
        else:
            if run:
                yield run
            run = [one]
    if run:
        yield run


def _follows(first: Weighed, second: Weighed, gap: timedelta) -> bool:
    is_next = second.key.weighed_at - first.key.weighed_at <= gap
    return is_next and first.goods == second.goods and first.key.scale_id == second.key.scale_id


def _is_alike(first: Weighed, second: Weighed, permille: int) -> bool:
    lighter, heavier = sorted((first.net_g, second.net_g))
    return lighter * _PERMILLE >= (_PERMILLE - permille) * heavier


def _made_by(weighed: Sequence[Weighed], begins: datetime) -> NDArray[np.int64]:
    """Return how many weighings there were before each step of the day."""
    steps = [min(_STEPS_A_DAY - 1, (one.key.weighed_at - begins) // _STEP) for one in weighed]
    return np.concatenate(([0], np.cumsum(np.bincount(steps, minlength=_STEPS_A_DAY))))


def _longest_silence(own: NDArray[np.int64], others: NDArray[np.int64], ends: int) -> tuple[int, int, int]:
    """Return how many the median neighbour made in the silence that cost most, and its first and last step."""
    active = np.flatnonzero(np.diff(own))
    edges = [-1, *active[active < ends].tolist(), ends]
    best = (0, 0, 0)
    for before, after in pairwise(edges):
        if after - before > 1:
            expected = int(np.median(others[:, after] - others[:, before + 1]))
            best = max(best, (expected, before + 1, after))
    return best


def _silence(market: MarketDay, vendor: VendorId, since: datetime, until: datetime, expected: int) -> Finding:
    near = market.by_vendor[vendor][-1]
    return Finding(
        kind=AlertKind.SCALE_SILENT,
        market_id=market.market_id,
        day=market.day,
        at=until,
        figures={"silent_s": int((until - since).total_seconds()), "expected": expected},
        scale_id=near.key.scale_id,
        vendor_id=vendor,
        stall_id=near.stall_id,
    )
