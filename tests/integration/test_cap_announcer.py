"""A real broker keeps, and a real agent's store takes, what a real database says is in force."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from psycopg import Connection

from domain.ids import MarketId
from domain.price_cap import Verdict
from domain.units import Fen, PriceUnit
from edge_agent.caps.cap_store import CapStore
from ingest.cap_announcer import CapAnnouncer
from ingest.paho_subscriber import PahoSubscriber
from ingest.subscriber import BrokerAddress
from ingest.worker import Worker, WorkerSettings
from messages.caps import Announcement, decode_caps
from messages.topics import caps_topic
from pricing.policy import read_rules_policy
from steelyard.resources import policy_directory
from tests.brokers import RealBroker
from tests.factories import CAP, CAPPED, MARKET, NOW, publish_caps, put_market
from tests.waiting import wait_until

DAY = timedelta(days=1)


class Listener:
    """An agent that hears caps, and may come late."""

    def __init__(self, broker: RealBroker, name: str) -> None:
        self.heard: dict[str, list[bytes]] = defaultdict(list)
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = self._subscribe
        self.client.on_message = self._take
        self.client.connect(broker.host, broker.port, clean_start=True)
        self.client.loop_start()

    def _subscribe(self, client: Client, *_: Any) -> None:
        client.subscribe("steelyard/v1/+/caps", qos=1)

    def _take(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.heard[message.topic].append(bytes(message.payload))

    def last(self, market_id: MarketId = MARKET) -> Announcement | None:
        heard = self.heard[caps_topic(market_id)]
        return decode_caps(heard[-1]) if heard else None

    def list_id(self, market_id: MarketId = MARKET) -> int | None:
        last = self.last(market_id)
        return None if last is None or last.in_force is None else last.in_force.cap_list.cap_list_id

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def listening(broker: RealBroker, name: str = "agent") -> Iterator[Listener]:
    listener = Listener(broker, name)
    try:
        yield listener
    finally:
        listener.close()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def announcing(broker: RealBroker, url: str, clock: Clock, name: str = "w1") -> Iterator[CapAnnouncer]:
    subscriber = PahoSubscriber(
        BrokerAddress(host=broker.host, port=broker.port, client_id=f"ingest-{name}"), receive_maximum=100
    )
    announcer = CapAnnouncer(url, subscriber, clock)
    subscriber.start()
    announcer.start()
    try:
        yield announcer
        assert announcer.is_alive()
    finally:
        announcer.stop()
        subscriber.stop()


@pytest.fixture
def market(conn: Connection) -> int:
    put_market(conn, with_caps=False)
    list_id = publish_caps(conn)
    conn.commit()
    return list_id


def test_an_agent_that_comes_late_is_told_what_is_in_force(
    broker: RealBroker, database_url: str, market: int, tmp_path: Path
) -> None:
    with announcing(broker, database_url, Clock()), listening(broker, "first") as first:
        wait_until(lambda: first.list_id() == market, what="the first announcement")
        with listening(broker, "late") as late:
            wait_until(lambda: late.list_id() == market, what="the retained announcement")
            payload = late.heard[caps_topic(MARKET)][-1]
    store = CapStore(tmp_path / "caps.json")
    assert store.take(payload) == store.version
    book = CapStore(tmp_path / "caps.json").book
    assert book.verdict(Fen(CAP), PriceUnit.KG, CAPPED, "", NOW) is Verdict.WITHIN
    assert book.verdict(Fen(CAP + 1), PriceUnit.KG, CAPPED, "", NOW) is Verdict.OVER


def test_a_list_that_is_published_is_announced_and_the_one_of_tomorrow_ahead(
    broker: RealBroker, database_url: str, conn: Connection, market: int
) -> None:
    clock = Clock()
    with announcing(broker, database_url, clock), listening(broker) as agent:
        wait_until(lambda: agent.list_id() == market, what="the first announcement")
        tomorrow = publish_caps(conn, CAP + 1000, NOW + DAY)
        conn.commit()
        wait_until(lambda: [one.cap_list.cap_list_id for one in coming(agent)] == [tomorrow], what="tomorrow's list")
        corrected = publish_caps(conn, CAP - 1000, NOW)
        conn.commit()
        wait_until(lambda: agent.list_id() == corrected, what="the correction")
        clock.now = NOW + DAY
        wait_until(lambda: agent.list_id() == tomorrow, what="tomorrow has come")
        assert coming(agent) == ()


def coming(agent: Listener) -> tuple[Any, ...]:
    last = agent.last()
    return () if last is None else last.coming


def test_a_market_without_a_list_is_told_so(broker: RealBroker, database_url: str, conn: Connection) -> None:
    put_market(conn, with_caps=False)
    conn.commit()
    with announcing(broker, database_url, Clock()), listening(broker) as agent:
        wait_until(lambda: agent.last() is not None, what="an announcement")
        assert agent.last() == Announcement(in_force=None)


def test_a_broker_that_forgot_everything_is_told_again(broker: RealBroker, database_url: str, market: int) -> None:
    with announcing(broker, database_url, Clock()), listening(broker, "first") as first:
        wait_until(lambda: first.list_id() == market, what="the first announcement")
        broker.kill()
        broker.start()
        with listening(broker, "second") as second:
            wait_until(lambda: second.list_id() == market, what="the announcement is made again", within_s=60)


def test_two_workers_say_the_same(broker: RealBroker, database_url: str, market: int) -> None:
    """Each says it once, and a late agent hears what both meant."""
    with (
        listening(broker) as agent,
        announcing(broker, database_url, Clock(), "w1"),
        announcing(broker, database_url, Clock(), "w2"),
    ):
        heard = agent.heard[caps_topic(MARKET)]
        wait_until(lambda: len(heard) == 2, what="both have spoken")
        assert heard[0] == heard[1]
        assert agent.list_id() == market


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_does_not_outlive_its_announcer(broker: RealBroker, database_url: str, market: int) -> None:
    """A market whose caps nobody announces any more is a bug that somebody must see."""
    subscriber = PahoSubscriber(
        BrokerAddress(host=broker.host, port=broker.port, client_id="ingest-w1"), receive_maximum=100
    )
    announcer = CapAnnouncer(database_url, subscriber, broken_clock)
    worker = Worker(
        settings=WorkerSettings(database_url=database_url),
        subscriber=subscriber,
        policy=read_rules_policy(policy_directory() / "rules.toml"),
        stop=threading.Event(),
        companions=(announcer,),
    )
    with pytest.raises(RuntimeError, match="the CapAnnouncer beside the worker ended by itself"):
        worker.run()


def broken_clock() -> datetime:
    raise ZeroDivisionError("a bug")
