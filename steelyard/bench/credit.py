"""How fast everybody's score is reckoned from nothing, and one vendor's with every point explained."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import psycopg

from credit.report import credit_report
from credit.rules.shape import CreditRules
from credit.rules.versions import Rulebook
from credit.standings import begun_by, scores
from db import bench, bench_credit, credit_ledgers
from db.bench_credit import LedgersSize
from steelyard.bench.report import machine
from steelyard.bench.rotation import measure_rotation
from steelyard.bench.stand import BrokerKind, empty_database, stand
from steelyard.stopping import wait_or_stop

_MS: Final = 1000
_ASKED: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditPlan:
    """What is stored. `lines`: of the ledgers, of a year; a few vendors have hundreds, most have none or a few."""

    vendors: int = 100_000
    lines: int = 1_000_000
    markets: int = 40
    stalls: int = 3_000


def measure_credit(plan: CreditPlan, rules: CreditRules, server: str | None, stop: threading.Event) -> dict[str, Any]:
    """Reckon every score from nothing, beside only reading the ledgers; and ask for single reports."""
    size = LedgersSize(vendors=plan.vendors, lines=plan.lines, markets=plan.markets, now=datetime.now(UTC))
    with (
        stand(server, BrokerKind.EMBEDDED, stop) as where,
        empty_database(where) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        filled_s = _seconds(lambda: bench_credit.fill(conn, size))
        bench.settle(conn)
        wait_or_stop(stop, 0)
        read_s = min(_seconds(lambda: _read(conn, rules, size.now)) for _ in range(2))
        wait_or_stop(stop, 0)
        recompute_s = min(_seconds(lambda: _recompute(conn, rules, size.now)) for _ in range(2))
        times = sorted(_reports_ms(conn, rules, size))
        wait_or_stop(stop, 0)
        rotation = measure_rotation(plan.stalls)
        return {
            "vendors": plan.vendors,
            "lines": plan.lines,
            "filled_seconds": round(filled_s, 1),
            "read_seconds": round(read_s, 2),
            "recompute_seconds": round(recompute_s, 2),
            "recompute_of_reading": round(recompute_s / read_s, 2),
            "vendor_ms": round(times[len(times) // 2], 2),
            "vendor_p95_ms": round(times[int(len(times) * 0.95)], 2),
            "rotation_seconds": round(rotation.seconds, 2),
            "rotation": rotation.as_object(),
            "machine": machine(where),
        }


def _seconds(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _read(conn: psycopg.Connection, rules: CreditRules, now: datetime) -> int:
    return sum(len(ledger) for *_, ledger in credit_ledgers.whole(conn, None, begun_by(rules, now)))


def _recompute(conn: psycopg.Connection, rules: CreditRules, now: datetime) -> int:
    return sum(score.score for *_, score in scores(conn, None, rules=rules, now=now))


def _reports_ms(conn: psycopg.Connection, rules: CreditRules, size: LedgersSize) -> list[float]:
    book = Rulebook((rules,))
    times = []
    for market_id, vendor_id in bench_credit.some_vendors(conn, _ASKED):
        started = time.monotonic()
        credit_report(conn, market_id, vendor_id, book=book, now=size.now)
        times.append((time.monotonic() - started) * _MS)
    return times
