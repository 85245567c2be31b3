"""`steelyard simulate`: scales and markets that do not exist."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import RuleViolation
from simulators.plan import SHORTEST_FRAME_INTERVAL_S, MarketPlan
from steelyard.resources import data_directory

app = typer.Typer(help="Scales and markets that do not exist.", no_args_is_help=True)


@app.callback()
def simulate() -> None:
    """Scales and markets that do not exist."""


@app.command("market")
def market(
    directory: Annotated[Path, typer.Option(help="Where the scales' lines appear (SC-001.tty, SC-001.keypad.tty).")],
    truth: Annotated[Path, typer.Option(help="File for the record of what was sold, a JSON line a sale.")],
    stalls: Annotated[int, typer.Option(min=1, help="Stalls in the market.")] = 40,
    weighings: Annotated[int | None, typer.Option(min=1, help="Sales in all; left out: until stopped.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same sales.")] = 1,
    frame_interval: Annotated[
        float, typer.Option(min=SHORTEST_FRAME_INTERVAL_S, help="Seconds between two frames of a scale.")
    ] = 0.1,
    shortest_pause: Annotated[float, typer.Option(min=0, help="Seconds between two sales of a stall, at least.")] = 1.0,
    longest_pause: Annotated[float, typer.Option(min=0, help="Seconds between two sales of a stall, at most.")] = 6.0,
    caps: Annotated[Path | None, typer.Option(help="Cap list (CSV) the vendors know; else the shipped one.")] = None,
    goods: Annotated[Path | None, typer.Option(help="Goods keys (CSV) of the scales; else the shipped ones.")] = None,
) -> None:
    """Run a market whose scales speak a real serial protocol on pseudo-terminals."""
    from simulators import market as simulated_market
    from steelyard.stopping import stop_on_signals

    if shortest_pause > longest_pause:
        raise RuleViolation(f"--shortest-pause is {shortest_pause}; expected at most --longest-pause, {longest_pause}")
    plan = MarketPlan(
        directory=directory.absolute(),
        goods=goods or data_directory() / "goods.csv",
        cap_list=caps or data_directory() / "cap_list_sanya_2013-08-26.csv",
        truth=truth.absolute(),
        stalls=stalls,
        weighings=weighings,
        seed=seed,
        frame_interval_s=frame_interval,
        pause_s=(shortest_pause, longest_pause),
    )
    summary = simulated_market.run(plan, stop_on_signals())
    typer.echo(json.dumps(asdict(summary)))
