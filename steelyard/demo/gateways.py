"""Edge agents on the lines of a simulated market, as processes of their own."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.ids import JournalId
from edge_agent.config.agent_config import AgentConfig, load_config
from edge_agent.journal.outbox import Outbox
from simulators.market.agent_configs import write_agent_configs
from simulators.market.plan import MarketPlan
from steelyard.embedded.children import Children
from steelyard.settings import read_settings

_POLL_S = 0.2
_PATIENCE_S = 5.0


#: Where the web service shows a ticket, as `[page] ticket_url` of an agent has it.
TICKET_PATH: Final = "t/{market_id}/{scale_id}/{journal_id}/{seq}/{code}"


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokerLogin:
    """Where agents publish, and as whom."""

    host: str
    port: int
    username: str = ""
    password: str = ""


def start_agents(
    children: Children,
    plan: MarketPlan,
    directory: Path,
    agents: int,
    broker: BrokerLogin,
    page: str | None = None,
    web: str = "",
) -> list[Path]:
    """Write the agents' configurations into `directory` and start them; return the files.

    `page`: where the first agent's local page listens, as `127.0.0.1:8080`; `web`: where its tickets are found.
    """
    directory.mkdir(parents=True, exist_ok=True)
    configs = write_agent_configs(
        plan,
        directory,
        broker.host,
        broker.port,
        agents=agents,
        username=broker.username,
        password=broker.password,
        page=page,
        ticket_url=f"{web}{TICKET_PATH}" if web else "",
    )
    for config in configs:
        # What `steelyard edge run` becomes, without the command line on the way.
        children.start(config.stem, sys.executable, "-m", "steelyard.edge_process", str(config))
    return configs


@contextmanager
def running_agents(
    plan: MarketPlan, agents: int, say: Callable[[str], None]
) -> Iterator[Callable[[threading.Event], None]]:
    """Run agents on a market's lines for the length of the block, publishing to the broker of the settings.

    Yields a function that waits until every weighing has its receipt, or until it is told to stop; it says once what it
    is waiting for, where that takes long.
    """
    children = Children(plan.directory / "logs", dict(os.environ))
    configs: list[Path] = []
    if agents:
        settings = read_settings()
        broker = BrokerLogin(
            host=settings.mqtt_host,
            port=settings.mqtt_port,
            username=settings.mqtt_username or "",
            password=settings.mqtt_password or "",
        )
        configs = start_agents(children, plan, plan.directory / "agents", agents, broker)

    def wait_until_sent(stop: threading.Event) -> None:
        speaks_at = time.monotonic() + _PATIENCE_S
        while (waiting := unreceipted(configs)) and not stop.wait(_POLL_S):
            children.require_alive()
            if time.monotonic() >= speaks_at:
                speaks_at = float("inf")
                say(
                    f"all was sold; {waiting} weighings wait for a receipt of the service"
                    " (is `steelyard ingest` running on this broker?). Ctrl-C ends without them."
                )

    try:
        yield wait_until_sent
    finally:
        children.end_all()


def recorded(configs: list[Path]) -> int:
    """Return how many weighings the journals of these agents have ever recorded."""
    return sum(_of_journals(configs, Outbox.last_seq))


def unreceipted(configs: list[Path]) -> int:
    """Return how many weighings of these agents still lack their receipt."""
    return sum(_of_journals(configs, Outbox.depth))


def _of_journals(configs: list[Path], measure: Callable[[Outbox, JournalId], int]) -> Iterator[int]:
    for path in configs:
        config = load_config(path)
        with _open(config) as outbox:
            for scale in config.scales:
                yield measure(outbox, outbox.journal(scale.scale_id).journal_id)


@contextmanager
def _open(config: AgentConfig) -> Iterator[Outbox]:
    outbox = Outbox(config.outbox)
    try:
        yield outbox
    finally:
        outbox.close()
