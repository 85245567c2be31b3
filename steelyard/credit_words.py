"""A simulation of credit rules in the words of a terminal, and as JSON."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from credit.rules.shape import CreditRules
from credit.rules.simulating import Simulation


def lines_of(found: Simulation, proposed: CreditRules, *, most: int) -> Iterator[str]:
    """Yield the lines: tiers before and after on each day, per market, and the first who change tier."""
    yield f"{found.vendors} vendors by version {proposed.version}, as if it had been in force from the first day on"
    for day in found.days:
        for market_id, of_market in found.markets.items():
            before, after = of_market.before[day], of_market.after[day]
            yield f"{day}  {market_id}  before: {_counts(before)}  after: {_counts(after)}"
    yield f"{len({(one.market_id, one.vendor_id) for one in found.changes})} vendors would have had another tier"
    for one in found.changes[:most]:
        was, would = f"{one.tier_before} ({one.score_before})", f"{one.tier_after} ({one.score_after})"
        yield f"{one.day}  {one.market_id}  {one.vendor_id}  {was} -> {would}"
    if len(found.changes) > most:
        yield f"… and {len(found.changes) - most} more; --most or --json shows them"


def as_dict(found: Simulation, proposed: CreditRules) -> dict[str, Any]:
    """Return all of it, as JSON has it."""
    return {
        "rules_version": proposed.version,
        "vendors": found.vendors,
        "days": [
            {
                "day": day.isoformat(),
                "markets": [
                    {"market": market_id, "before": dict(one.before[day]), "after": dict(one.after[day])}
                    for market_id, one in found.markets.items()
                ],
            }
            for day in found.days
        ],
        "changes": [
            {
                "day": one.day.isoformat(),
                "market": one.market_id,
                "vendor": one.vendor_id,
                "before": {"score": one.score_before, "tier": one.tier_before},
                "after": {"score": one.score_after, "tier": one.tier_after},
            }
            for one in found.changes
        ],
    }


def _counts(tiers: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(tiers.items()))
