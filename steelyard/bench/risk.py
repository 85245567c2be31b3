"""How long it takes to compute the risk classes of a market's month, and to ask for their page."""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from credit.risk.computing import RiskPolicies, compute, window_of
from db import bench, bench_risk, risk_classes, risk_counts
from db.bench_risk import RiskSize
from db.pool import connect
from domain.ids import MarketId
from domain.risk import months_before
from steelyard.bench.report import machine
from steelyard.bench.stand import BrokerKind, empty_database, stand

_MARKET: Final = MarketId("bench")
_MONTH: Final = date(2026, 10, 1)
_NOW: Final = datetime(2026, 11, 3, tzinfo=UTC)
#: The month's weighings are of so many days.
_DAYS: Final = 30
_PAGE: Final = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class RiskPlan:
    """What is stored. Each vendor weighs `a_day` times on each day of the month."""

    vendors: int = 100_000
    alerts: int = 1_000_000
    a_day: int = 1


def measure_risk(plan: RiskPlan, policies: RiskPolicies, server: str | None, stop: threading.Event) -> dict[str, Any]:
    """Compute a month of one market as the clerk does: its weighings counted, then every vendor classed.

    `of_these_deciding_s`: what this process worked of it; the rest is the database's.
    """
    with stand(server, BrokerKind.EMBEDDED, stop) as at, empty_database(at) as url, connect(url) as conn:
        _keep(conn, plan)
        counted_s = _count(conn, policies)
        started, on_this_core = time.monotonic(), time.process_time()
        run = compute(conn, _MARKET, _MONTH, policies=policies, now=_NOW)
        conn.commit()
        seconds, on_this_core = time.monotonic() - started, time.process_time() - on_this_core
        if run is None:
            raise LookupError("the month was computed before")
        bench.analyze(conn)
        return {
            "vendors": len(run.classes),
            "alerts": plan.alerts,
            "weighings": plan.vendors * plan.a_day * _DAYS,
            "warnings": len(run.turns),
            "counted_s": counted_s,
            "classed_s": round(seconds, 2),
            "of_these_deciding_s": round(on_this_core, 2),
            "first_page_ms": _page_ms(conn),
            "machine": machine(at),
        }


def _keep(conn: Connection, plan: RiskPlan) -> None:
    size = RiskSize(market_id=_MARKET, month=_MONTH, vendors=plan.vendors, alerts=plan.alerts)
    bench_risk.fill(conn, size)
    bench.fill_weighings(
        conn,
        _MARKET,
        first_day=datetime.combine(_MONTH, datetime.min.time(), UTC) - timedelta(hours=2),
        days=_DAYS,
        a_day=plan.vendors * plan.a_day,
        scales=plan.vendors,
    )
    conn.commit()
    bench.analyze(conn)
    conn.commit()


def _count(conn: Connection, policies: RiskPolicies) -> float:
    """Count the month's weighings, which computing does first where it was not done; return the seconds it takes."""
    window = window_of(conn, _MARKET, _MONTH, policy=policies.risk, now=_NOW)
    started = time.monotonic()
    risk_counts.count_weighings(conn, window, since=_MONTH, near_permille=policies.risk.prices.near_permille)
    conn.commit()
    bench.analyze(conn)
    conn.commit()
    return round(time.monotonic() - started, 2)


def _page_ms(conn: Connection) -> float:
    """Return the median of what the list's first page and a later one take in the database."""
    taken = []
    for_month, after = months_before(_MONTH, -1), risk_classes.START
    for _ in range(21):
        started = time.monotonic()
        found = risk_classes.listed(conn, _MARKET, for_month, risk_class=None, after=after, limit=_PAGE)
        taken.append((time.monotonic() - started) * 1000)
        after = found[-1].cursor if found else risk_classes.START
    return round(sorted(taken)[len(taken) // 2], 2)
