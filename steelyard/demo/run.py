"""Run a demo for a person, or without one."""

import json
import math
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from psycopg import Connection
from rich.console import Console
from rich.markup import escape

from db import alerts, weighings
from db.pool import connect
from steelyard.demo.headless import run_headless
from steelyard.demo.plan import MARKET, DemoPlan
from steelyard.demo.register import DEMO_PASSWORD, PEOPLE
from steelyard.demo.stack import Stack, Tell, running_stack
from steelyard.settings import PREFIX

_REFRESH_S = 1.0
_SAY_EVERY_S = 10.0
_EVER = datetime(2000, 1, 1, tzinfo=UTC)

# Standard output is for the result alone.
_console = Console(stderr=True, highlight=False, soft_wrap=True)


def run_demo(plan: DemoPlan, stop: threading.Event, *, fresh: bool, as_json: bool) -> bool:
    """Run a demo; return whether its outcome is clean (a watched one always is).

    Raise Stopped when `stop` is set before a watched demo is up, or before a headless one is through.
    """
    tell = _teller()
    with running_stack(plan, fresh=fresh, tell=tell, stop=stop) as stack:
        if plan.weighings is not None:
            return _headless(stack, tell, as_json=as_json)
        _watch(stack, tell, stop)
        return True


def _teller() -> Tell:
    started = time.monotonic()

    def tell(line: str) -> None:
        _console.print(f"[dim]{time.monotonic() - started:5.1f} s[/dim]  {escape(line)}")

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
    _console.print(f"\n  market console    [bold]{stack.address}[/bold]")
    _console.print(f"  customer display  [bold]{stack.customer_display}[/bold]\n")
    for username, display_name, role in PEOPLE:
        _console.print(f"  sign in as [bold]{username}[/bold] ({display_name}, {role}), password {DEMO_PASSWORD}")
    _console.print(f"\n  steelyard commands reach it with {PREFIX}DATABASE_URL='{stack.database_url}'")
    _console.print("  Ctrl-C stops everything; the data stays for the next run (--fresh starts over)\n")
    with connect(stack.database_url) as conn, _status_line(tell) as show:
        conn.autocommit = True
        while not stop.wait(_REFRESH_S):
            stack.children.require_alive()
            show(_line(conn))
    _console.print("  stopping")


@contextmanager
def _status_line(tell: Tell) -> Iterator[Callable[[str], None]]:
    """Yield what shows the newest line: in place on a terminal; in a file or a pipe now and then, when it is news."""
    if sys.stderr.isatty() and not _console.is_dumb_terminal:
        with _console.status("the market opens") as status:
            yield status.update
        return
    said, said_at = "", -math.inf

    def say(line: str) -> None:
        nonlocal said, said_at
        if line != said and time.monotonic() - said_at >= _SAY_EVERY_S:
            said, said_at = line, time.monotonic()
            tell(line)

    yield say


def _line(conn: Connection) -> str:
    total = weighings.count_since(conn, MARKET, _EVER)
    return f"{total} weighings stored, {alerts.count_open(conn, MARKET)} alerts open"
