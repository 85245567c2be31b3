"""One measurement of ingest: pour a load into the broker, and time how long until its last weighing is committed."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from db import bench
from db.pool import connect
from domain.errors import Unavailable
from steelyard.bench.load import Load, write_packets
from steelyard.bench.stand import Stand, fresh_broker, fresh_database, steelyard
from steelyard.embedded.broker import HOST
from steelyard.embedded.children import Child
from steelyard.stopping import wait_or_stop

_LOOK_EVERY_S: Final = 0.05
_START_WAIT_S: Final = 30.0
#: A run that has not moved on for so long will not.
_STALLED_S: Final = 30.0
_WINDOW: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What one run came to. `rows` were stored within `seconds`; lost and doubled are counts of weighings."""

    load: Load
    seconds: float
    rows: int
    lost: int
    doubled: int
    over_cap: int
    alerted: int

    @property
    def rows_per_s(self) -> float:
        """Committed weighings a second, from the first packet sent to the last weighing committed."""
        return self.rows / self.seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A load, the settings of the workers that take it, and how many of them there are."""

    load: Load
    settings: dict[str, str]
    workers: int = 1


def measure(at: Stand, run: Run, keep: Callable[[str], None] | None = None) -> Measured:
    """Run ingest over a load. `keep` is given the database's URL once everything is stored.

    Raise Unavailable where a part ends by itself or nothing moves on any more.
    """
    packets = at.folder / f"{run.load.name}.packets"
    write_packets(run.load, packets, datetime.now(UTC))
    try:
        with fresh_database(at, run.load.scales) as url, fresh_broker(at, url, run.settings) as (children, port):
            workers = [
                children.start(f"ingest-{n}", "env", f"STEELYARD_WORKER_ID=bench-{n}", *steelyard("ingest"))
                for n in range(run.workers)
            ]
            for worker in workers:
                wait_until_subscribed(at, worker)
            started = time.monotonic()
            pouring = children.start("publisher", *_publisher(port, packets))
            with connect(url) as conn:
                conn.autocommit = True
                ended = _wait_until_stored(at, lambda: bench.accounted(conn), run.load, pouring)
                for worker in workers:
                    children.end(worker)
                outcome = bench.outcome(conn)
            if keep is not None:
                keep(url)
    finally:
        packets.unlink(missing_ok=True)
    return Measured(
        load=run.load,
        seconds=ended - started,
        rows=outcome.rows,
        lost=run.load.weighings - outcome.distinct,
        doubled=outcome.rows - outcome.distinct,
        over_cap=outcome.over_cap,
        alerted=outcome.alerted,
    )


def _publisher(port: int, packets: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "steelyard.bench.publishing", HOST, str(port), str(packets), str(_WINDOW))


def wait_until_subscribed(at: Stand, worker: Child) -> None:
    """Wait until a worker has told the broker what it wants. Raise Unavailable where it does not, or Stopped."""
    deadline = time.monotonic() + _START_WAIT_S
    while b"subscribed" not in worker.log.read_bytes():
        if time.monotonic() > deadline or worker.process.poll() is not None:
            raise Unavailable(f"{worker.name} did not subscribe; the end of its log:\n{worker.tail()}")
        wait_or_stop(at.stop, _LOOK_EVERY_S)


def _wait_until_stored(at: Stand, accounted: Callable[[], int], load: Load, publisher: Child) -> float:
    """Return when everything was committed, by the monotonic clock; early where nothing moves on any more."""
    before, moved_at = 0, time.monotonic()
    while True:
        stored, now = accounted(), time.monotonic()
        if stored >= load.weighings:
            return now
        if stored > before:
            before, moved_at = stored, now
        if publisher.process.poll() not in (None, 0):
            raise Unavailable(f"the publisher failed:\n{publisher.tail()}")
        if now - moved_at > _STALLED_S:
            return moved_at
        wait_or_stop(at.stop, _LOOK_EVERY_S)
