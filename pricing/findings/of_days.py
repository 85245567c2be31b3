"""Every rule of a market's day, in one call. Pure."""

from collections.abc import Callable, Iterator
from typing import Final

from domain.alert import AlertKind
from pricing.findings.days import Finding, MarketDay
from pricing.findings.of_devices import scale_doubled
from pricing.findings.of_goods import other_overuse, price_off_usual, price_spike, species_suspect
from pricing.findings.of_habits import frequent_voids, low_use, repeated_weighing, scale_silent, split_weighing
from pricing.findings.policy import FindingsPolicy

RULES: Final[dict[AlertKind, Callable[[MarketDay, FindingsPolicy], Iterator[Finding]]]] = {
    AlertKind.OTHER_OVERUSE: other_overuse,
    AlertKind.SPECIES_SUSPECT: species_suspect,
    AlertKind.SPLIT_WEIGHING: split_weighing,
    AlertKind.REPEATED_WEIGHING: repeated_weighing,
    AlertKind.FREQUENT_VOIDS: frequent_voids,
    AlertKind.PRICE_OFF_USUAL: price_off_usual,
    AlertKind.PRICE_SPIKE: price_spike,
    AlertKind.SCALE_SILENT: scale_silent,
    AlertKind.LOW_USE: low_use,
    AlertKind.SCALE_DOUBLED: scale_doubled,
}


def findings_of_day(market: MarketDay, policy: FindingsPolicy) -> Iterator[Finding]:
    """Yield what the rules that are on see in a day."""
    for kind, rule in RULES.items():
        if policy.speaks(kind):
            yield from rule(market, policy)
