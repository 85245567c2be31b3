"""A run without a person: so many weighings, then everything is held against the truth."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from db import alerts, quarantine, weighings
from db.pool import connect
from domain.errors import Unavailable
from simulators.market.truth import read_truth
from steelyard.demo.checking import Check, check
from steelyard.demo.gateways import recorded, unreceipted
from steelyard.demo.latency import AlertWatch, percentile
from steelyard.demo.plan import MARKET
from steelyard.demo.stack import Stack, Tell
from steelyard.embedded.children import Child
from steelyard.stopping import wait_or_stop

_ARRIVAL_WAIT_S = 120.0
_POLL_S = 0.1
_TELL_EVERY_S = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a headless run came to; `as_json` is the object it prints."""

    check: Check
    published: int
    unreceipted: int
    quarantined: int
    alerted: int
    alerts_open: int
    latencies_ms: list[int]
    watch_failure: str | None
    elapsed_s: float

    @property
    def is_clean(self) -> bool:
        """Whether nothing is missing or doubled, and found equals expected."""
        faults = self.quarantined + self.unreceipted
        is_all_alerted = self.alerted == self.check.over_cap_expected
        is_watched = self.watch_failure is None
        is_all_published = self.published == self.check.sold
        return self.check.is_clean and faults == 0 and is_all_alerted and is_all_published and is_watched

    def as_json(self) -> dict[str, object]:
        """Return the outcome with the names the headless demo promises, and what helps when it is not clean."""
        return {
            "published": self.published,
            "stored": self.check.stored,
            "duplicates": self.check.doubled,
            "quarantined": self.quarantined,
            "over_cap_expected": self.check.over_cap_expected,
            "over_cap_found": self.check.over_cap_found,
            "alerts_open": self.alerts_open,
            "latency_ms": {"p50": percentile(self.latencies_ms, 50), "p99": percentile(self.latencies_ms, 99)},
            "sold": self.check.sold,
            "missing": self.check.missing,
            "judged_wrongly": self.check.judged_wrongly,
            "scales_out_of_order": self.check.out_of_order,
            "over_cap_alerted": self.alerted,
            "unreceipted": self.unreceipted,
            "watch_failure": self.watch_failure,
            "elapsed_s": round(self.elapsed_s, 1),
            "ok": self.is_clean,
        }


def run_headless(stack: Stack, tell: Tell) -> Outcome:
    """Run the market to its end, wait until everything has arrived, and compare.

    Raise Unavailable when a part dies, Stopped when the stack is asked to end first.
    """
    started, started_at = time.monotonic(), datetime.now(UTC)
    before = recorded(_agents(stack))
    with connect(stack.database_url) as conn:
        first_occurrence = alerts.last_occurrence(conn)
    with AlertWatch(stack.database_url, MARKET).running() as watch:
        market = stack.start_market(tell)
        _wait_for_market(stack, market, started_at, tell)
        unreceipted = _wait_for_arrival(stack, started_at, tell)
    with connect(stack.database_url) as conn:
        return Outcome(
            check=check(read_truth(stack.plan.market.truth), weighings.sales_since(conn, MARKET, started_at)),
            published=recorded(_agents(stack)) - before,
            unreceipted=unreceipted,
            quarantined=quarantine.count_since(conn, started_at),
            alerted=len(alerts.occurrences_after(conn, MARKET, first_occurrence)),
            alerts_open=alerts.count_open(conn, MARKET),
            latencies_ms=watch.latencies_ms,
            watch_failure=watch.failure,
            elapsed_s=time.monotonic() - started,
        )


def _wait_for_market(stack: Stack, market: Child, since: datetime, tell: Tell) -> None:
    told_at = time.monotonic()
    while market.process.poll() is None:
        stack.children.require_alive()
        if time.monotonic() - told_at >= _TELL_EVERY_S:
            told_at = time.monotonic()
            tell(f"{_stored(stack, since)} of {stack.plan.weighings} weighings stored")
        wait_or_stop(stack.stop, _POLL_S)
    if market.process.returncode != 0:
        raise Unavailable(f"the simulated market ended with status {market.process.returncode}:\n{market.tail()}")
    stack.children.end(market)


def _wait_for_arrival(stack: Stack, since: datetime, tell: Tell) -> int:
    """Wait until every outbox has its receipts; return how many weighings still lack theirs."""
    deadline = time.monotonic() + _ARRIVAL_WAIT_S
    while (waiting := unreceipted(_agents(stack))) and time.monotonic() < deadline:
        stack.children.require_alive()
        wait_or_stop(stack.stop, _POLL_S)
    tell(f"{_stored(stack, since)} weighings stored, {waiting} without a receipt")
    return waiting


def _stored(stack: Stack, since: datetime) -> int:
    with connect(stack.database_url) as conn:
        return weighings.count_since(conn, MARKET, since)


def _agents(stack: Stack) -> list[Path]:
    return sorted(stack.agents.glob("agent-*.toml"))
