"""Alerts by vendor, kind and state → what a report tells of them. Pure.

In public only breaches that stand for good are told, and all of them as confirmed: where a case stands beyond that, an
alert that was dismissed, and what awaits a decision are nobody else's business.
"""

from collections.abc import Iterable
from typing import Final

from credit.reports.kinds import Variant
from credit.reports.shape_of_parts import AlertCount, Figures
from db.report_figures import AlertCounts
from domain.alert import AlertState
from supervision.alerts.states import AWAITING, STANDING

_S = AlertState
#: By their texts, as the database gives them: to make hundreds of thousands of values of them takes a second.
_ORDER: Final[dict[str, int]] = {state.value: n for n, state in enumerate(AlertState)}
CLEARED: Final = frozenset({_S.DISMISSED, _S.OVERTURNED, _S.WITHDRAWN})


def told(found: Iterable[AlertCounts], variant: Variant) -> list[AlertCounts]:
    """Return what of the counts a variant may tell."""
    if variant is Variant.INNER:
        return list(found)
    return [_final(one) for one in found if one.state in STANDING and one.alerts > one.pending]


def _final(one: AlertCounts) -> AlertCounts:
    """Occurrences are not kept apart by finality: in public only the alerts and their money are told."""
    return AlertCounts(
        market_id=one.market_id,
        vendor_id=one.vendor_id,
        kind=one.kind,
        state=_S.CONFIRMED,
        alerts=one.alerts - one.pending,
        occurrences=0,
        overcharge_fen=one.overcharge_fen - one.pending_fen,
        pending=0,
        pending_fen=0,
    )


def summed(counts: Iterable[AlertCounts]) -> tuple[AlertCount, ...]:
    """Return the counts by kind and state, whosever they are, in their order."""
    sums: dict[tuple[str, str], list[int]] = {}
    for one in counts:
        sum_ = sums.setdefault((one.kind, one.state), [0] * 5)
        for n, value in enumerate((one.alerts, one.occurrences, one.overcharge_fen, one.pending, one.pending_fen)):
            sum_[n] += value
    return tuple(
        AlertCount(
            kind=kind,
            state=state,
            alerts=sum_[0],
            occurrences=sum_[1],
            overcharge_fen=sum_[2],
            pending=sum_[3],
            pending_fen=sum_[4],
        )
        for (kind, state), sum_ in sorted(sums.items(), key=lambda one: (one[0][0], _ORDER[one[0][1]]))
    )


def figures(counts: Iterable[AlertCount], penalties: int) -> Figures:
    """Return the sums of counts."""
    counts = list(counts)
    standing = [one for one in counts if one.state in STANDING]
    return Figures(
        confirmed=sum(one.alerts for one in standing),
        pending=sum(one.pending for one in standing),
        awaiting=sum(one.alerts for one in counts if one.state in AWAITING),
        cleared=sum(one.alerts for one in counts if one.state in CLEARED),
        overcharge_fen=sum(one.overcharge_fen for one in standing),
        pending_fen=sum(one.pending_fen for one in standing),
        penalties=penalties,
    )
