"""What a vendor's goods of a day show against the market's: unlisted goods, and prices that do not fit. Pure."""

from collections.abc import Iterator
from math import comb
from statistics import median_low
from typing import Final

from domain.alert import AlertKind
from domain.ids import SpeciesCode
from domain.price_cap import Verdict
from domain.weighed import Usual, Weighed
from pricing.findings.days import Finding, MarketDay, finding_of, sales_of
from pricing.findings.policy import FindingsPolicy

_PERMILLE: Final = 1000
_MILLION: Final = 1_000_000
#: The quartiles of a normal distribution lie 1.349 standard deviations apart.
_QUARTILES_APART: Final = 1.349
_FREE: Final = frozenset({Verdict.UNCAPPED, Verdict.UNLISTED})


def other_overuse(market: MarketDay, policy: FindingsPolicy) -> Iterator[Finding]:
    """Far more sales of goods that no list names than the market has, more than chance makes (binomial tail)."""
    rule = policy.other_overuse
    sales = {vendor: sales_of(weighed) for vendor, weighed in market.by_vendor.items()}
    unlisted = {vendor: [one for one in of_it if one.verdict is Verdict.UNLISTED] for vendor, of_it in sales.items()}
    of_all, unlisted_of_all = sum(map(len, sales.values())), sum(map(len, unlisted.values()))
    for vendor, of_it in sales.items():
        seen, others = len(unlisted[vendor]), of_all - len(of_it)
        if len(of_it) < rule.least_sales or seen * _PERMILLE < rule.least_permille * len(of_it):
            continue
        share = (unlisted_of_all - seen) * _PERMILLE // others if others else 0
        usual = max(share, rule.floor_permille)
        if at_least_by_chance(seen, len(of_it), usual / _PERMILLE) * _MILLION <= rule.by_chance_in_a_million:
            figures = {"unlisted": seen, "sales": len(of_it), "market_permille": share}
            yield finding_of(AlertKind.OTHER_OVERUSE, market, unlisted[vendor], figures)


def species_suspect(market: MarketDay, policy: FindingsPolicy) -> Iterator[Finding]:
    """The median price of capped goods is far from the market's median for what was keyed, of the days before."""
    rule = policy.species_suspect
    for weighed in market.by_vendor.values():
        of_goods: dict[tuple[SpeciesCode, str], list[Weighed]] = {}
        for one in sales_of(weighed):
            if one.per_kg_fen and one.verdict in (Verdict.WITHIN, Verdict.OVER):
                of_goods.setdefault(one.goods, []).append(one)
        for goods, sold in of_goods.items():
            usual = market.market_usual.get(goods)
            if len(sold) < rule.least_sales or usual is None or usual.samples < rule.least_samples:
                continue
            own, theirs = median_low(map(price, sold)), usual.median_fen
            if not rule.below_permille * theirs <= own * _PERMILLE <= rule.above_permille * theirs:
                figures = {"sales": len(sold), "median_fen": own, "others_fen": theirs}
                yield finding_of(AlertKind.SPECIES_SUSPECT, market, sold, figures)


def price_off_usual(market: MarketDay, policy: FindingsPolicy) -> Iterator[Finding]:
    """Several prices of a day far from the vendor's own median of the days before, each for its own goods."""
    rule = policy.price_off_usual
    for vendor, weighed in market.by_vendor.items():
        off: list[tuple[Weighed, Usual]] = []
        for one in sales_of(weighed):
            usual = market.own_usual.get((vendor, *one.goods))
            if not one.per_kg_fen or usual is None or usual.samples < rule.least_samples:
                continue
            low, high = rule.below_permille * usual.median_fen, rule.above_permille * usual.median_fen
            is_far = abs(one.per_kg_fen - usual.median_fen) > rule.deviations * deviation_of(usual)
            if is_far and not low <= one.per_kg_fen * _PERMILLE <= high:
                off.append((one, usual))
        if len(off) >= rule.least_sales:
            furthest, usual = max(off, key=lambda pair: times_off(price(pair[0]), pair[1].median_fen))
            figures = {"sales": len(off), "usual_fen": usual.median_fen, "price_fen": price(furthest)}
            yield finding_of(AlertKind.PRICE_OFF_USUAL, market, [one for one, _ in off], figures)


def price_spike(market: MarketDay, policy: FindingsPolicy) -> Iterator[Finding]:
    """Where no cap applies, a price far above the market's median of the days before; only a hint."""
    rule = policy.price_spike
    for weighed in market.by_vendor.values():
        spikes: dict[tuple[SpeciesCode, str], list[Weighed]] = {}
        for one in sales_of(weighed):
            usual = market.market_usual.get(one.goods)
            if one.verdict not in _FREE or not one.per_kg_fen or usual is None or usual.samples < rule.least_samples:
                continue
            is_far = one.per_kg_fen * _PERMILLE > rule.above_permille * usual.median_fen
            if is_far and one.per_kg_fen > usual.median_fen + rule.deviations * deviation_of(usual):
                spikes.setdefault(one.goods, []).append(one)
        for goods, sold in spikes.items():
            figures = {"price_fen": max(map(price, sold)), "usual_fen": market.market_usual[goods].median_fen}
            yield finding_of(AlertKind.PRICE_SPIKE, market, sold, figures)


def deviation_of(usual: Usual) -> float:
    """Return a standard deviation that outliers do not move: from the quartiles."""
    return (usual.upper_fen - usual.lower_fen) / _QUARTILES_APART


def price(one: Weighed) -> int:
    """Return the price for a kg of a sale that has one."""
    return one.per_kg_fen or 0


def at_least_by_chance(seen: int, of: int, share: float) -> float:
    """Return how probable it is that `seen` or more of `of` are such where a `share` of all are."""
    return sum(comb(of, n) * share**n * (1 - share) ** (of - n) for n in range(seen, of + 1))


def times_off(fen: int, usual_fen: int) -> float:
    """Return how many times a price is above or below the usual one."""
    return max(fen, usual_fen) / min(fen, usual_fen)
