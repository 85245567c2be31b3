"""What one device that misbehaves does to the others: nothing, a flood of garbage, and a thousand times its share."""

import random
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from db import bench
from db.pool import connect
from domain.errors import RuleViolation, Unavailable
from messages.topics import ScaleChannel, ScaleTopic
from simulators.fleet.fleet_scales import fleet_scale_id
from steelyard.bench.ingesting import wait_until_subscribed
from steelyard.bench.latency import fleet_command, summary_of
from steelyard.bench.load import Load, messages
from steelyard.bench.publishing import publish_packet
from steelyard.bench.report import machine, versions
from steelyard.bench.stand import BrokerKind, Stand, fresh_broker, fresh_database, stand, steelyard
from steelyard.demo.plan import MARKET
from steelyard.embedded.broker import HOST
from steelyard.stopping import wait_or_stop

_LOOK_EVERY_S: Final = 0.1
_WINDOW: Final = 1000
_STALLED_S: Final = 30.0


class Flood(StrEnum):
    """What the one device does."""

    NONE = "base"
    GARBAGE = "garbage"
    GREEDY = "greedy"


@dataclass(frozen=True, kw_only=True, slots=True)
class FloodPlan:
    """`scales` weigh `rate` times a second together; one more sends `times` what each of them does."""

    rate: float
    seconds: float
    scales: int
    times: float

    @property
    def flood_rate(self) -> float:
        """Messages a second of the one device."""
        return self.rate / self.scales * self.times


def measure_flood(
    plan: FloodPlan, server_url: str | None, broker: BrokerKind, stop: threading.Event, settings: dict[str, str]
) -> dict[str, Any]:
    """Measure the others' way from a weighing to its commit, without a flood and with each kind, on a fresh stack each.

    Raise Unavailable where a part ends by itself, RuleViolation where the server keeps no commit times.
    """
    found: dict[str, Any] = {"rate": plan.rate, "flood_rate": plan.flood_rate, "seconds": plan.seconds}
    with stand(server_url, broker, stop) as at:
        for flood in Flood:
            found[flood] = _run(at, plan, flood, settings)
        found["machine"], found["versions"] = machine(at), versions()
    for flood in (Flood.GARBAGE, Flood.GREEDY):
        for name in ("p50", "p99"):
            found[f"{flood}_{name}_ratio"] = round(found[flood][name] / found[Flood.NONE][name], 3)
    return found


def _run(at: Stand, plan: FloodPlan, flood: Flood, settings: dict[str, str]) -> dict[str, Any]:
    with fresh_database(at, plan.scales + 1) as url:
        with connect(url) as conn:
            if not bench.keeps_commit_times(conn):
                raise RuleViolation("the server keeps no commit times: set track_commit_timestamp = on and restart it")
        with fresh_broker(at, url, settings) as (children, port):
            wait_until_subscribed(at, children.start("ingest", *steelyard("ingest")))
            flooding = None
            if flood is not Flood.NONE:
                packets = _written(at.folder / f"{flood}.packets", flood, plan)
                words = (HOST, str(port), str(packets), str(_WINDOW), str(plan.flood_rate))
                flooding = children.start(flood, sys.executable, "-m", "steelyard.bench.publishing", *words)
            fleet = children.start("fleet", *fleet_command(plan.scales, plan.rate, plan.seconds, at.folder))
            while (status := fleet.process.poll()) is None:
                wait_or_stop(at.stop, _LOOK_EVERY_S)
            if status != 0:
                raise Unavailable(f"the fleet ended with status {status}:\n{fleet.tail()}")
            _wait_for_all(at, plan, url)
            if flooding is not None and flooding.process.poll() not in (None, 0):
                raise Unavailable(f"the flood ended too early:\n{flooding.tail()}")
        with connect(url) as conn:
            return summary_of(bench.commits_but_of(conn, fleet_scale_id(plan.scales + 1)))


def _wait_for_all(at: Stand, plan: FloodPlan, url: str) -> None:
    """Wait until what the others sent is stored: what still waits was slowed most."""
    with connect(url) as conn:
        conn.autocommit = True
        deadline = time.monotonic() + _STALLED_S
        while len(bench.commits_but_of(conn, fleet_scale_id(plan.scales + 1))) < round(plan.rate * plan.seconds):
            if time.monotonic() > deadline:
                raise Unavailable(f"not everything was stored within {_STALLED_S:.0f} s after the last weighing")
            wait_or_stop(at.stop, _LOOK_EVERY_S)


def _written(path: Path, flood: Flood, plan: FloodPlan) -> Path:
    """Write the flood's packets, a tenth more than it has time to send: it lasts longer than the others weigh."""
    topic = str(ScaleTopic(MARKET, fleet_scale_id(plan.scales + 1), ScaleChannel.WEIGHINGS))
    count = round(plan.flood_rate * plan.seconds * 1.1) + 1
    payloads = _greedy(count) if flood is Flood.GREEDY else _garbage(count)
    with path.open("wb") as file:
        for payload in payloads:
            file.write(publish_packet(topic, payload))
    return path


def _greedy(count: int) -> Iterator[bytes]:
    load = Load(name="greedy", weighings=count, scales=1, batch=1)
    for _topic, payload in messages(load, MARKET, datetime.now(UTC)):
        yield payload


def _garbage(count: int) -> Iterator[bytes]:
    """Each different, so that each is kept: not JSON, JSON that is no message, and a weighing with a wrong field."""
    rng = random.Random(1)  # noqa: S311 - a simulation
    for n in range(count):
        noise = rng.randbytes(200)
        yield (
            noise,
            b'{"v":1,"noise":"%s"}' % noise.hex().encode(),
            b'{"v":1,"journal_id":"j","weighings":[{"seq":%d,"net_g":"%s"}]}' % (n + 1, noise.hex().encode()),
        )[n % 3]
