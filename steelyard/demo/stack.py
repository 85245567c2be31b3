"""All parts of the product on one machine, each a process of its own, started in order and ended in reverse."""

import fcntl
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from credit.rules.enacting import found
from db.migrate import migrate
from db.pool import connect
from domain.errors import RuleViolation
from steelyard.demo.database import demo_database, require_embedded
from steelyard.demo.gateways import BrokerLogin, start_agents
from steelyard.demo.plan import DemoPlan
from steelyard.demo.register import DEMO_PASSWORD, register_market, require_demo_database
from steelyard.embedded.broker import HOST, free_port, is_free, start_broker, wait_for_port
from steelyard.embedded.children import Child, Children
from steelyard.embedded.postgres import EmbeddedPostgres
from steelyard.resources import policy_directory
from steelyard.settings import PREFIX

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """A running stack: database, broker, ingest, web and clerk. Agents and market come when they are asked for.

    `page_port`: that of the first agent's local page; None where nobody watches.
    """

    plan: DemoPlan
    database_url: str
    address: str
    broker_port: int
    page_port: int | None
    children: Children
    stop: threading.Event

    @property
    def customer_display(self) -> str | None:
        """The address of the first agent's local page; None where nobody watches."""
        return None if self.page_port is None else f"http://{HOST}:{self.page_port}/"

    @property
    def agents(self) -> Path:
        """Where the agents' configurations and outboxes are."""
        return self.plan.state / "agents"

    def start_market(self, tell: Tell) -> Child:
        """Start the edge agents and the simulated market; return the market's process."""
        market = self.plan.market
        broker = BrokerLogin(host=HOST, port=self.broker_port)
        page = None if self.page_port is None else f"{HOST}:{self.page_port}"
        start_agents(self.children, market, self.agents, self.plan.agents, broker, page, self.address)
        tell(f"{market.stalls} scales on {self.plan.agents} edge agents")
        market.truth.unlink(missing_ok=True)
        return self.children.start("market", *_steelyard("simulate", "market"), *_market_options(self.plan))


@contextmanager
def running_stack(plan: DemoPlan, *, fresh: bool, tell: Tell, stop: threading.Event | None = None) -> Iterator[Stack]:
    """Start everything up to the page answering; end everything when the block ends.

    Raise Stopped when `stop` is set meanwhile, with everything ended.
    """
    stop = stop or threading.Event()
    with _only_one(plan.state):
        if fresh:
            _start_over(plan.state, tell)
        with demo_database(plan.state, stop) as (database_url, which):
            tell(f"database: {which}")
            _prepare(plan, database_url)
            tell("schema and the list of caps are in place")
            with _services(plan, database_url, tell, stop) as stack:
                yield stack


def _prepare(plan: DemoPlan, database_url: str) -> None:
    with connect(database_url) as conn:
        # Before anything is changed: not even the schema of a foreign database is ours to move on.
        require_demo_database(conn)
    migrate(database_url)
    with connect(database_url) as conn:
        register_market(conn, plan.market, datetime.now(UTC), password=DEMO_PASSWORD)
        found(conn, (policy_directory() / "credit.toml").read_text(encoding="utf-8"), datetime.now(UTC))


@contextmanager
def _services(plan: DemoPlan, database_url: str, tell: Tell, stop: threading.Event) -> Iterator[Stack]:
    broker_port = free_port()
    web_port = plan.web_port if plan.web_port and is_free(plan.web_port) else free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
        f"{PREFIX}DATABASE_URL": database_url,
        f"{PREFIX}MQTT_HOST": HOST,
        f"{PREFIX}MQTT_PORT": str(broker_port),
        f"{PREFIX}WEB_HOST": HOST,
        f"{PREFIX}WEB_PORT": str(web_port),
        f"{PREFIX}SECURE_COOKIES": "false",
        f"{PREFIX}WORKER_ID": "demo",
        f"{PREFIX}PUBLIC_URL": f"http://{HOST}:{web_port}",
    }
    children = Children(plan.state / "logs", environment)
    try:
        start_broker(children, plan.state, broker_port, stop)
        tell(f"MQTT 5 broker on {HOST}:{broker_port}")
        children.start("ingest", *_steelyard("ingest"))
        children.start("web", *_steelyard("web"))
        children.start("clerk", *_steelyard("clerk"))
        wait_for_port(children, HOST, web_port, stop)
        tell("ingest and web are up")
        yield Stack(
            plan=plan,
            database_url=database_url,
            address=f"http://{HOST}:{web_port}/",
            broker_port=broker_port,
            page_port=None if plan.weighings is not None else free_port(),
            children=children,
            stop=stop,
        )
    finally:
        children.end_all()


@contextmanager
def _only_one(state: Path) -> Iterator[None]:
    """Hold the state folder: two stacks in one would share a database and a market."""
    with _lock_file(state) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuleViolation(f"another demo runs on {state}: stop it, or give --state another folder") from None
        yield


def _lock_file(state: Path) -> IO[str]:
    try:
        state.mkdir(parents=True, exist_ok=True)
        return (state / ".lock").open("w")
    except OSError as error:
        raise RuleViolation(f"{state} cannot be written ({error.strerror}): give --state another folder") from None


def _start_over(state: Path, tell: Tell) -> None:
    require_embedded()
    EmbeddedPostgres.at(state).remove()
    for path in state.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != ".lock":
            path.unlink()
    tell("starting over: what earlier runs kept is deleted")


def _steelyard(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "steelyard", *words)


def _market_options(plan: DemoPlan) -> tuple[str, ...]:
    market = plan.market
    options = {
        "--directory": market.directory,
        "--truth": market.truth,
        "--stalls": market.stalls,
        "--seed": market.seed,
        "--frame-interval": market.frame_interval_s,
        "--shortest-pause": market.pause_s[0],
        "--longest-pause": market.pause_s[1],
    }
    if market.weighings is not None:
        options["--weighings"] = market.weighings
    return tuple(word for name, value in options.items() for word in (name, str(value)))
