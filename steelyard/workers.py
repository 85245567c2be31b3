"""Several ingest workers on one machine: processes of their own, since one Python runs on one core at a time.

They behave as workers on several hosts do: members of one shared subscription, each with its own name. One that ends
by itself is started again; what it had not acknowledged goes to the others meanwhile.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Final

import structlog

from steelyard.embedded.tether import command_line
from steelyard.settings import PREFIX

_LOOK_EVERY_S: Final = 0.2
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
#: One that ran for so long is well: its next end is not counted with those before.
_WELL_AFTER_S: Final = 60.0
_END_WAIT_S: Final = 30.0

log = structlog.get_logger()


@dataclass(slots=True)
class _Place:
    """The place of one worker, whoever has it now."""

    worker_id: str
    metrics_port: int
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause_s: float = _FIRST_PAUSE_S

    def look(self, now: float) -> None:
        """Start a worker where there is none and the pause after the last one's end is over."""
        if self.process is not None and (status := self.process.poll()) is not None:
            self.pause_s = _FIRST_PAUSE_S if now - self.started_at > _WELL_AFTER_S else self.pause_s
            log.error("worker ended by itself", worker_id=self.worker_id, status=status, again_in_s=self.pause_s)
            self.process, self.start_at = None, now + self.pause_s
            self.pause_s = min(_LONGEST_PAUSE_S, self.pause_s * 2)
        if self.process is None and now >= self.start_at:
            self.process, self.started_at = _start(self.worker_id, self.metrics_port), now
            log.info("worker started", worker_id=self.worker_id, pid=self.process.pid)


def run_workers(worker_id: str, count: int, metrics_port: int, stop: threading.Event) -> None:
    """Keep `count` workers running until `stop` is set, then let each finish what it has in hand.

    The first tells its metrics on `metrics_port`, the next on the one above; 0: none does.
    """
    ports = [metrics_port + n if metrics_port else 0 for n in range(count)]
    places = [_Place(f"{worker_id}-{n}", port) for n, port in enumerate(ports, start=1)]
    try:
        while not stop.wait(_LOOK_EVERY_S):
            for place in places:
                place.look(time.monotonic())
    finally:
        _end([place.process for place in places if place.process is not None])


def _start(worker_id: str, metrics_port: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - a command of the product's own
        command_line([sys.executable, "-m", "steelyard", "ingest"]),
        stdin=subprocess.DEVNULL,
        env={**os.environ, f"{PREFIX}WORKER_ID": worker_id, f"{PREFIX}METRICS_PORT": str(metrics_port)},
        start_new_session=True,  # Ctrl-C reaches the parent, and the parent ends them in order
    )


def _end(processes: list["subprocess.Popen[bytes]"]) -> None:
    for process in processes:
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _END_WAIT_S
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
