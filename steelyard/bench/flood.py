"""What one device that misbehaves does to the others: nothing, a flood of garbage, and a thousand times its share.

Beside it what as many messages do where nobody misbehaves: on a topic that nobody reads (what is the broker's and the
measurement's own), and as weighings of as many devices as make them at everybody's rate (what is the machine's).
"""

import os
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
from domain.ids import ScaleId
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
_US_IN_A_S: Final = 1_000_000


class Flood(StrEnum):
    """What comes beside the others' weighings: the last two are what one device does."""

    NONE = "base"
    UNREAD = "unread"
    SPREAD = "spread"
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

    @property
    def more_scales(self) -> int:
        """How many devices make as many messages at everybody's rate."""
        return max(1, round(self.times))


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
    for flood in set(Flood) - {Flood.NONE}:
        for name in ("p50", "p99"):
            found[f"{flood}_{name}_ratio"] = round(found[flood][name] / found[Flood.NONE][name], 3)
    return found


def _run(at: Stand, plan: FloodPlan, flood: Flood, settings: dict[str, str]) -> dict[str, Any]:
    with fresh_database(at, plan.scales + (plan.more_scales if flood is Flood.SPREAD else 1)) as url:
        with connect(url) as conn:
            if not bench.keeps_commit_times(conn):
                raise RuleViolation("the server keeps no commit times: set track_commit_timestamp = on and restart it")
        with fresh_broker(at, url, settings) as (children, port):
            worker = children.start("ingest", *steelyard("ingest"))
            wait_until_subscribed(at, worker)
            cpu_s = -_cpu_s(worker.process.pid)
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
            cpu_s += _cpu_s(worker.process.pid)
            if flooding is not None and flooding.process.poll() not in (None, 0):
                raise Unavailable(f"the flood ended too early:\n{flooding.tail()}")
            with connect(url) as conn:
                taken = bench.taken(conn)
        with connect(url) as conn:
            found = summary_of(bench.commits_of(conn, _others(plan)))
        return {**found, "taken": taken, "worker_cpu_us_a_message": round(cpu_s / taken * _US_IN_A_S)}


def _cpu_s(pid: int) -> float:
    """Return how long a process has run on a processor so far (proc(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _others(plan: FloodPlan) -> list[ScaleId]:
    return [fleet_scale_id(n) for n in range(1, plan.scales + 1)]


def _wait_for_all(at: Stand, plan: FloodPlan, url: str) -> None:
    """Wait until what the others sent is stored: what still waits was slowed most."""
    with connect(url) as conn:
        conn.autocommit = True
        deadline = time.monotonic() + _STALLED_S
        while len(bench.commits_of(conn, _others(plan))) < round(plan.rate * plan.seconds):
            if time.monotonic() > deadline:
                raise Unavailable(f"not everything was stored within {_STALLED_S:.0f} s after the last weighing")
            wait_or_stop(at.stop, _LOOK_EVERY_S)


def _written(path: Path, flood: Flood, plan: FloodPlan) -> Path:
    """Write the flood's packets, a tenth more than there is time to send: it lasts longer than the others weigh."""
    count = round(plan.flood_rate * plan.seconds * 1.1) + 1
    with path.open("wb") as file:
        for topic, payload in _messages(flood, plan, count):
            file.write(publish_packet(topic, payload))
    return path


def _messages(flood: Flood, plan: FloodPlan, count: int) -> Iterator[tuple[str, bytes]]:
    if flood in (Flood.UNREAD, Flood.GARBAGE):
        channel = ScaleChannel.WEIGHINGS if flood is Flood.GARBAGE else ScaleChannel.NOTICES
        topic = str(ScaleTopic(MARKET, fleet_scale_id(plan.scales + 1), channel))
        yield from ((topic, payload) for payload in _garbage(count))
        return
    scales = plan.more_scales if flood is Flood.SPREAD else 1
    # The fleet of the flood stands behind that of the others.
    behind = {_topic(n): _topic(plan.scales + n) for n in range(1, scales + 1)}
    load = Load(name=flood, weighings=count, scales=scales, batch=1)
    yield from ((behind[topic], payload) for topic, payload in messages(load, MARKET, datetime.now(UTC)))


def _topic(scale: int) -> str:
    return str(ScaleTopic(MARKET, fleet_scale_id(scale), ScaleChannel.WEIGHINGS))


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
