"""`steelyard demo`: the main job on this machine."""

import json
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from psycopg import Connection
from rich.console import Console

from db import alerts
from db import weighings as stored_weighings
from db.pool import connect
from domain.errors import RuleViolation
from steelyard.demo.headless import run_headless
from steelyard.demo.plan import MARKET, DemoPlan
from steelyard.demo.register import DEMO_PASSWORD, PEOPLE
from steelyard.demo.stack import Stack, Tell, running_stack
from steelyard.stopping import stop_on_signals

_REFRESH_S = 1.0
_EVER = datetime(2000, 1, 1, tzinfo=UTC)

# Standard output is for the result alone.
_console = Console(stderr=True, highlight=False)


def demo(
    fresh: Annotated[bool, typer.Option("--fresh", help="Delete what earlier runs kept, and start over.")] = False,
    headless: Annotated[bool, typer.Option("--headless", help="Run --weighings weighings, check, and end.")] = False,
    weighings: Annotated[int, typer.Option(min=1, help="How many weighings a headless run makes.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same market.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as one JSON object.")] = False,
    truth: Annotated[Path | None, typer.Option(help="File for the simulator's own record of what it sold.")] = None,
    stalls: Annotated[int, typer.Option(min=1, max=128, help="Stalls in the market.")] = 40,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; another free one if taken.")] = 8000,
    state: Annotated[Path, typer.Option(help="Folder that keeps the data between runs.")] = Path("var/demo"),
) -> None:
    """Run a simulated market: scales, edge agents, broker, ingest, database, web.

    Without --headless it runs until Ctrl-C. Exit status of a headless run: 0 only if nothing is missing or doubled and
    every sale above its cap was found.
    """
    if as_json and not headless:
        raise RuleViolation("--json goes with --headless")
    plan = DemoPlan(
        state=state.absolute(),
        stalls=stalls,
        seed=seed,
        weighings=weighings if headless else None,
        web_port=port,
        truth=None if truth is None else truth.absolute(),
    )
    stop = stop_on_signals()
    with running_stack(plan, fresh=fresh, tell=_teller()) as stack:
        if headless:
            is_clean = _headless(stack, as_json=as_json)
        else:
            _watch(stack, stop)
            is_clean = True
    sys.exit(0 if is_clean else 1)


def _teller() -> Tell:
    started = time.monotonic()

    def tell(line: str) -> None:
        _console.print(f"[dim]{time.monotonic() - started:5.1f} s[/dim]  {line}")

    return tell


def _headless(stack: Stack, *, as_json: bool) -> bool:
    outcome = run_headless(stack, _teller())
    if as_json:
        print(json.dumps(outcome.as_json()))  # noqa: T201 - the result, on standard output
    else:
        for name, value in outcome.as_json().items():
            print(f"{name:>20}  {value}")  # noqa: T201 - the result, on standard output
    return outcome.is_clean


def _watch(stack: Stack, stop: threading.Event) -> None:
    stack.start_market(_teller())
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
    total = stored_weighings.count_since(conn, MARKET, _EVER)
    return f"{total} weighings stored, {alerts.count_open(conn, MARKET)} alerts open"
