"""The worker between a real broker and a real database: acknowledged after the commit, whatever goes away."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from psycopg import Connection

from db.migrate import migrate
from ingest.mqtt5_subscriber import Mqtt5Subscriber
from ingest.paho_subscriber import PahoSubscriber
from ingest.subscriber import BrokerAddress
from ingest.worker import Worker, WorkerSettings
from messages.receipts import Receipt, decode_receipt
from messages.topics import ScaleChannel, every_scale
from pricing.policy import read_rules_policy
from steelyard.embedded.postgres import EmbeddedPostgres
from steelyard.resources import policy_directory
from tests.brokers import Mosquitto, RealBroker
from tests.factories import message, over, put_market, topic, weighing
from tests.waiting import wait_until

POLICY = read_rules_policy(policy_directory() / "rules.toml")


class Clients:
    """Both clients keep the same promises: acknowledged after the commit, redelivered, connected again."""

    now: type[PahoSubscriber] | type[Mqtt5Subscriber] = PahoSubscriber


@pytest.fixture(autouse=True, params=[PahoSubscriber, Mqtt5Subscriber], ids=["paho", "mqtt5"])
def client(request: pytest.FixtureRequest) -> Iterator[None]:
    Clients.now = request.param
    yield
    Clients.now = PahoSubscriber


@contextmanager
def running_worker(
    broker: RealBroker | Mosquitto, database_url: str, worker_id: str = "w1", *, receive_maximum: int = 1000
) -> Iterator[Worker]:
    address = BrokerAddress(host=broker.host, port=broker.port, client_id=f"ingest-{worker_id}")
    subscriber = Clients.now(address, receive_maximum=receive_maximum)
    worker = Worker(
        settings=WorkerSettings(database_url=database_url), subscriber=subscriber, policy=POLICY, stop=threading.Event()
    )
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        wait_until(lambda: subscriber.is_subscribed, what="the worker is subscribed")
        yield worker
    finally:
        worker.stop.set()
        thread.join(timeout=30)
        assert not thread.is_alive()


class Device:
    """A scale that speaks the contract itself, and hears its receipts."""

    def __init__(self, broker: RealBroker | Mosquitto) -> None:
        self.receipts: list[tuple[str, Receipt]] = []
        self._ready = threading.Event()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id="device", protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_connect = self._subscribe
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = lambda _c, _u, got: self.receipts.append(
            (got.topic, decode_receipt(bytes(got.payload)))
        )
        self.client.reconnect_delay_set(1, 1)
        self.client.connect(broker.host, broker.port, keepalive=20)
        self.client.loop_start()
        assert self._ready.wait(10)

    def _subscribe(self, client: Client, *_: Any) -> None:
        client.subscribe(every_scale(ScaleChannel.RECEIPTS), qos=1)

    def send(self, payload: bytes, on: str = topic()) -> None:
        self.client.publish(on, payload, qos=1).wait_for_publish(10)

    def committed(self, journal: str = "j1") -> int:
        return max((r.committed_seq for _, r in self.receipts if r.journal_id == journal), default=0)


@pytest.fixture
def device(broker: RealBroker) -> Iterator[Device]:
    one = Device(broker)
    yield one
    one.client.disconnect()
    one.client.loop_stop()


def today(seq: int, make: Callable[..., bytes] = weighing, **fields: Any) -> bytes:
    """A weighing made just now: the worker looks at the real clock."""
    return make(seq, weighed_at=datetime.now(UTC).isoformat(), **fields)


def start_of_run(conn: Connection) -> None:
    put_market(conn)
    conn.execute("UPDATE cap_lists SET effective = tstzrange(%s, NULL)", [datetime.now(UTC) - timedelta(hours=1)])
    conn.execute("UPDATE scale_bindings SET valid = tstzrange(%s, NULL)", [datetime.now(UTC) - timedelta(days=1)])
    conn.commit()


def stored(conn: Connection) -> int:
    conn.rollback()
    row = conn.execute("SELECT count(*) FROM weighings").fetchone()
    return int(row[0]) if row else 0


def test_what_is_published_is_stored_judged_and_receipted(
    broker: RealBroker, conn: Connection, database_url: str, device: Device
) -> None:
    start_of_run(conn)
    with running_worker(broker, database_url) as worker:
        device.send(message(today(1), today(2, over)))
        device.send(b"nonsense")
        device.send(message(today(3)))
        wait_until(lambda: device.committed() == 3, what="a receipt up to seq 3")
        wait_until(lambda: worker.totals.held == 1, what="the nonsense is held")
    assert stored(conn) == 3
    assert conn.execute("SELECT kind, occurrences FROM alerts").fetchall() == [("price_over_cap", 1)]
    assert {on for on, _ in device.receipts} == {topic(channel="receipts")}
    sent = [receipt.at for _, receipt in device.receipts]
    assert all(at is not None and abs(datetime.now(UTC) - at) < timedelta(minutes=1) for at in sent)


def test_a_broker_that_is_killed_and_comes_back_is_used_again(
    broker: RealBroker, conn: Connection, database_url: str, device: Device
) -> None:
    start_of_run(conn)
    with running_worker(broker, database_url) as worker:
        device.send(message(today(1)))
        wait_until(lambda: stored(conn) == 1, what="the first weighing is stored")
        broker.kill()
        wait_until(lambda: not worker.subscriber.is_connected, what="the worker notices")
        broker.start()
        wait_until(lambda: worker.subscriber.is_subscribed and device.client.is_connected(), what="both are back")
        device.send(message(today(1, net_g=2), journal="j2"))
        wait_until(lambda: stored(conn) == 2, what="the second weighing is stored")


def test_two_workers_share_the_work_and_store_everything_once(
    broker: RealBroker, conn: Connection, database_url: str, device: Device
) -> None:
    start_of_run(conn)
    with running_worker(broker, database_url, "w1") as first, running_worker(broker, database_url, "w2") as second:
        for seq in range(1, 201):
            device.send(message(today(seq, over if seq % 10 == 0 else weighing)))
        wait_until(lambda: device.committed() == 200, what="a receipt up to seq 200")
    assert first.totals.messages > 0
    assert second.totals.messages > 0
    assert first.totals.stored + second.totals.stored == stored(conn) == 200
    assert conn.execute("SELECT occurrences FROM alerts").fetchall() == [(20,)]


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    """A database server that a test may kill."""
    with tempfile.TemporaryDirectory(prefix="steelyard-own-server-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres.at(Path(folder))
        server.start()
        yield server
        server.remove()


def test_a_database_killed_with_9_stops_the_acknowledgements_and_nothing_else(
    broker: RealBroker, device: Device, own_server: EmbeddedPostgres
) -> None:
    url = own_server.url()
    migrate(url)
    with psycopg.connect(url) as conn:
        start_of_run(conn)
    with running_worker(broker, url) as worker:
        device.send(message(today(1)))
        wait_until(lambda: device.committed() == 1, what="the first receipt")
        own_server.kill()
        for seq in range(2, 52):
            device.send(message(today(seq)))
        assert worker.totals.stored == 1
        assert device.committed() == 1
        own_server.start()
        wait_until(lambda: device.committed() == 51, what="everything arrives by itself", within_s=60)
    with psycopg.connect(url) as conn:
        assert stored(conn) == 51


def test_a_message_the_database_cannot_store_is_held_and_its_neighbours_are_not(
    broker: RealBroker, conn: Connection, database_url: str, device: Device
) -> None:
    """No message is known to do this; should one be found, it must not stop a market."""
    start_of_run(conn)
    conn.execute("ALTER TABLE weighings ADD CONSTRAINT our_bug CHECK (net_g <> 13)")
    conn.commit()
    with running_worker(broker, database_url) as worker:
        device.send(message(today(1), today(2, net_g=13), today(3)))
        device.send(message(today(4)))
        wait_until(lambda: device.committed() == 4, what="a receipt for all of the journal")
        assert (worker.totals.stored, worker.totals.held) == (3, 1)
    assert conn.execute("SELECT reason, seq, explanation LIKE '%our_bug%' FROM quarantine").fetchall() == [
        ("not_storable", 2, True)
    ]


@pytest.mark.parametrize(
    "payload",
    [message(weighing(2)).replace(b":1000,", b":1E400,"), b'{"v":2,"x":1E400}', b"\x00" * 10],
    ids=["a number out of range", "the same in another field", "zeros"],
)
def test_no_payload_ends_the_worker(
    broker: RealBroker, conn: Connection, database_url: str, device: Device, payload: bytes
) -> None:
    start_of_run(conn)
    with running_worker(broker, database_url) as worker:
        device.send(payload)
        device.send(message(today(1)))
        wait_until(lambda: device.committed() >= 1, what="the next weighing is receipted")
        assert worker.totals.held == 1
