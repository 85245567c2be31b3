"""Run a demo for a person, or without one."""

import json
import sys
import threading
import time
from datetime import UTC, datetime

from psycopg import Connection
from rich.console import Console

from db import alerts, weighings
from db.pool import connect
from steelyard.demo.headless import run_headless
from steelyard.demo.plan import MARKET, DemoPlan
from steelyard.demo.register import DEMO_PASSWORD, PEOPLE
from steelyard.demo.stack import Stack, Tell, running_stack

_REFRESH_S = 1.0
_EVER = datetime(2000, 1, 1, tzinfo=UTC)

# Standard output is for the result alone.
_console = Console(stderr=True, highlight=False)


def run_demo(plan: DemoPlan, stop: threading.Event, *, fresh: bool, as_json: bool) -> bool:
    """Run a demo; return whether its outcome is clean (a watched one always is)."""
    tell = _teller()
    with running_stack(plan, fresh=fresh, tell=tell) as stack:
        if plan.weighings is not None:
            return _headless(stack, tell, as_json=as_json)
        _watch(stack, tell, stop)
        return True


def _teller() -> Tell:
    started = time.monotonic()

    def tell(line: str) -> None:
        _console.print(f"[dim]{time.monotonic() - started:5.1f} s[/dim]  {line}")

    return tell


def _headless(stack: Stack, tell: Tell, *, as_json: bool) -> bool:
    outcome = run_headless(stack, tell)
    if as_json:
        sys.stdout.write(json.dumps(outcome.as_json()) + "\n")
    else:
        for name, value in outcome.as_json().items():
            sys.stdout.write(f"{name:>20}  {value}\n")
    return outcome.is_clean


def _watch(stack: Stack, tell: Tell, stop: threading.Event) -> None:
    stack.start_market(tell)
    _console.print(f"\n  [bold]{stack.address}[/bold]\n")
    for username, display_name, role in PEOPLE:
        _console.print(f"  sign in as [bold]{username}[/bold] ({display_name}, {role}), password {DEMO_PASSWORD}")
    _console.print("\n  Ctrl-C stops everything; the data stays for the next run (--fresh starts over)\n")
    with connect(stack.database_url) as conn, _console.status("the market opens") as status:
        conn.autocommit = True
        while not stop.wait(_REFRESH_S):
            stack.children.require_alive()
            status.update(_line(conn))
    _console.print("  stopping")


def _line(conn: Connection) -> str:
    total = weighings.count_since(conn, MARKET, _EVER)
    return f"{total} weighings stored, {alerts.count_open(conn, MARKET)} alerts open"
