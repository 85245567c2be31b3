"""`steelyard edge`: the agent beside the scales."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The agent beside the scales.", no_args_is_help=True)


@app.callback()
def edge() -> None:
    """The agent beside the scales."""


@app.command("run")
def run(config: Annotated[Path, typer.Argument(help="The agent's TOML file.")]) -> None:
    """Read the scales of a configuration and publish every weighing until stopped."""
    from edge_agent.config import load_config
    from edge_agent.running import run as run_agent
    from steelyard.logs import configure_logs
    from steelyard.stopping import stop_on_signals

    configure_logs()
    run_agent(load_config(config), stop_on_signals())


@app.command("check")
def check(config: Annotated[Path, typer.Argument(help="The agent's TOML file.")]) -> None:
    """Check a configuration and name every problem with it."""
    from edge_agent.config import load_config

    loaded = load_config(config, valid_at=datetime.now(UTC))
    typer.echo(f"{config} is in order: agent {loaded.agent_id}, {len(loaded.scales)} scales")
