"""Early warning: whether something is confirmed of a vendor or a market more often than in the months before. Pure.

Compared is what was counted in the last month with the months before, by how much was weighed: of a vendor the days on
which something was confirmed; of a market the vendors of whom something was, so that one of them alone turns no market.
Given the sum, the count of the last month is binomial where the rate did not change (J. Przyborowski,
H. Wilenski, Homogeneity of results in testing samples from Poisson series, Biometrika 31, 1940): the p-value is the
upper tail. What varies wider than a Poisson series is first divided by its dispersion (P. McCullagh, J. Nelder,
Generalized Linear Models, 2nd ed. 1989, section 6.2). Of the vendors of a market those are told of whom the procedure
of Y. Benjamini and Y. Hochberg (J. R. Stat. Soc. B 57, 1995) finds.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from credit.risk.policy import Comparison, MarketWarning, VendorWarning
from domain.ids import VendorId
from domain.risk import MonthSeen, Turn

_PERMILLE: Final = 1000


def turned_vendors(series: Mapping[VendorId, Sequence[MonthSeen]], policy: VendorWarning) -> list[Turn]:
    """Return whose trend turned, the surest first. Each series ends with the month that is looked at.

    The family that is corrected for are the vendors with `least_counted` days in all months together: the p-value is
    conditional on that sum, so choosing by it keeps the error what it is said to be, and who has fewer cannot be found.
    """
    tested = [
        _tested(vendor_id, counts, policy)
        for vendor_id, months in series.items()
        if (counts := _counts(months, policy)) is not None
        and counts.counted + counts.counted_before >= policy.least_counted
    ]
    return _surest(tested, policy.false_discovery_permille / _PERMILLE)


def turned_market(months: Sequence[MonthSeen], policy: MarketWarning) -> Turn | None:
    """Return the turn of a whole market's trend; None where it did not turn."""
    counts = _counts(months, policy)
    if counts is None:
        return None
    turn = _tested(None, counts, policy)
    return turn if turn.p_value <= policy.significance_permille / _PERMILLE else None


def upper_tail(successes: int, trials: int, share: float) -> float:
    """Return the chance of at least so many successes in so many trials."""
    if successes <= 0:
        return 1.0
    if successes > trials:
        return 0.0
    log_share, log_rest = math.log(share), math.log1p(-share)
    logs = [_log_choose(trials, k) + k * log_share + (trials - k) * log_rest for k in range(successes, trials + 1)]
    most = max(logs)
    return min(1.0, math.exp(most) * math.fsum(math.exp(one - most) for one in logs))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Counts:
    """The last month against the ones before; `dispersion` is 1 or more."""

    counted: int
    weighings: int
    counted_before: int
    weighings_before: int
    months_before: int
    dispersion: float


def _counts(months: Sequence[MonthSeen], policy: Comparison) -> _Counts | None:
    """Return what is compared; None where too little was weighed, or in too few months, to compare."""
    if not months:
        return None
    last = months[-1]
    before = [one for one in months[-1 - policy.months_before : -1] if one.weighings]
    weighings_before = sum(one.weighings for one in before)
    if len(before) < policy.least_months_before or min(last.weighings, weighings_before) < policy.least_weighings:
        return None
    return _Counts(
        counted=last.counted,
        weighings=last.weighings,
        counted_before=sum(one.counted for one in before),
        weighings_before=weighings_before,
        months_before=len(before),
        dispersion=dispersion(before),
    )


def dispersion(months: Sequence[MonthSeen]) -> float:
    """Return Pearson's chi-squared of the months by its degrees of freedom; 1 where that is less: never more sure."""
    counted, weighings = sum(one.counted for one in months), sum(one.weighings for one in months)
    if not counted or len(months) < 2:  # noqa: PLR2004 - one month does not vary
        return 1.0
    expected = [counted * one.weighings / weighings for one in months]
    squares = math.fsum((one.counted - e) ** 2 / e for one, e in zip(months, expected, strict=True))
    return max(1.0, squares / (len(months) - 1))


def _tested(vendor_id: VendorId | None, counts: _Counts, policy: Comparison) -> Turn:
    """Return the p-value of the turn; 1 where it is too small to matter, however sure it is."""
    matters = counts.counted >= policy.least_counted and _rises(counts, policy.least_ratio_permille)
    counted, before = counts.counted / counts.dispersion, counts.counted_before / counts.dispersion
    share = counts.weighings / (counts.weighings + counts.weighings_before)
    kept = math.floor(counted + 1e-9)
    p_value = upper_tail(kept, kept + math.ceil(before - 1e-9), share) if matters else 1.0
    return Turn(
        vendor_id=vendor_id,
        counted=counts.counted,
        weighings=counts.weighings,
        counted_before=counts.counted_before,
        weighings_before=counts.weighings_before,
        months_before=counts.months_before,
        dispersion_permille=round(counts.dispersion * _PERMILLE),
        p_value=p_value,
    )


def _rises(counts: _Counts, least_ratio_permille: int) -> bool:
    now = counts.counted * counts.weighings_before * _PERMILLE
    return now >= least_ratio_permille * counts.counted_before * counts.weighings


def _surest(tested: Sequence[Turn], false_discoveries: float) -> list[Turn]:
    """Return those that the step-up procedure finds: all up to the last whose p-value is below its line."""
    ranked = sorted(tested, key=lambda one: (one.p_value, one.vendor_id or ""))
    found = max(_below_the_line(ranked, false_discoveries), default=0)
    return [one for one in ranked[:found] if one.p_value < 1]


def _below_the_line(ranked: Sequence[Turn], false_discoveries: float) -> Iterator[int]:
    for rank, one in enumerate(ranked, start=1):
        if one.p_value <= false_discoveries * rank / len(ranked):
            yield rank


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
