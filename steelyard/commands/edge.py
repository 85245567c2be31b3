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
    """Read the scales of a configuration and publish every weighing until stopped.

    SIGHUP reads the file again: scales that stay as they were weigh on, and a file with problems changes nothing.
    """
    import os
    import signal
    import sys

    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the agent listens: the file it is sent for is not read yet
    # The agent may run on a small gateway: it does not carry the command line along (some 10 MB).
    os.execv(sys.executable, [sys.executable, "-m", "steelyard.edge_process", str(config)])  # noqa: S606 - our own


@app.command("check")
def check(config: Annotated[Path, typer.Argument(help="The agent's TOML file.")]) -> None:
    """Check a configuration and name every problem with it; what is odd but possible is noted.

    Exit status: 0 it is in order, 2 it has problems.
    """
    from edge_agent.config.agent_config import load_config
    from edge_agent.config.config_cautions import cautions

    loaded = load_config(config, valid_at=datetime.now(UTC))
    named = [f"{scale.scale_id} ({scale.protocol})" for scale in loaded.scales]
    typer.echo(f"{config} is in order: agent {loaded.agent_id}, scales {', '.join(named)}")
    for caution in cautions(loaded):
        typer.echo(f"  note: {caution}", err=True)
