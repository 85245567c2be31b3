"""How fast the offices' pages answer after years of work: approvals, promises, cases, publicity, exports, visits."""

import http.client
import os
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from credit.portrait.making import make_portraits
from credit.portrait.policy import PortraitPolicy
from credit.portrait.reading import last_day_over
from db import accounts, bench, bench_offices, inspectors, items, registry
from db.bench_offices import OfficesSize, VisitsOf
from db.inspection_plans import NewPlan
from db.pool import connect
from steelyard.bench.office_pages import MANAGER, REGULATOR, Asked, asked
from steelyard.bench.report import machine
from steelyard.bench.stand import BrokerKind, Stand, fresh_database, stand, steelyard
from steelyard.embedded.broker import HOST, free_port, wait_for_port
from steelyard.embedded.children import Children
from steelyard.settings import PREFIX
from steelyard.stopping import wait_or_stop
from supervision.inspections import planning
from supervision.inspections.policy import InspectionPolicy
from web.sessions import open_session

_SESSION_HOURS: Final = 4
_MOST_VISITS: Final = 1000
_TIMEOUT_S: Final = 120.0
_MS: Final = 1000
#: A page that takes long is asked for less often: what it costs is plain.
_LONGEST_S: Final = 5.0
_FEWEST: Final = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficesPlan:
    """What is stored, and how often each page is asked for."""

    alerts: int = 1_000_000
    vendors: int = 100_000
    markets: int = 40
    repeats: int = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficesPolicies:
    """What visits and portraits are made by."""

    inspections: InspectionPolicy
    portraits: PortraitPolicy


def measure_offices(
    plan: OfficesPlan, policies: OfficesPolicies, server: str | None, stop: threading.Event
) -> dict[str, Any]:
    """Ask a web server for every list of the offices, one after the other; the page without rows is the reference."""
    size = OfficesSize(alerts=plan.alerts, vendors=plan.vendors, markets=plan.markets, now=datetime.now(UTC))
    with stand(server, BrokerKind.EMBEDDED, stop) as at, fresh_database(at, 1) as url:
        started = time.monotonic()
        with connect(url) as conn:
            _keep_offices(conn, size, policies.inspections)
            _make_portraits(conn, size, policies.portraits)
        filled_s = time.monotonic() - started
        with connect(url) as conn:
            drawn = _draw(conn, size)
            tokens = {name: _token(conn, name) for name in (MANAGER, REGULATOR)}
            conn.commit()
            conn.autocommit = True
            bench.settle(conn)
        found = _asked_for(at, url, asked(size, drawn), tokens, plan.repeats)
        return {
            "alerts": plan.alerts,
            "vendors": plan.vendors,
            "markets": plan.markets,
            "filled_s": round(filled_s, 1),
            "pages_ms": found,
            "machine": machine(at),
        }


def _keep_offices(conn: Connection, size: OfficesSize, policy: InspectionPolicy) -> None:
    with conn.transaction():
        bench_offices.fill(conn, size)
        accounts.put_user(
            conn,
            username=MANAGER,
            display_name=MANAGER,
            password_hash="",
            role="manager",
            market_id=bench_offices.a_vendor(size)[0],
        )
        _plan(conn, size, policy)


def _make_portraits(conn: Connection, size: OfficesSize, policy: PortraitPolicy) -> None:
    bench_offices.fill_vendor_days(conn, size, policy.prices.near_cap_permille)
    market_id = bench_offices.a_vendor(size)[0]
    market = next(one for one in registry.markets(conn) if one.market_id == market_id)
    make_portraits(conn, market, last_day_over(size.now, market.timezone, 0), policy, size.now)


def _plan(conn: Connection, size: OfficesSize, policy: InspectionPolicy) -> None:
    """Freeze a plan of which every vendor is a subject, made two days ago; and visits that were planned like it."""
    catalogue = items.in_force(conn)
    if catalogue is None:
        raise LookupError("no catalogue of supervision items is in force")
    item = items.items_of(conn, catalogue.catalogue_id)[0]
    before = size.now - timedelta(days=2)
    for n, name in enumerate(bench_offices.add_people(conn)):
        inspectors.add(
            conn,
            name,
            badge_no=f"B-{n}",
            department=item.department,
            qualifications=[item.qualification],
            by="admin",
            at=before,
        )
    made = NewPlan(
        title="双随机",
        department=item.department,
        items=(item.code,),
        market_ids=tuple(bench_offices.market_ids(size)),
        first_day=size.now.date(),
        last_day=size.now.date() + timedelta(days=30),
        visits=min(_MOST_VISITS, size.vendors // 10),
        most=_MOST_VISITS,
    )
    plan_id = planning.plan(conn, made, by=REGULATOR, at=before)
    planning.freeze(
        conn,
        plan_id,
        public_source="the lottery",
        public_from=before + timedelta(days=1),
        policy=policy,
        by=REGULATOR,
        at=before,
    )
    whole = VisitsOf(plan_id=plan_id, catalogue_id=catalogue.catalogue_id, department=item.department, item=item.code)
    bench_offices.fill_visits(conn, size, whole)


def _draw(conn: Connection, size: OfficesSize) -> int:
    plan_id = bench_offices.frozen_plan(conn)
    planning.draw(conn, plan_id, "07 12 23", by=REGULATOR, at=size.now)
    return plan_id


def _token(conn: Connection, username: str) -> str:
    user = accounts.user_by_name(conn, username)
    if user is None:
        raise LookupError(f"{username} was not registered")
    return open_session(conn, user.user_id, now=datetime.now(UTC), hours=_SESSION_HOURS).token


def _asked_for(
    at: Stand, url: str, pages: Mapping[str, Asked], tokens: Mapping[str, str], repeats: int
) -> dict[str, dict[str, float]]:
    port = free_port()
    settings = {"DATABASE_URL": url, "WEB_HOST": HOST, "WEB_PORT": str(port), "SECURE_COOKIES": "false"}
    mine = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    children = Children(at.folder / "logs", mine | {f"{PREFIX}{name}": value for name, value in settings.items()})
    with ExitStack() as stack:
        stack.callback(children.end_all)
        children.start("web", *steelyard("web"))
        wait_for_port(children, HOST, port, at.stop)
        asking = http.client.HTTPConnection(HOST, port, timeout=_TIMEOUT_S)
        stack.callback(asking.close)
        found = {}
        for name, one in pages.items():
            wait_or_stop(at.stop, 0)
            found[name] = _times_ms(asking, one, tokens[one.user], repeats)
        return found


def _times_ms(asking: http.client.HTTPConnection, one: Asked, token: str, repeats: int) -> dict[str, float]:
    """Ask once more than is told: the first answer fills caches and plans statements."""
    times, size = list[float](), 0
    while len(times) <= repeats and (len(times) < _FEWEST or sum(times) < _LONGEST_S * _MS):
        started = time.monotonic()
        size = len(_get(asking, one.path, token))
        times.append((time.monotonic() - started) * _MS)
    told = sorted(times[1:])
    return {
        "p50": round(told[len(told) // 2], 1),
        "p95": round(told[min(len(told) - 1, int(len(told) * 0.95))], 1),
        "kib": round(size / 1024, 1),
    }


def _get(asking: http.client.HTTPConnection, path: str, token: str) -> bytes:
    asking.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = asking.getresponse()
    content = answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise http.client.HTTPException(f"GET {path} gave {answer.status}: {content[:200]!r}")
    return content
