"""What is too much for a worker waits with the broker; what is too large goes to quarantine: nobody else notices."""

from collections.abc import Iterator

import pytest
from psycopg import Connection

from ingest.mqtt5_subscriber import Mqtt5Subscriber
from ingest.paho_subscriber import PahoSubscriber
from messages.limits import MAX_PAYLOAD_BYTES
from tests.brokers import Mosquitto
from tests.factories import message
from tests.integration.test_bench import bench
from tests.integration.test_ingest_worker import Clients, Device, running_worker, start_of_run, stored, today
from tests.waiting import wait_until

RECEIVE_MAXIMUM, SENT = 100, 1500


@pytest.fixture(params=[PahoSubscriber, Mqtt5Subscriber], ids=["paho", "mqtt5"])
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clients, "now", request.param)


@pytest.fixture
def device(mosquitto: Mosquitto) -> Iterator[Device]:
    one = Device(mosquitto)
    yield one
    one.client.disconnect()
    one.client.loop_stop()


@pytest.mark.mosquitto
@pytest.mark.usefixtures("client")
def test_what_a_worker_holds_is_bounded_while_nothing_can_be_committed(
    mosquitto: Mosquitto,
    conn: Connection,
    database_url: str,
    device: Device,
) -> None:
    """Counted, not timed: the broker holds the rest, and all of it comes when the database goes on."""
    start_of_run(conn)
    conn.execute("LOCK TABLE journals IN EXCLUSIVE MODE")
    with running_worker(mosquitto, database_url, receive_maximum=RECEIVE_MAXIMUM) as worker:
        for seq in range(1, SENT + 1):
            device.client.publish("steelyard/v1/sanya-1/S-1/weighings", message(today(seq)), qos=1)
        wait_until(lambda: not device.client.want_write(), what="the broker has them all")
        held = []

        def is_full() -> bool:
            held.append(worker.queue_depth)  # what waits at the subscriber is in it
            return len(held) > 50  # a second of looks

        wait_until(is_full, what="fifty looks")
        assert 0 < max(held) <= RECEIVE_MAXIMUM
        conn.rollback()
        wait_until(lambda: stored(conn) == SENT, what="it drains by itself", within_s=60)
        assert worker.subscriber.connections == 1


@pytest.mark.mosquitto
@pytest.mark.usefixtures("client")
def test_a_message_one_byte_too_large_is_held_and_the_connection_stays(
    mosquitto: Mosquitto,
    conn: Connection,
    database_url: str,
    device: Device,
) -> None:
    start_of_run(conn)
    whole = message(today(1))
    padded = whole[:-1] + b" " * (MAX_PAYLOAD_BYTES + 1 - len(whole)) + b"}"
    assert len(padded) == MAX_PAYLOAD_BYTES + 1
    with running_worker(mosquitto, database_url) as worker:
        device.send(padded)
        device.send(message(today(2)))
        wait_until(lambda: stored(conn) == 1, what="the next one is stored", within_s=30)
        wait_until(lambda: worker.totals.held == 1, what="it is held")
        assert worker.subscriber.connections == 1
    assert conn.execute("SELECT reason, length(payload) FROM quarantine").fetchall() == [
        ("too_large", MAX_PAYLOAD_BYTES + 1)
    ]


@pytest.mark.mosquitto
@pytest.mark.parametrize("shape", [("2000", "1"), ("100", "450")], ids=["small ones", "as large as they may be"])
def test_a_backlog_drains_by_itself_in_little_memory(shape: tuple[str, str]) -> None:
    messages, batch = shape
    found = bench("backlog", "--messages", messages, "--batch", batch, "--scales", "20", "--client", "mqtt5")
    assert (found["lost"], found["doubled"]) == (0, 0)
    assert 0 < found["worker_peak_mib"] <= 150


@pytest.mark.mosquitto
def test_a_flood_is_measured_beside_what_is_without_it() -> None:
    found = bench("flood", "--rate", "60", "--seconds", "2", "--scales", "20", "--times", "20")
    assert found["flood_rate"] == 60
    for name in ("base", "unread", "spread", "garbage", "greedy"):
        assert 0 < found[name]["p50"] <= found[name]["p99"]
        assert found[name]["count"] == 120
        assert found[name]["worker_cpu_us_a_message"] > 0
    assert found["base"]["taken"] == found["unread"]["taken"] == 120
    assert min(found[name]["taken"] for name in ("spread", "garbage", "greedy")) > 120
    assert found["greedy_p50_ratio"] == pytest.approx(found["greedy"]["p50"] / found["base"]["p50"], rel=0.01)
