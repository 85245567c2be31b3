"""`steelyard simulate`: scales and markets that do not exist."""

import json
import tempfile
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
    directory: Annotated[
        Path | None,
        typer.Option(help="Where the scales' lines (SC-001.tty …) appear; else a new folder."),
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(help="File for the record of what was sold; else truth.jsonl beside the lines."),
    ] = None,
    agents: Annotated[
        int, typer.Option(min=0, help="Edge agents to run on the lines; they publish to STEELYARD_MQTT_HOST.")
    ] = 0,
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
    from steelyard.demo.gateways import running_agents
    from steelyard.stopping import stop_on_signals

    if shortest_pause > longest_pause:
        raise RuleViolation(f"--shortest-pause is {shortest_pause}; expected at most --longest-pause, {longest_pause}")
    folder = Path(tempfile.mkdtemp(prefix="steelyard-market-")) if directory is None else directory.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    plan = MarketPlan(
        directory=folder,
        goods=goods or data_directory() / "goods.csv",
        cap_list=caps or data_directory() / "cap_list_sanya_2013-08-26.csv",
        truth=truth.absolute() if truth else folder / "truth.jsonl",
        stalls=stalls,
        weighings=weighings,
        seed=seed,
        frame_interval_s=frame_interval,
        pause_s=(shortest_pause, longest_pause),
    )
    stop = stop_on_signals()
    with running_agents(plan, agents) as wait_until_sent:
        summary = simulated_market.run(plan, stop)
        wait_until_sent(stop)
    typer.echo(json.dumps(asdict(summary)))


@app.command("register")
def register(
    stalls: Annotated[int, typer.Option(min=1, help="Stalls in the market, as `simulate market` has them.")] = 40,
    seed: Annotated[int, typer.Option(help="The seed that `simulate market` has: it decides the vendors' names.")] = 1,
) -> None:
    """Put the simulated market into the database: stalls, vendors, scales, the list of caps, and people to sign in."""
    import secrets
    from datetime import UTC, datetime

    from db.pool import connect
    from steelyard.demo.register import register_market
    from steelyard.settings import read_settings

    plan = MarketPlan(
        directory=Path(),
        goods=data_directory() / "goods.csv",
        cap_list=data_directory() / "cap_list_sanya_2013-08-26.csv",
        truth=Path(),
        stalls=stalls,
        seed=seed,
    )
    password = secrets.token_urlsafe(12)
    with connect(read_settings().database_url_with_password) as conn:
        people = register_market(conn, plan, datetime.now(UTC), password=password)
    typer.echo(f"{stalls} stalls are registered in market {plan.market_id}")
    if people:
        typer.echo(f"sign in as {', '.join(people)} with the password {password}")
