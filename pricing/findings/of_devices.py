"""What a day shows of the devices behind a scale's name. Pure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from domain.alert import AlertKind
from domain.ids import ScaleId
from domain.weighed import Weighed
from pricing.findings.days import Finding, MarketDay, finding_of
from pricing.findings.policy import FindingsPolicy


def scale_doubled(market: MarketDay, policy: FindingsPolicy) -> Iterator[Finding]:
    """Two devices weigh under one scale's name: its weighings go to and fro between two journals.

    By the time they were made and by the time they arrived: a new journal whose clock is off seems to go to and fro by
    the one, an old one that is delivered late by the other.
    """
    for weighed in market.by_vendor.values():
        for of_scale in _by_scale(weighed):
            turns = min(
                (
                    _turns(sorted(of_scale, key=lambda one: (one.key.weighed_at, one.key.journal_id))),
                    _turns(sorted(of_scale, key=lambda one: (one.received_at, one.key.weighed_at, one.key.journal_id))),
                ),
                key=len,
            )
            if len(turns) >= policy.scale_doubled.least_turns:
                journals = {one.key.journal_id for one in of_scale}
                figures = {"journals": len(journals), "turns": len(turns)}
                yield finding_of(AlertKind.SCALE_DOUBLED, market, turns, figures)


def _turns(weighed: Sequence[Weighed]) -> list[Weighed]:
    """Return the weighings that are in another journal than the one before."""
    return [one for before, one in pairwise(weighed) if before.key.journal_id != one.key.journal_id]


def _by_scale(weighed: Sequence[Weighed]) -> list[list[Weighed]]:
    scales: dict[ScaleId, list[Weighed]] = {}
    for one in weighed:
        scales.setdefault(one.key.scale_id, []).append(one)
    return [of_scale for of_scale in scales.values() if len({one.key.journal_id for one in of_scale}) > 1]
