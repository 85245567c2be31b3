"""How long from a weighing to its commit, and to the manager's page, while a fleet weighs at a steady rate."""

import bisect
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from db import accounts, bench
from db.pool import connect
from domain.errors import RuleViolation, Unavailable
from steelyard.bench.ingesting import wait_until_subscribed
from steelyard.bench.page_watch import Fetched, PageWatch
from steelyard.bench.report import machine, versions
from steelyard.bench.stand import BrokerKind, Stand, fresh_broker, fresh_database, stand, steelyard
from steelyard.demo.latency import percentile
from steelyard.demo.register import PEOPLE
from steelyard.embedded.broker import HOST, free_port, wait_for_port
from steelyard.embedded.children import Child, Children
from steelyard.stopping import wait_or_stop
from web.sessions import open_session

_SESSION_HOURS: Final = 4
_SETTLE_S: Final = 5.0
_LOOK_EVERY_S: Final = 0.1
_US_IN_A_MS: Final = 1000

Moments = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, kw_only=True, slots=True)
class LatencyPlan:
    """`rate` weighings a second for `seconds`, by `scales` in turn, one a message."""

    rate: float
    seconds: float
    scales: int


def measure_latency(
    plan: LatencyPlan, server_url: str | None, broker: BrokerKind, stop: threading.Event
) -> dict[str, Any]:
    """Run a fleet against a fresh stack, and return the latencies with their percentiles.

    Raise Unavailable where a part ends by itself, RuleViolation where the server keeps no commit times.
    """
    with stand(server_url, broker, stop) as at, fresh_database(at, plan.scales) as url:
        with connect(url) as conn:
            if not bench.keeps_commit_times(conn):
                raise RuleViolation("the server keeps no commit times: set track_commit_timestamp = on and restart it")
            user = accounts.user_by_name(conn, PEOPLE[0][0])
            if user is None:
                raise LookupError(f"{PEOPLE[0][0]} was not registered")
            token = open_session(conn, user.user_id, now=datetime.now(UTC), hours=_SESSION_HOURS).token
        page = _run(at, plan, url, token)
        with connect(url) as conn:
            commits, alerts = bench.commits(conn), bench.alert_commits(conn)
        shown = [(weighed_at, there) for weighed_at, there in shown_at(alerts, page.fetched) if there is not None]
        return {
            "rate": plan.rate,
            "weighed_to_committed_ms": summary_of(commits),
            "weighed_to_page_ms": summary_of(shown),
            "not_shown": len(alerts) - len(shown),
            "machine": machine(at),
            "versions": versions(),
        }


def shown_at(alerts: Moments, fetched: Sequence[Fetched]) -> list[tuple[datetime, datetime | None]]:
    """Return when each alert was there to be seen: with the first list that was asked for after its commit. Pure."""
    asked = [one.asked_at for one in fetched]
    places = [(weighed_at, bisect.bisect_left(asked, committed_at)) for weighed_at, committed_at in alerts]
    return [(weighed_at, fetched[place].there_at if place < len(fetched) else None) for weighed_at, place in places]


def _run(at: Stand, plan: LatencyPlan, url: str, token: str) -> PageWatch:
    web_port = free_port()
    settings = {"WEB_HOST": HOST, "WEB_PORT": str(web_port), "SECURE_COOKIES": "false"}
    with fresh_broker(at, url, settings) as (children, _):
        wait_until_subscribed(at, children.start("ingest", *steelyard("ingest")))
        children.start("web", *steelyard("web"))
        wait_for_port(children, HOST, web_port, at.stop)
        page = PageWatch(HOST, web_port, token)
        page.start()
        _wait_for_end(
            at, children, children.start("fleet", *fleet_command(plan.scales, plan.rate, plan.seconds, at.folder))
        )
        page.wait_for(datetime.now(UTC), _SETTLE_S)
        page.stop()
        if page.failure is not None:
            raise Unavailable(f"the page was lost: {page.failure}")
        return page


def fleet_command(scales: int, rate: float, seconds: float, folder: Path) -> tuple[str, ...]:
    """Return the words that start a fleet against the broker of their environment."""
    options = {
        "--scales": scales,
        "--rate": rate,
        "--seconds": seconds,
        "--connections": min(scales, 20),
        "--truth": folder / "fleet.jsonl",
    }
    return steelyard("simulate", "fleet", *(str(word) for option in options.items() for word in option))


def _wait_for_end(at: Stand, children: Children, fleet: Child) -> None:
    while (status := fleet.process.poll()) is None:
        children.require_alive()
        wait_or_stop(at.stop, _LOOK_EVERY_S)
    if status != 0:
        raise Unavailable(f"the fleet ended with status {status}:\n{fleet.tail()}")
    children.end(fleet)


def summary_of(moments: Moments) -> dict[str, Any]:
    """Return p50, p99 and max of some spans of time, in milliseconds, and how many there are."""
    us = [round((end - begin).total_seconds() * 1_000_000) for begin, end in moments]
    found = {name: percentile(us, percent) for name, percent in (("p50", 50), ("p99", 99), ("max", 100))}
    return {name: None if value is None else value / _US_IN_A_MS for name, value in found.items()} | {"count": len(us)}
