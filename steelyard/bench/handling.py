"""How many steps with alerts a second, and how fast their lists answer, with a million alerts of 100 000 vendors."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg import Connection

from credit.ledger import Policies, handle_alert
from db import alert_pages, alerts, bench, deadlines, registry
from db.registry import Market
from domain.alert import AlertState
from domain.alert_step import AlertAction
from domain.ids import MarketId
from domain.price_cap import Channel
from steelyard.bench.stand import BrokerKind, empty_database, stand
from supervision.alerts.handling import Actor
from supervision.alerts.needs import Asked
from supervision.alerts.states import AWAITING, IN_PROGRESS, Authority

_MARKET: Final = MarketId("bench")
_REPEATS: Final = 40
#: What is done with each alert, one step after the other.
_LIFE: Final = (
    Asked(action=AlertAction.ACKNOWLEDGE),
    Asked(action=AlertAction.COMMENT, note="looked at the camera"),
    Asked(action=AlertAction.CONFIRM),
    Asked(action=AlertAction.ESCALATE, note="the third time this month"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class HandlingPlan:
    """What is stored, what is done, and by how many at once. A step is a transaction of its own."""

    alerts: int = 1_000_000
    vendors: int = 100_000
    steps: int = 8_000
    people: int = 4
    now: datetime = datetime(2026, 11, 22, 4, tzinfo=UTC)


def measure_handling(
    plan: HandlingPlan, policies: Policies, server: str | None, stop: threading.Event
) -> dict[str, Any]:
    """Take steps with open alerts, several people at once, and ask for lists; beside commits that change one row."""
    with (
        stand(server, BrokerKind.EMBEDDED, stop) as where,
        empty_database(where) as url,
        psycopg.connect(url, autocommit=True) as conn,
    ):
        market = Market(market_id=_MARKET, name="bench", area="bench", channel=Channel.EATERY.value)
        registry.put_market(conn, market)
        bench.fill_alerts(conn, _MARKET, alerts=plan.alerts, vendors=plan.vendors, now=plan.now)
        bench.analyze(conn)
        lists = _lists(conn, plan, policies)
        chosen = bench.open_alerts(conn, _MARKET, plan.steps // len(_LIFE))
        shares = [chosen[n :: plan.people] for n in range(plan.people)]

        def lead(share: Sequence[int]) -> None:
            _lead(url, share, policies, plan.now)

        def touch(share: Sequence[int]) -> None:
            _touch(url, share)

        bare_s = _together(touch, shares)
        seconds = _together(lead, shares)
        engine = where.engine
    steps = len(chosen) * len(_LIFE)
    return {
        "alerts": plan.alerts,
        "vendors": plan.vendors,
        "steps": steps,
        "seconds": round(seconds, 2),
        "steps_per_s": round(steps / seconds),
        "bare_commits_per_s": round(steps / bare_s),
        "of_bare": round(bare_s / seconds, 3),
        "lists_p95_ms": lists,
        "engine": engine,
    }


def _together(work: Callable[[Sequence[int]], None], shares: Sequence[Sequence[int]]) -> float:
    started = time.monotonic()
    with ThreadPoolExecutor(len(shares)) as people:
        list(people.map(work, shares))
    return time.monotonic() - started


def _lead(url: str, share: Sequence[int], policies: Policies, now: datetime) -> None:
    """Lead each alert of a share through the life above."""
    who = Actor(username="bench", authority=Authority.REGULATOR, origin="bench")
    with psycopg.connect(url) as conn:
        for alert_id in share:
            for asked in _LIFE:
                handle_alert(conn, alert_id, asked, by=who, now=now, policies=policies)
                conn.commit()


def _touch(url: str, share: Sequence[int]) -> None:
    """The reference: as many commits, each of which does nothing but change the alert."""
    with psycopg.connect(url) as conn:
        for alert_id in share:
            alert = alerts.by_id(conn, alert_id)
            for _ in _LIFE:
                if alert is not None:
                    alerts.store(conn, alert)
                conn.commit()


def _lists(conn: Connection, plan: HandlingPlan, policies: Policies) -> dict[str, float]:
    span = (plan.now - timedelta(days=30), plan.now)
    asked: dict[str, Callable[[], object]] = {
        "to do, worst first": lambda: alert_pages.worst(
            conn, _MARKET, AWAITING, gravest=policies.rules.gravest, limit=50, offset=0
        ),
        "in progress": lambda: alert_pages.newest(conn, _MARKET, IN_PROGRESS, limit=50, offset=0),
        "all, newest": lambda: alert_pages.newest(conn, None, list(AlertState), limit=50, offset=0),
        "mine": lambda: alert_pages.assigned(conn, None, "bench", IN_PROGRESS, limit=50, offset=0),
        "overdue": lambda: alert_pages.overdue(conn, _MARKET, limit=50, offset=0),
        "counts": lambda: alert_pages.counts_up_to(conn, _MARKET, 1000),
        "of a vendor": lambda: alerts.visible(conn, _MARKET, list(AlertState), vendor_id=bench.A_VENDOR, limit=50),
        "to look at": lambda: deadlines.to_look_at(conn, plan.now, 500),
        "how they are handled": lambda: deadlines.handled_by_person(conn, None, *span),
    }
    return {name: _p95_ms(ask) for name, ask in asked.items()}


def _p95_ms(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(_REPEATS):
        started = time.monotonic()
        ask()
        times.append(time.monotonic() - started)
    return round(sorted(times)[int(_REPEATS * 0.95)] * 1000, 1)
