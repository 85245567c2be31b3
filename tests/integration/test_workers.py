"""`steelyard ingest --workers`: four processes share the work, one is killed, nothing is lost."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from db import bench
from tests.brokers import RealBroker
from tests.factories import message, put_market, topic
from tests.integration.test_ingest_worker import Device, device, start_of_run, today
from tests.waiting import wait_until

SCALES, EACH = 20, 200

__all__ = ["device"]  # the fixture


@contextmanager
def workers(broker: RealBroker, database_url: str, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {
        **os.environ,
        "STEELYARD_DATABASE_URL": database_url,
        "STEELYARD_MQTT_HOST": broker.host,
        "STEELYARD_MQTT_PORT": str(broker.port),
        "STEELYARD_WORKER_ID": "many",
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "steelyard", "ingest", "--workers", "4"], env=environment, stdout=out, stderr=out
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def events(log: Path, name: str) -> list[dict[str, Any]]:
    """What the parent and its workers logged under a name; a line that is being written does not count yet."""
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    said = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
    return [one for one in said if one["event"] == name]


@pytest.fixture
def scales(conn: Connection) -> Connection:
    put_market(conn, scales=SCALES)
    start_of_run(conn)
    return conn


def test_one_of_four_is_killed_under_load_and_nothing_is_lost(
    broker: RealBroker, database_url: str, scales: Connection, device: Device, tmp_path: Path
) -> None:
    """The device sends again what is not stored, as agents do: a clean session forgets what died with it."""
    log = tmp_path / "log"
    bodies = {(scale, seq): message(today(seq)) for seq in range(1, EACH + 1) for scale in range(1, SCALES + 1)}
    with workers(broker, database_url, log) as parent:
        wait_until(lambda: len(events(log, "subscribed")) == 4, what="four workers", within_s=60)
        for n, ((scale, _), body) in enumerate(bodies.items()):
            device.client.publish(topic(f"S-{scale}"), body, qos=1)
            if n == len(bodies) // 4:
                os.kill(events(log, "worker started")[1]["pid"], signal.SIGKILL)
        send_again_until_stored(device, scales, bodies)
        wait_until(lambda: len(events(log, "worker started")) == 5, what="another one in its place", within_s=60)
        wait_until(lambda: len(events(log, "subscribed")) == 5, what="which takes its share", within_s=60)
        assert parent.poll() is None
        outcome = bench.outcome(scales)
        assert (outcome.rows, outcome.distinct) == (len(bodies), len(bodies))
    assert [one["status"] for one in events(log, "worker ended by itself")] == [-signal.SIGKILL]
    stopped = events(log, "worker stopped")
    assert len(stopped) == 4
    # The share of the dead one went to others: each that lived did some of the work.
    assert sum(one["messages"] > 0 for one in stopped) >= 3


def send_again_until_stored(device: Device, conn: Connection, bodies: dict[tuple[int, int], bytes]) -> None:
    def all_stored() -> bool:
        conn.rollback()
        rows = conn.execute("SELECT substr(scale_id, 3)::integer, seq FROM weighings").fetchall()
        missing = set(bodies) - set(rows)
        for scale, seq in missing:
            device.client.publish(topic(f"S-{scale}"), bodies[scale, seq], qos=1)
        return not missing

    wait_until(all_stored, what="everything is stored", within_s=120, every_s=2.0)


def test_what_is_wrong_with_the_settings_is_said_once(database_url: str) -> None:
    environment = {**os.environ, "STEELYARD_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    ended = subprocess.run(
        [sys.executable, "-m", "steelyard", "ingest", "--workers", "4"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.count("the database is away") == 1
