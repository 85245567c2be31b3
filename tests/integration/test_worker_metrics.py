"""What a worker tells Prometheus and a health check, over real HTTP, after real batches."""

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from psycopg import Connection

from ingest.health import Health, HealthServer
from ingest.metrics import IngestMetrics
from ingest.paho_subscriber import PahoSubscriber
from ingest.subscriber import BrokerAddress
from ingest.worker import Worker, WorkerSettings
from tests.brokers import RealBroker
from tests.factories import message, over, put_market, topic
from tests.integration.test_ingest_worker import POLICY, Device, device, start_of_run, today
from tests.waiting import wait_until

__all__ = ["device"]  # the fixture

DASHBOARD = Path(__file__).resolve().parents[2] / "deploy" / "grafana" / "ingest.json"


class Told:
    """A worker with its metrics, and what is told over HTTP."""

    def __init__(self, worker: Worker, server: HealthServer) -> None:
        self.worker, self._server = worker, server

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._server.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def samples(self) -> dict[tuple[str, ...], float]:
        _, text = self.get("/metrics")
        families = text_string_to_metric_families(text)
        return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


@contextmanager
def telling(broker: RealBroker, database_url: str) -> Iterator[Told]:
    subscriber = PahoSubscriber(
        BrokerAddress(host=broker.host, port=broker.port, client_id="ingest-w1"), receive_maximum=100
    )
    worker = Worker(
        settings=WorkerSettings(database_url=database_url), subscriber=subscriber, policy=POLICY, stop=threading.Event()
    )
    metrics = IngestMetrics(lambda: worker.queue_depth, lambda: subscriber.is_subscribed)
    health = Health(lambda: worker.is_going_on, lambda: worker.not_ready)
    server = HealthServer("127.0.0.1", 0, metrics.registry, health)
    worker.observer, worker.companions = metrics, (server,)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        wait_until(lambda: subscriber.is_subscribed, what="the worker is subscribed")
        yield Told(worker, server)
    finally:
        worker.stop.set()
        thread.join(30)


@pytest.fixture(autouse=True)
def market(conn: Connection) -> None:
    put_market(conn)
    start_of_run(conn)


def test_what_was_done_is_counted(broker: RealBroker, database_url: str, device: Device) -> None:
    with telling(broker, database_url) as told:
        good = message(today(1), today(2, clock_synced=False), today(3, over))
        device.send(good)
        device.send(good)
        device.send(b"no json")
        device.send(message(today(1)), on=topic("S-9"))
        wait_until(lambda: told.worker.totals.messages == 4, what="all are committed")
        found = told.samples()
        assert found["steelyard_ingest_messages_total",] == 4
        assert found["steelyard_ingest_weighings_stored_total",] == 3
        assert found["steelyard_ingest_weighings_redelivered_total",] == 3
        assert found["steelyard_ingest_verdicts_total", "within"] == 2
        assert found["steelyard_ingest_verdicts_total", "over"] == 1
        assert found["steelyard_ingest_judged_at_arrival_total",] == 1
        assert found["steelyard_ingest_leads_total",] == 1
        assert found["steelyard_ingest_quarantined_total", "not_json", "S-1"] == 1
        assert found["steelyard_ingest_quarantined_total", "unknown_scale", "unregistered"] == 1
        assert found["steelyard_ingest_lag_seconds_count",] == 3
        assert found["steelyard_ingest_lag_seconds_bucket", "+Inf"] == 3
        assert 0 < found["steelyard_ingest_lag_seconds_sum",] < 3 * 60
        assert found["steelyard_ingest_connected",] == 1
        assert found["steelyard_ingest_queue_depth",] == 0


def test_a_worker_says_whether_it_is_ready_and_why_not(broker: RealBroker, database_url: str) -> None:
    with telling(broker, database_url) as told:
        assert told.get("/healthz") == (200, "alive")
        assert told.get("/readyz") == (200, "ready")
        assert told.get("/else")[0] == 404
        broker.kill()
        wait_until(lambda: told.get("/readyz")[0] == 503, what="it notices")
        assert told.get("/readyz") == (503, "the broker is away")
        assert told.get("/healthz") == (200, "alive")
        broker.start()
        wait_until(lambda: told.get("/readyz")[0] == 200, what="it is ready again", within_s=60)


def test_a_database_that_is_away_makes_a_worker_unready(broker: RealBroker, device: Device) -> None:
    with telling(broker, "postgresql://nobody@127.0.0.1:1/none") as told:
        device.client.publish(topic(), message(today(1)), qos=1)
        wait_until(lambda: told.get("/readyz")[0] == 503, what="it notices")
        assert "the database is away" in told.get("/readyz")[1]
        assert told.samples()["steelyard_ingest_commit_retries_total",] >= 1
        assert told.get("/healthz") == (200, "alive")


def test_the_dashboard_draws_metrics_that_there_are() -> None:
    metrics = IngestMetrics(lambda: 0, lambda: True)
    there = {sample.name for family in metrics.registry.collect() for sample in family.samples}
    there |= {family.name for family in metrics.registry.collect() if family.type == "gauge"}
    there |= {f"{family.name}_total" for family in metrics.registry.collect() if family.type == "counter"}
    there |= {f"{family.name}_bucket" for family in metrics.registry.collect() if family.type == "histogram"}
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    drawn = {
        name
        for panel in panels
        for target in panel["targets"]
        for name in re.findall(r"steelyard_ingest_\w+", target["expr"])
    }
    assert drawn <= there
    families = {family.name for family in metrics.registry.collect()}
    assert {family for family in families if not any(name.startswith(family) for name in drawn)} == set()


def test_whoever_invents_scales_does_not_fill_the_metrics() -> None:
    metrics = IngestMetrics(lambda: 0, lambda: True)
    for n in range(10_050):
        metrics._device(f"S-{n}")
    assert metrics._device("S-5") == "S-5"
    assert metrics._device("one more") == "other"
    assert metrics._device(None) == ""
