"""All parts as processes of their own, and what may be done to them."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import psycopg
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from db.migrate import migrate
from steelyard.embedded.postgres import EmbeddedPostgres
from tests.chaos.faults import Fault
from tests.factories import message, place, put_market, topic
from tests.proxies import Proxy

SCALES_AN_AGENT = 5
Line = tuple[str, str, int, bytes]


class Broker(Protocol):
    """What is done to a broker."""

    port: int

    def start(self) -> None: ...
    def kill(self) -> None: ...
    def stop(self) -> None: ...


@dataclass(slots=True)
class Rig:
    """Two workers and two agents, each group behind a proxy of its own, a broker and a database."""

    folder: Path
    broker: Broker
    database: EmbeddedPostgres
    agents_proxy: Proxy
    workers_proxy: Proxy
    weighings: int
    session_expiry_s: int
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    agents: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    #: Looks at the database, twenty times a second: a connection for each look would cost more than the look.
    _looking: psycopg.Connection | None = None

    @property
    def outboxes(self) -> list[Path]:
        return [self.folder / f"outbox-{n}.sqlite" for n in range(2)]

    def start_worker(self, n: int) -> "subprocess.Popen[bytes]":
        environment = {
            **os.environ,
            "STEELYARD_DATABASE_URL": self.database.url(),
            "STEELYARD_MQTT_HOST": "127.0.0.1",
            "STEELYARD_MQTT_PORT": str(self.workers_proxy.port),
            "STEELYARD_MQTT_SESSION_EXPIRY_S": str(self.session_expiry_s),
            "STEELYARD_WORKER_ID": f"chaos-{n}",
        }
        with (self.folder / f"worker-{n}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "steelyard", "ingest"], env=environment, stdout=log, stderr=log
            )

    def start_agent(self, n: int, max_file_bytes: int | None = None) -> "subprocess.Popen[bytes]":
        words = [str(self.outboxes[n]), str(self.agents_proxy.port), str(1 + n * SCALES_AN_AGENT), str(SCALES_AN_AGENT)]
        words.append(str(self.weighings // 2))
        if max_file_bytes is not None:
            words.append(str(max_file_bytes))
        with (self.folder / f"agent-{n}.log").open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", "tests.chaos.agent", *words], stdout=log, stderr=log)

    def do(self, fault: Fault, choice: int) -> None:
        """Do it. What was killed is started again."""
        what: dict[Fault, Callable[[], None]] = {
            Fault.WORKER_KILLED: lambda: self._again(self.workers, choice % 2, self.start_worker),
            Fault.AGENT_KILLED: lambda: self._again(self.agents, choice % 2, self.start_agent),
            Fault.DATABASE_KILLED: self._database_killed,
            Fault.DATABASE_SLOW: lambda: self._database_slow(1 + choice % 3),
            Fault.BROKER_KILLED: self._broker_killed,
            Fault.AGENTS_CUT: self.agents_proxy.cut,
            Fault.AGENTS_SILENT: self.agents_proxy.fall_silent,
            Fault.WORKERS_CUT: self.workers_proxy.cut,
            Fault.WORKERS_SILENT: self.workers_proxy.fall_silent,
            Fault.SENT_AGAIN: lambda: self._send_again(random.Random(choice)),
        }
        what[fault]()

    def stored(self) -> int:
        """How many weighings are stored; while the database is down, nobody knows."""
        try:
            if self._looking is None:
                self._looking = psycopg.connect(self.database.url(), connect_timeout=5, autocommit=True)
            row = self._looking.execute("SELECT count(*) FROM weighings").fetchone()
            return int(row[0]) if row else 0
        except psycopg.OperationalError:
            self.look_away()
            return -1

    def look_away(self) -> None:
        """Close the connection that looks at the database, if there is one."""
        if self._looking is not None:
            self._looking.close()
            self._looking = None

    def recorded(self) -> list[Line]:
        """What the edge journals hold: (scale, journal, seq, digest)."""
        return [line for n in range(2) for line in self.recorded_of(n)]

    def recorded_of(self, n: int) -> list[Line]:
        """What the journals of one agent hold."""
        return [
            (scale, journal, seq, sha256(body).digest()) for scale, journal, seq, body in _entries(self.outboxes[n])
        ]

    @staticmethod
    def _again(
        running: "list[subprocess.Popen[bytes]]", n: int, start: "Callable[[int], subprocess.Popen[bytes]]"
    ) -> None:
        running[n].kill()
        running[n].wait()
        running[n] = start(n)

    def _database_killed(self) -> None:
        self.database.kill()
        time.sleep(0.3)
        self.database.start()

    def _database_slow(self, seconds: float) -> None:
        """Every batch waits for somebody who holds the journals."""

        def hold() -> None:
            # The next fault may end the database under it.
            with suppress(psycopg.OperationalError), psycopg.connect(self.database.url()) as conn:
                conn.execute("LOCK TABLE journals IN EXCLUSIVE MODE")
                time.sleep(seconds)

        threading.Thread(target=hold).start()

    def _broker_killed(self) -> None:
        self.broker.kill()
        time.sleep(0.2)
        self.broker.start()

    def _send_again(self, rng: random.Random) -> None:
        """Old weighings once more, each alone and in no order, as a network that stutters delivers them."""
        lines = [line for outbox in self.outboxes for line in _entries(outbox)]
        client = Client(CallbackAPIVersion.VERSION2, client_id="stutter", protocol=MQTTProtocolVersion.MQTTv5)
        try:
            client.connect("127.0.0.1", self.broker.port)
        except OSError:
            return  # there is no broker just now that could deliver anything
        client.loop_start()
        for scale, journal, _seq, body in rng.sample(lines, min(300, len(lines))):
            client.publish(topic(scale), message(body, journal=journal), qos=1)
        time.sleep(0.5)
        client.disconnect()
        client.loop_stop()


def _entries(outbox: Path) -> list[tuple[str, str, int, bytes]]:
    with sqlite3.connect(f"file:{outbox}?mode=ro", uri=True, timeout=30) as db:
        return db.execute(
            "SELECT j.scale_id, j.journal_id, e.seq, e.body FROM entries e JOIN journals j ON j.number = e.journal"
        ).fetchall()


@contextmanager
def running_rig(broker: Broker, weighings: int, *, session_expiry_s: int = 0, agents: bool = True) -> Iterator[Rig]:
    """Start everything; end everything, whatever state it is in."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="steelyard-chaos-")))
        folder.chmod(0o755)
        database = EmbeddedPostgres.at(folder)
        database.start()
        stack.callback(database.remove)
        stack.callback(database.stop)
        migrate(database.url())
        _furnish(database.url())
        broker.start()
        stack.callback(broker.stop)
        rig = Rig(
            folder=folder,
            broker=broker,
            database=database,
            agents_proxy=stack.enter_context(Proxy(broker.port)),
            workers_proxy=stack.enter_context(Proxy(broker.port)),
            weighings=weighings,
            session_expiry_s=session_expiry_s,
        )
        stack.callback(rig.look_away)
        stack.callback(_end, rig)
        rig.workers.extend(rig.start_worker(n) for n in range(2))
        if agents:
            rig.agents.extend(rig.start_agent(n) for n in range(2))
        yield rig


def _furnish(url: str) -> None:
    with psycopg.connect(url) as conn:
        put_market(conn, scales=0)
        since = datetime.now(UTC) - timedelta(days=1)
        for n in range(1, 2 * SCALES_AN_AGENT + 1):
            place(conn, n, since=since)
        conn.execute("UPDATE cap_lists SET effective = tstzrange(%s, NULL)", [since])


def _end(rig: Rig) -> None:
    for process in (*rig.agents, *rig.workers):
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
