"""Where measurements run: a database server, and for each run a fresh database, a fresh broker and a fresh worker."""

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from db import bench
from db.migrate import migrate
from db.pool import connect
from steelyard.bench.mosquitto import start_mosquitto
from steelyard.demo.plan import DemoPlan
from steelyard.demo.register import DEMO_PASSWORD, register_market
from steelyard.demo.register_fleet import register_fleet
from steelyard.embedded.broker import HOST, free_port, start_broker
from steelyard.embedded.children import Children
from steelyard.embedded.postgres import EmbeddedPostgres
from steelyard.settings import PREFIX


class BrokerKind(StrEnum):
    """Which broker is measured with: the embedded one, or the one of production where it is installed."""

    EMBEDDED = "embedded"
    MOSQUITTO = "mosquitto"


_START = {BrokerKind.EMBEDDED: start_broker, BrokerKind.MOSQUITTO: start_mosquitto}


@dataclass(kw_only=True, slots=True)
class Stand:
    """A database server for measurements, and a folder that goes when it does. `engine`: of the last database made."""

    server_url: str
    broker: BrokerKind
    folder: Path
    stop: threading.Event
    engine: str = ""


@contextmanager
def stand(server_url: str | None, broker: BrokerKind, stop: threading.Event) -> Iterator[Stand]:
    """Have a server for the length of the block: the given one, or the embedded PostgreSQL."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="steelyard-bench-")))
        if server_url is None:
            server = replace(EmbeddedPostgres.at(folder), settings=("track_commit_timestamp=on",))
            stack.callback(server.remove)
            stack.callback(server.stop)
            server.start(stop)
            server_url = server.url()
        yield Stand(server_url=server_url, broker=broker, folder=folder, stop=stop)


@contextmanager
def empty_database(at: Stand) -> Iterator[str]:
    """Have a migrated database of its own; yield its URL."""
    name = f"steelyard_bench_{os.getpid()}"
    bench.drop_database(at.server_url, name)
    bench.create_database(at.server_url, name)
    url = urlunsplit(urlsplit(at.server_url)._replace(path=f"/{name}"))
    try:
        at.engine = str(migrate(url))
        yield url
    finally:
        bench.drop_database(at.server_url, name)


@contextmanager
def fresh_database(at: Stand, scales: int) -> Iterator[str]:
    """Have a migrated database of its own, with the demo's market and a fleet in it; yield its URL."""
    with empty_database(at) as url:
        with connect(url) as conn:
            now = datetime.now(UTC)
            plan = DemoPlan(state=at.folder / "market", stalls=1, weighings=1)
            register_market(conn, plan.market, now, password=DEMO_PASSWORD)
            register_fleet(conn, scales, now)
        yield url


@contextmanager
def fresh_broker(at: Stand, database_url: str, settings: dict[str, str]) -> Iterator[tuple[Children, int]]:
    """Have a broker of its own, and children whose environment leads to it and to the database."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
        f"{PREFIX}DATABASE_URL": database_url,
        f"{PREFIX}MQTT_HOST": HOST,
        f"{PREFIX}MQTT_PORT": str(port),
        **{f"{PREFIX}{name}": value for name, value in settings.items()},
    }
    children = Children(at.folder / "logs", environment)
    try:
        _START[at.broker](children, at.folder, port, at.stop)
        yield children, port
    finally:
        children.end_all()


def steelyard(*words: str) -> tuple[str, ...]:
    """Return how this interpreter runs the product's command."""
    return (sys.executable, "-m", "steelyard", *words)
