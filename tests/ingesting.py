"""A real ingest worker in a thread, between a test's own broker and database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from ingest.cap_announcer import CapAnnouncer
from ingest.paho_subscriber import PahoSubscriber
from ingest.subscriber import BrokerAddress
from ingest.worker import Worker, WorkerSettings
from pricing.policy import read_rules_policy
from steelyard.resources import policy_directory
from tests.brokers import RealBroker


@contextmanager
def ingesting(broker: RealBroker, database_url: str) -> Iterator[Worker]:
    """Ingest until the block ends; the batch in hand is finished."""
    address = BrokerAddress(host=broker.host, port=broker.port, client_id="ingest-1")
    subscriber = PahoSubscriber(address, receive_maximum=100)
    worker = Worker(
        settings=WorkerSettings(database_url=database_url),
        subscriber=subscriber,
        companions=(CapAnnouncer(database_url, subscriber, lambda: datetime.now(UTC)),),
        policy=read_rules_policy(policy_directory() / "rules.toml"),
        stop=threading.Event(),
    )
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop.set()
        thread.join(30)
