"""How classes and early warning would have done on played histories, beside chance and beside simple rules. Pure.

A *later offender* has something confirmed on `OFFENDER_DAYS` days or more in the `HORIZON` months after a vendor was
classed. A *turn* is a month in which the days to be expected, which nobody sees, are at least twice those of the month
before and one a month at least. A warning is right within `PATIENCE` months from a turn on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from credit.risk.assessing import assess
from credit.risk.classing import classed
from credit.risk.histories import Floats, Histories, Ints, indicators_at, month_of, played, series_at
from credit.risk.policy import RiskPolicy
from credit.risk.turning import turned_market, turned_vendors
from domain.errors import FieldRefused
from domain.ids import VendorId
from domain.risk import Classed, MonthSeen
from domain.supervision_item import RiskClass

HORIZON: Final = 3
OFFENDER_DAYS: Final = 4
PATIENCE: Final = 3
LEAST_VENDORS: Final = 20
_WORSE: Final = 2.0
_MATTERS: Final = 1.0
_PERMILLE: Final = 1000
_MARKET_SIZE: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """Of all later offenders, how many were among the worst tenth before: by points, by simple rules, by chance.

    Shares are thousandths. `class_d_share`: how many of all vendors are in D. `by_hidden_rate`: what somebody would
    find who knew the rate that nobody sees; what is missing there is chance, and no method finds it.
    """

    classed: int
    later_offenders: int
    in_worst_decile: int
    in_class_d: int
    class_d_share: int
    by_alerts_of_last_month: int
    by_chance: int
    by_hidden_rate: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Warned:
    """Warnings, and how many were right; `turns`, and of how many there was a warning in time. Shares: thousandths.

    `false_per_1000`: wrong warnings in a thousand months of a vendor, or of a market. `precision`: of no warning: None.
    """

    months: int
    raised: int
    right: int
    precision: int | None
    turns: int
    warned_in_time: int
    recall: int | None
    false_per_1000: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Backtest:
    """What a back-test comes to; `by_thumb`: the vendors with twice as many days as before, without a test."""

    vendors: int
    months: int
    seed: int
    policy_version: str
    ranked: Ranked
    of_vendors: Warned
    by_thumb: Warned
    by_chance_precision: int
    of_markets: Warned


def backtest(*, vendors: int, months: int, seed: int, policy: RiskPolicy) -> Backtest:
    """Play histories and try the policy on them; the same arguments, the same result.

    Raise FieldRefused for too few vendors or months to say anything.
    """
    if vendors < LEAST_VENDORS:
        raise FieldRefused("vendors", str(vendors), f"{LEAST_VENDORS} at least", problem="too_few")
    least = max(policy.months, policy.warning.market.months_before) + HORIZON + 1
    if months < least:
        raise FieldRefused("months", str(months), f"{least} at least", problem="too_few")
    histories = played(vendors=vendors, months=months, seed=seed, market_size=_MARKET_SIZE)
    turns = turns_of(histories)
    warned, by_thumb = _warned_vendors(histories, policy), _warned_by_thumb(histories, policy)
    return Backtest(
        vendors=vendors,
        months=months,
        seed=seed,
        policy_version=policy.version,
        ranked=ranked(histories, policy, np.random.default_rng(seed + 1)),
        of_vendors=judged(warned, turns, _first(policy)),
        by_thumb=judged(by_thumb, turns, _first(policy)),
        by_chance_precision=_permille(_near_turns(turns)[:, _first(policy) :].mean()),
        of_markets=judged(
            _warned_markets(histories, policy), _market_turns(histories), policy.warning.market.months_before
        ),
    )


def turns_of(histories: Histories) -> Ints:
    """Return 1 for each vendor and month in which a turn is, else 0."""
    rate = histories.rate
    turns = np.zeros(rate.shape, dtype=np.int64)
    turns[:, 1:] = (rate[:, 1:] >= _WORSE * rate[:, :-1]) & (rate[:, 1:] >= _MATTERS)
    return turns


def judged(warned: Ints, turns: Ints, first: int) -> Warned:
    """Hold warnings (1 for each row and month with one) against turns, from a month (a column) on."""
    near = _near_turns(turns)
    raised, right = int(warned[:, first:].sum()), int((warned & near)[:, first:].sum())
    in_time = np.zeros_like(turns)
    for late in range(PATIENCE):
        in_time[:, : turns.shape[1] - late] |= warned[:, late:]
    seen = turns[:, first : turns.shape[1] - PATIENCE + 1]
    found = int((seen & in_time[:, first : turns.shape[1] - PATIENCE + 1]).sum())
    months = int(warned[:, first:].size)
    return Warned(
        months=months,
        raised=raised,
        right=right,
        precision=_permille(right / raised) if raised else None,
        turns=int(seen.sum()),
        warned_in_time=found,
        recall=_permille(found / seen.sum()) if seen.any() else None,
        false_per_1000=round((raised - right) / months * _PERMILLE, 3),
    )


def ranked(histories: Histories, policy: RiskPolicy, chance: np.random.Generator) -> Ranked:
    """Class the vendors at the end of several months, and look at the months after each."""
    offenders, in_decile, in_d, by_month, by_chance, by_rate, of_d, n = 0, 0, 0, 0, 0, 0, 0, 0
    size = histories.weighings.mean(axis=1)
    for month in range(policy.months - 1, histories.months - HORIZON, HORIZON):
        later = histories.days[:, month + 1 : month + 1 + HORIZON].sum(axis=1) >= OFFENDER_DAYS
        classes = _classes(histories, month, policy)
        points = np.array([one.assessed.points for one in classes])
        is_d = np.array([one.risk_class is RiskClass.D for one in classes])
        shuffled = chance.permutation(histories.vendors)
        offenders += int(later.sum())
        in_decile += int(later[_worst_tenth(points, shuffled)].sum())
        by_month += int(later[_worst_tenth(histories.days[:, month], shuffled)].sum())
        by_rate += int(later[_worst_tenth(histories.rate[:, month] * size, shuffled)].sum())
        by_chance += int(later[shuffled[: -(-histories.vendors // 10)]].sum())
        in_d, of_d, n = in_d + int((later & is_d).sum()), of_d + int(is_d.sum()), n + histories.vendors
    share = max(1, offenders)
    return Ranked(
        classed=n,
        later_offenders=offenders,
        in_worst_decile=_permille(in_decile / share),
        in_class_d=_permille(in_d / share),
        class_d_share=_permille(of_d / n),
        by_alerts_of_last_month=_permille(by_month / share),
        by_chance=_permille(by_chance / share),
        by_hidden_rate=_permille(by_rate / share),
    )


def _classes(histories: Histories, month: int, policy: RiskPolicy) -> list[Classed]:
    assessed = [assess(one, policy) for one in indicators_at(histories, month, policy)]
    found: list[Classed] = []
    for market in range(int(histories.market[-1]) + 1):
        rows = np.flatnonzero(histories.market == market)
        found += classed([assessed[n] for n in rows.tolist()], policy)
    return found


def _worst_tenth(figures: Ints | Floats, shuffled: Ints) -> Ints:
    """Return the rows with the highest figures; among equal ones chance decides."""
    order = shuffled[np.argsort(-figures[shuffled], kind="stable")]
    return order[: -(-len(figures) // 10)]


def _first(policy: RiskPolicy) -> int:
    """Return the first month (column) with as many months before it as the warning looks at."""
    return policy.warning.vendor.months_before


def _warned_vendors(histories: Histories, policy: RiskPolicy) -> Ints:
    warned = np.zeros(histories.days.shape, dtype=np.int64)
    for market in range(int(histories.market[-1]) + 1):
        rows = np.flatnonzero(histories.market == market)
        for month in range(_first(policy), histories.months):
            series = series_at(histories, month, policy.warning.vendor.months_before, rows)
            _mark(warned, month, series, policy)
    return warned


def _mark(warned: Ints, month: int, series: Mapping[VendorId, Sequence[MonthSeen]], policy: RiskPolicy) -> None:
    for turn in turned_vendors(series, policy.warning.vendor):
        if turn.vendor_id is not None:
            warned[int(turn.vendor_id.removeprefix("V-")), month] = 1


def _warned_by_thumb(histories: Histories, policy: RiskPolicy) -> Ints:
    """Return who has `least_days` days, and `least_ratio_permille` times the mean of the months before."""
    warned = np.zeros(histories.days.shape, dtype=np.int64)
    before = policy.warning.vendor.months_before
    for month in range(_first(policy), histories.months):
        mean = histories.days[:, month - before : month].mean(axis=1)
        now = histories.days[:, month]
        rises = now * _PERMILLE >= policy.warning.vendor.least_ratio_permille * mean
        warned[:, month] = rises & (now >= policy.warning.vendor.least_counted)
    return warned


def _warned_markets(histories: Histories, policy: RiskPolicy) -> Ints:
    markets = int(histories.market[-1]) + 1
    warned = np.zeros((markets, histories.months), dtype=np.int64)
    counted, weighings = (
        np.stack([array[histories.market == market].sum(axis=0) for market in range(markets)])
        for array in (histories.days > 0, histories.weighings)
    )
    for month in range(policy.warning.market.months_before, histories.months):
        columns = range(month - policy.warning.market.months_before, month + 1)
        for market in range(markets):
            seen = [
                MonthSeen(
                    month=month_of(histories, at),
                    counted=int(counted[market, at]),
                    weighings=int(weighings[market, at]),
                )
                for at in columns
            ]
            warned[market, month] = turned_market(seen, policy.warning.market) is not None
    return warned


def _market_turns(histories: Histories) -> Ints:
    turns = np.zeros((len(histories.market_turns), histories.months), dtype=np.int64)
    for market, month in enumerate(histories.market_turns.tolist()):
        if month >= 0:
            turns[market, month] = 1
    return turns


def _near_turns(turns: Ints) -> Ints:
    """Return the months in which a warning is right: that of a turn, and those soon after."""
    near = turns.copy()
    for late in range(1, PATIENCE):
        near[:, late:] |= turns[:, :-late]
    return near


def _permille(share: float | np.floating) -> int:
    return round(float(share) * _PERMILLE)
