"""A worker that is lost strands nothing: what the broker kept for it reaches the others."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg import Connection

from tests.brokers import Mosquitto
from tests.factories import message, put_market, topic
from tests.integration.test_ingest_worker import Device, start_of_run, stored, today
from tests.waiting import wait_until
from tests.worker_processes import WorkerProcess, WorkerProcesses

pytestmark = [pytest.mark.mosquitto, pytest.mark.timeout(240)]

SCALES, EACH = 10, 20
_EXPIRY_S = "3600"

Lose = Callable[[WorkerProcess], None]
#: Each way with one client: what they do differently, both do elsewhere.
WAYS: dict[str, tuple[str, Lose]] = {
    "killed, paho": ("paho", WorkerProcess.kill),
    "killed, mqtt5": ("mqtt5", WorkerProcess.kill),
    "frozen": ("paho", lambda worker: worker.send(signal.SIGSTOP)),
    "told to end": ("mqtt5", lambda worker: worker.send(signal.SIGTERM)),
}


@pytest.fixture
def device(mosquitto: Mosquitto) -> Iterator[Device]:
    """It sends once, and trusts the broker's word: nothing is sent again."""
    one = Device(mosquitto)
    yield one
    one.client.disconnect()
    one.client.loop_stop()


@pytest.fixture
def workers(mosquitto: Mosquitto, conn: Connection, database_url: str, tmp_path: Path) -> Iterator[WorkerProcesses]:
    put_market(conn, scales=SCALES)
    start_of_run(conn)
    with WorkerProcesses(mosquitto, database_url, tmp_path, {"MQTT_SESSION_EXPIRY_S": _EXPIRY_S}) as several:
        yield several


def send(device: Device, first: int) -> int:
    """Send `EACH` weighings of every scale, from seq `first`; return how many."""
    for seq in range(first, first + EACH):
        for scale in range(1, SCALES + 1):
            device.client.publish(topic(f"S-{scale}"), message(today(seq)), qos=1)
    wait_until(lambda: not device.client.want_write(), what="the broker has them")
    return SCALES * EACH


@pytest.mark.parametrize(("client", "lose"), WAYS.values(), ids=WAYS)
def test_the_share_of_a_lost_worker_reaches_the_others(
    workers: WorkerProcesses, device: Device, conn: Connection, client: str, lose: Lose
) -> None:
    workers.settings["MQTT_CLIENT"] = client
    lost, other = workers.start("lost"), workers.start("other")
    for worker in (lost, other):
        worker.wait_until_subscribed()
    sent = send(device, 1)
    wait_until(lambda: stored(conn) == sent, what="both work", within_s=60)
    lose(lost)
    lost_at = time.monotonic()
    sent += send(device, 1 + EACH)
    wait_until(lambda: stored(conn) == sent, what="its share is stored", within_s=60)
    print(f"\nall stored {time.monotonic() - lost_at:.2f} s after the loss")
    wait_until(lambda: other.events("took up a session"), what="the session is ended", within_s=60)
    taken = other.events("took up a session")
    assert [(one["client_id"], one["is_over"]) for one in taken] == [("ingest-lost", True)]


def test_what_is_sent_while_all_are_away_waits_for_whoever_comes(
    workers: WorkerProcesses, device: Device, conn: Connection
) -> None:
    """Other names than before: the old sessions are taken up by those who come, whoever they are."""
    first, second = workers.start("first"), workers.start("second")
    for worker in (first, second):
        worker.wait_until_subscribed()
    first.kill()
    second.end()
    sent = send(device, 1)
    workers.start("third")
    wait_until(lambda: stored(conn) == sent, what="all of it is stored", within_s=60)


def test_one_that_comes_back_has_its_place_again(workers: WorkerProcesses, device: Device, conn: Connection) -> None:
    frozen, other = workers.start("frozen"), workers.start("other")
    for worker in (frozen, other):
        worker.wait_until_subscribed()
    frozen.send(signal.SIGSTOP)
    sent = send(device, 1)
    wait_until(lambda: stored(conn) == sent, what="its share is stored", within_s=60)
    frozen.send(signal.SIGCONT)
    frozen.wait_until_subscribed(2)
    sent += send(device, 1 + EACH)
    wait_until(lambda: stored(conn) == sent, what="both work again", within_s=60)
    frozen.end()
    stopped = frozen.events("worker stopped")
    assert [one["messages"] > 0 for one in stopped] == [True]
