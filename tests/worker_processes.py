"""Ingest workers as processes of their own, which a test may kill, freeze and end."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.brokers import Mosquitto, RealBroker
from tests.waiting import wait_until

_END_WAIT_S = 60


@dataclass
class WorkerProcesses:
    """Workers between one broker and one database; whatever state they are in, they end with the block."""

    broker: Mosquitto | RealBroker
    database_url: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    _started: "list[WorkerProcess]" = field(default_factory=list)

    def start(self, worker_id: str, *words: str) -> "WorkerProcess":
        """Start `steelyard ingest` under a name."""
        environment = {
            **os.environ,
            "STEELYARD_DATABASE_URL": self.database_url,
            "STEELYARD_MQTT_HOST": self.broker.host,
            "STEELYARD_MQTT_PORT": str(self.broker.port),
            "STEELYARD_WORKER_ID": worker_id,
            **{f"STEELYARD_{name}": value for name, value in self.settings.items()},
        }
        log = self.folder / f"{worker_id}.log"
        with log.open("ab") as out:
            command = [sys.executable, "-m", "steelyard", "ingest", *words]
            process = WorkerProcess(
                worker_id, subprocess.Popen(command, env=environment, stdout=out, stderr=out), log, log.stat().st_size
            )
        self._started.append(process)
        return process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self._started:
            one.ask_to_end()
        for one in self._started:
            one.process.wait(_END_WAIT_S)


@dataclass(frozen=True, slots=True)
class WorkerProcess:
    """A worker, or the parent of several. `log` holds what it said from `log_begin`."""

    worker_id: str
    process: "subprocess.Popen[bytes]"
    log: Path
    log_begin: int

    def events(self, name: str) -> list[dict[str, Any]]:
        """What was logged under a name; a line that is being written does not count yet."""
        lines = self.log.read_bytes()[self.log_begin :].decode().splitlines(keepends=True)
        said = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
        return [one for one in said if one["event"] == name]

    def wait_until_subscribed(self, workers: int = 1) -> None:
        wait_until(lambda: len(self.events("subscribed")) >= workers, what=f"{self.worker_id} is there", within_s=60)

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, with no chance to say goodbye to anyone."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Let it finish what it has in hand."""
        self.ask_to_end()
        self.process.wait(_END_WAIT_S)

    def ask_to_end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)
