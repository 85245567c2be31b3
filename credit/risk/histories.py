"""Months of vendors that never were, to try classes and early warning on. Pure: the same seed, the same months.

Each vendor is in a hidden state (honest, careless, offender) that changes by chance from month to month; in some
markets something makes everybody worse from some month on. What is seen of it is chance, too: how much is weighed,
which days bring something that is confirmed, how grave it is, complaints, broken promises, shares near and over the
cap. Days come in bursts, wider than a Poisson series, and there is a season. All these numbers are assumptions, and no
measurements of a market: what the back-test says is how the method behaves where they hold.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from credit.risk.policy import RiskPolicy
from domain.alert import AlertKind, Severity
from domain.ids import VendorId
from domain.risk import (
    AnsweredComplaint,
    BrokenPromise,
    ComplaintWeight,
    ConfirmedAlert,
    Indicators,
    MonthSeen,
    Weighed,
    months_before,
)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

HONEST, CARELESS, OFFENDER = range(3)
#: Chances of the state of the next month, by the state of this one.
_NEXT: Final = np.array([[0.985, 0.011, 0.004], [0.05, 0.93, 0.02], [0.02, 0.08, 0.90]])
_AT_FIRST: Final = (0.80, 0.16, 0.04)
#: Days a month with something confirmed, of a vendor who weighs as much as most.
_DAYS: Final = np.array([0.04, 0.45, 3.0])
#: Chances of low, medium, high and critical.
_GRAVITY: Final = np.array([[0.7, 0.25, 0.05, 0.0], [0.5, 0.35, 0.13, 0.02], [0.25, 0.40, 0.27, 0.08]])
_COMPLAINTS: Final = np.array([0.005, 0.03, 0.12])
_BROKEN: Final = np.array([0.0, 0.008, 0.03])
_NEAR: Final = np.array([0.30, 0.40, 0.50])
#: Chances of the groups price, weight, tamper and use.
_KINDS: Final = (AlertKind.PRICE_OVER_CAP, AlertKind.TARE_ABUSE, AlertKind.CASE_OPEN, AlertKind.SCALE_SILENT)
_OF_KINDS: Final = np.array([[0.7, 0.1, 0.0, 0.2], [0.7, 0.15, 0.005, 0.145], [0.65, 0.25, 0.03, 0.07]])
_USUAL_WEIGHINGS: Final = 600
_BURSTS: Final = 2.0
_SEASON: Final = (1.3, 1.5, 1.0, 1.0, 1.2, 1.0, 1.1, 1.1, 1.0, 1.5, 1.0, 1.0)
_MARKETS_THAT_TURN: Final = 0.1
_MARKET_FACTOR: Final = 2.5
_MOST_DAYS: Final = 26
_LAST: Final = date(2026, 10, 1)
_SEVERITIES: Final = tuple(Severity)


@dataclass(frozen=True, kw_only=True, slots=True)
class Histories:
    """Vendors (rows) by months (columns). `rate`: the days to be expected, which nobody sees; `market`: whose number.

    `alerts`: by vendor, month, kind and severity. `market_turns`: the month from which on a market is worse; -1: none.
    """

    state: Ints
    rate: Floats
    market: Ints
    market_turns: Ints
    weighings: Ints
    near: Ints
    over: Ints
    days: Ints
    alerts: Ints
    complaints: Ints
    broken: Ints
    overdue_days: Ints

    @property
    def vendors(self) -> int:
        """How many vendors there are."""
        return int(self.days.shape[0])

    @property
    def months(self) -> int:
        """How many months were played."""
        return int(self.days.shape[1])


def played(*, vendors: int, months: int, seed: int, market_size: int = 100) -> Histories:
    """Play months of vendors."""
    chance = np.random.default_rng(seed)
    state = _states(chance, vendors, months)
    market = np.arange(vendors, dtype=np.int64) // market_size
    market_turns = _market_turns(chance, int(market[-1]) + 1, months)
    turned = np.arange(months)[None, :] >= np.where(market_turns < 0, months, market_turns)[market][:, None]
    size = chance.lognormal(0, 0.5, vendors)
    size[chance.random(vendors) < 0.04] *= 0.03  # noqa: PLR2004 - some hardly use their scale
    own = chance.gamma(3.0, 1 / 3.0, vendors)
    season = np.array([_SEASON[(_LAST.month - months + n) % 12] for n in range(months)])
    rate = _DAYS[state] * own[:, None] * np.where(turned, _MARKET_FACTOR, 1.0)
    weighings = chance.poisson(_USUAL_WEIGHINGS * size[:, None] * season[None, :])
    bursts = chance.gamma(_BURSTS, 1 / _BURSTS, (vendors, months))
    days = np.minimum(chance.poisson(rate * bursts * size[:, None] * season[None, :]), _MOST_DAYS)
    alerts = _alerts(chance, days, state)
    near = chance.binomial(weighings, np.clip(_NEAR[state] + chance.normal(0, 0.12, (vendors, 1)), 0.02, 0.9))
    over = np.minimum(chance.poisson(days * 2.0 + weighings * 0.0005), weighings - near)
    overdue = np.where(chance.random(vendors) < 0.04, chance.integers(1, 120, vendors), 0)  # noqa: PLR2004
    return Histories(
        state=state,
        rate=rate,
        market=market,
        market_turns=market_turns,
        weighings=weighings,
        near=near,
        over=over,
        days=days,
        alerts=alerts,
        complaints=chance.poisson(_COMPLAINTS[state]),
        broken=chance.poisson(_BROKEN[state]),
        overdue_days=np.repeat(overdue[:, None], months, axis=1),
    )


def indicators_at(histories: Histories, month: int, policy: RiskPolicy) -> list[Indicators]:
    """Return what each vendor would be classed by at the end of a month (a column), in the order of the rows."""
    first = max(0, month - policy.months + 1)
    window = slice(first, month + 1)
    statistics = slice(max(0, month - policy.prices.months + 1), month + 1)
    confirmed = _confirmed(histories, window)
    complaints, broken = histories.complaints[:, window], histories.broken[:, window]
    totals = [
        array[:, statistics].sum(axis=1).tolist() for array in (histories.weighings, histories.near, histories.over)
    ]
    silent = _silent_days(histories.weighings[:, window])
    return [
        Indicators(
            vendor_id=VendorId(f"V-{n}"),
            confirmed=tuple(confirmed[n]),
            complaints=tuple(
                AnsweredComplaint(complaint_id=n, weight=ComplaintWeight.UPHELD, age=month - first - at)
                for at in _repeated(complaints[n])
            ),
            promises=tuple(BrokenPromise(promise_id=n, age=month - first - at) for at in _repeated(broken[n])),
            weighed=Weighed(weighings=weighings, capped=weighings, near=near, over=over),
            silent_days=silent[n],
            overdue_days=int(histories.overdue_days[n, month]),
        )
        for n, (weighings, near, over) in enumerate(zip(*totals, strict=True))
    ]


def series_at(histories: Histories, month: int, before: int, rows: Ints) -> dict[VendorId, list[MonthSeen]]:
    """Return the months up to a month (a column), of some vendors, as the early warning is given them."""
    columns = range(max(0, month - before), month + 1)
    dates = [month_of(histories, column) for column in columns]
    days, weighings = (
        array[rows][:, columns.start : columns.stop].tolist() for array in (histories.days, histories.weighings)
    )
    return {
        VendorId(f"V-{n}"): [
            MonthSeen(month=at, counted=d, weighings=w) for at, d, w in zip(dates, days[i], weighings[i], strict=True)
        ]
        for i, n in enumerate(rows.tolist())
    }


def month_of(histories: Histories, column: int) -> date:
    """Return the month of a column; the last one is fixed."""
    return months_before(_LAST, histories.months - 1 - column)


def _states(chance: np.random.Generator, vendors: int, months: int) -> Ints:
    state = np.empty((vendors, months), dtype=np.int64)
    state[:, 0] = chance.choice(3, size=vendors, p=_AT_FIRST)
    limits = np.cumsum(_NEXT, axis=1)
    for month in range(1, months):
        drawn = chance.random(vendors)
        state[:, month] = (drawn[:, None] >= limits[state[:, month - 1]][:, :2]).sum(axis=1)
    return state


def _market_turns(chance: np.random.Generator, markets: int, months: int) -> Ints:
    turns = chance.integers(months // 2, months, markets)
    return np.where(chance.random(markets) < _MARKETS_THAT_TURN, turns, -1).astype(np.int64)


def _alerts(chance: np.random.Generator, days: Ints, state: Ints) -> Ints:
    by_kind = chance.multinomial(days, _OF_KINDS[state])
    return chance.multinomial(by_kind, np.broadcast_to(_GRAVITY[state][:, :, None, :], (*by_kind.shape, 4)))


def _confirmed(histories: Histories, window: slice) -> list[list[ConfirmedAlert]]:
    found: list[list[ConfirmedAlert]] = [[] for _ in range(histories.vendors)]
    alerts = histories.alerts[:, window]
    columns = alerts.shape[1]
    number = 0
    for vendor, at, kind, severity in np.argwhere(alerts).tolist():
        for _ in range(int(alerts[vendor, at, kind, severity])):
            number += 1
            one = ConfirmedAlert(
                alert_id=number, kind=_KINDS[kind], severity=_SEVERITIES[severity], age=columns - 1 - at
            )
            found[vendor].append(one)
    return found


def _repeated(counts: Ints) -> list[int]:
    return [int(at) for at in np.repeat(np.arange(len(counts)), counts)]


def _silent_days(weighings: Ints) -> list[int | None]:
    """Return days since the last weighing: whole months that had none, and a day for who weighed in the last one."""
    months = weighings.shape[1]
    last = np.where(weighings.any(axis=1), months - 1 - np.argmax(weighings[:, ::-1] > 0, axis=1), -1)
    return [None if at < 0 else 1 + 30 * (months - 1 - at) for at in last.tolist()]
