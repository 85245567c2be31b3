"""`steelyard demo`: the main job on this machine."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import RuleViolation, Unavailable

#: What a shell says of a command that Ctrl-C ended.
_ENDED_EARLY = 130


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

    Without --headless it runs until Ctrl-C. Exit status of a headless run: 0 only if nothing is missing, doubled or
    judged wrongly and every sale above its cap was found, 1 otherwise. 2: it could not run. 130: Ctrl-C or SIGTERM came
    before it was through (a watched one: before it was up); everything is ended, and there is no outcome.
    """
    from steelyard.demo.plan import DemoPlan
    from steelyard.demo.run import run_demo
    from steelyard.stopping import Stopped, stop_on_signals

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
    try:
        is_clean = run_demo(plan, stop, fresh=fresh, as_json=as_json)
    except (Stopped, Unavailable):
        # Who ends a whole group of processes ends the parts at the same moment: then they are gone, not broken.
        if not stop.is_set():
            raise
        typer.echo("steelyard: ended before the demo was through; everything is stopped, there is no outcome", err=True)
        sys.exit(_ENDED_EARLY)
    sys.exit(0 if is_clean else 1)
