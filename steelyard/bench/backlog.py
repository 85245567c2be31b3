"""How much memory a worker takes while the broker holds a backlog for it, and whether it drains without help."""

import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from db import bench
from db.pool import connect
from domain.errors import Unavailable
from steelyard.bench.ingesting import wait_until_subscribed
from steelyard.bench.load import Load, write_packets
from steelyard.bench.report import machine, versions
from steelyard.bench.stand import BrokerKind, fresh_broker, fresh_database, stand, steelyard
from steelyard.embedded.broker import HOST
from steelyard.embedded.children import Child
from steelyard.stopping import wait_or_stop

_LOOK_EVERY_S: Final = 0.1
_WINDOW: Final = 1000
_STALLED_S: Final = 60.0
_KIB_IN_A_MIB: Final = 1024
#: The broker keeps what comes for the worker while that is away.
_SETTINGS: Final = {"MQTT_SESSION_EXPIRY_S": "86400", "WORKER_ID": "backlog"}


def measure_backlog(
    load: Load, server_url: str | None, stop: threading.Event, settings: dict[str, str]
) -> dict[str, Any]:
    """Pour a load into the broker while the worker is away, start the worker, and watch it until all is stored.

    Raise Unavailable where a part ends by itself or nothing moves on any more.
    """
    with stand(server_url, BrokerKind.MOSQUITTO, stop) as at, fresh_database(at, load.scales) as url:
        packets = at.folder / "backlog.packets"
        write_packets(load, packets, datetime.now(UTC))
        with fresh_broker(at, url, {**_SETTINGS, **settings}) as (children, port):
            known = children.start("ingest-before", *steelyard("ingest"))
            wait_until_subscribed(at, known)
            children.end(known)
            words = (HOST, str(port), str(packets), str(_WINDOW))
            pouring = children.start("publisher", sys.executable, "-m", "steelyard.bench.publishing", *words)
            while (status := pouring.process.poll()) is None:
                wait_or_stop(stop, _LOOK_EVERY_S)
            if status != 0:
                raise Unavailable(f"the publisher failed:\n{pouring.tail()}")
            started = time.monotonic()
            worker = children.start("ingest", *steelyard("ingest"))
            with connect(url) as conn:
                conn.autocommit = True
                peak_kib = _watch(worker, lambda: bench.accounted(conn), load.weighings, stop)
                seconds = time.monotonic() - started
                children.end(worker)
                outcome = bench.outcome(conn)
        return {
            "messages": load.messages,
            "weighings": load.weighings,
            "worker_peak_mib": round(peak_kib / _KIB_IN_A_MIB, 1),
            "seconds": round(seconds, 1),
            "lost": load.weighings - outcome.distinct,
            "doubled": outcome.rows - outcome.distinct,
            "machine": machine(at),
            "versions": versions(),
        }


def _watch(worker: Child, stored: Callable[[], int], wanted: int, stop: threading.Event) -> int:
    """Return the most memory that the worker held (VmHWM, KiB), once everything is stored."""
    before, moved_at, peak_kib = 0, time.monotonic(), 0
    while before < wanted:
        if worker.process.poll() is not None:
            raise Unavailable(f"the worker ended:\n{worker.tail()}")
        peak_kib = max(peak_kib, _peak_kib(worker.process.pid))
        now, count = time.monotonic(), stored()
        if count > before:
            before, moved_at = count, now
        if now - moved_at > _STALLED_S:
            raise Unavailable(f"nothing moves on at {before} of {wanted}")
        wait_or_stop(stop, _LOOK_EVERY_S)
    return max(peak_kib, _peak_kib(worker.process.pid))


def _peak_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0
