"""A real agent's board shows whose stall it is and its tier, as a real database says, through a real broker."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from psycopg import Connection, connect
from structlog.testing import capture_logs

from credit.rules.reading import read_credit_rules
from db import credit
from domain.ids import AgentId, VendorId
from ingest.presence import Presence
from ingest.subscriber import BrokerAddress
from ingest.vendor_announcer import VendorAnnouncer
from messages.notices import VendorNotice, decode_notice
from messages.status import AgentStatus, encode_status
from messages.topics import agent_status_topic, parse_scale_topic
from steelyard.resources import policy_directory
from steelyard.services import tiers_by
from tests.brokers import RealBroker
from tests.factories import MARKET, NOW, place, put_market
from tests.waiting import wait_until

RULES = read_credit_rules(policy_directory() / "credit.toml")
BEST, WORST = RULES.tier_of(RULES.base).name, RULES.tier[-1].name


class Agent:
    """Says that it is online with S-1 and S-2, and hears what they are told."""

    def __init__(self, broker: RealBroker, *, uptime_s: int = 1) -> None:
        self.heard: dict[str, list[VendorNotice]] = defaultdict(list)
        self._uptime_s = uptime_s
        self.client = Client(CallbackAPIVersion.VERSION2, client_id="gw-1", protocol=MQTTProtocolVersion.MQTTv5)
        self.client.reconnect_delay_set(1, 1)
        self.client.will_set(*self._status("offline"), qos=1, retain=True)
        self.client.on_connect = self._on_connect
        self.client.on_message = self._take
        self.client.connect(broker.host, broker.port, clean_start=True)
        self.client.loop_start()

    def _status(self, state: str) -> tuple[str, bytes]:
        status = AgentStatus(
            state="online" if state == "online" else "offline", at=NOW, scales=["S-1", "S-2"], uptime_s=self._uptime_s
        )
        return agent_status_topic(MARKET, AgentId("gw-1")), encode_status(status)

    def _on_connect(self, client: Client, *_: object) -> None:
        client.subscribe("steelyard/v1/+/+/notices", qos=1)
        client.publish(*self._status("online"), qos=1, retain=True)

    def _take(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        notice = decode_notice(bytes(message.payload))
        assert isinstance(notice, VendorNotice)
        self.heard[parse_scale_topic(message.topic).scale_id].append(notice)

    def last(self, scale_id: str = "S-1") -> tuple[str, str, str] | None:
        if not self.heard[scale_id]:
            return None
        notice = self.heard[scale_id][-1]
        return notice.stall_id, notice.vendor_name, notice.credit_tier

    def leave(self) -> None:
        self.client.publish(*self._status("offline"), qos=1, retain=True).wait_for_publish(10)
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def there(broker: RealBroker) -> Iterator[Agent]:
    agent = Agent(broker)
    try:
        yield agent
    finally:
        agent.leave()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def announcer_of(broker: RealBroker, url: str, clock: Clock, name: str = "w1") -> VendorAnnouncer:
    address = BrokerAddress(host=broker.host, port=broker.port, client_id=f"tell-{name}")
    return VendorAnnouncer(url, lambda: Presence(address), tiers_by(RULES), clock)


@contextmanager
def announcing(broker: RealBroker, url: str, clock: Clock, name: str = "w1") -> Iterator[VendorAnnouncer]:
    announcer = announcer_of(broker, url, clock, name)
    announcer.start()
    try:
        yield announcer
        assert announcer.is_alive()
    finally:
        announcer.stop()


@pytest.fixture(autouse=True)
def market(conn: Connection) -> None:
    put_market(conn)
    conn.commit()


def deduct(conn: Connection, points: int, vendor: str = "V-1") -> None:
    credit.append(
        conn,
        market_id=MARKET,
        vendor_id=VendorId(vendor),
        occurred_at=NOW - timedelta(hours=1),
        recorded_at=NOW,
        recorded_by="test",
        reason="over_cap",
        points=points,
        rule="test",
        rules_version="test",
        alert_id=None,
    )
    conn.commit()


def test_an_agent_that_comes_is_told_of_each_of_its_scales(broker: RealBroker, database_url: str) -> None:
    with announcing(broker, database_url, Clock()), there(broker) as agent:
        wait_until(lambda: agent.last("S-2") is not None, what="both are told")
        assert agent.last("S-1") == ("A-1", "vendor V-1", BEST)
        assert agent.last("S-2") == ("A-2", "vendor V-2", BEST)


def test_an_agent_that_was_there_first_is_told_too(broker: RealBroker, database_url: str) -> None:
    with there(broker) as agent, announcing(broker, database_url, Clock()):
        wait_until(lambda: agent.last() == ("A-1", "vendor V-1", BEST), what="the retained status was heard")


def test_what_is_confirmed_shows_at_the_stall(broker: RealBroker, database_url: str, conn: Connection) -> None:
    with announcing(broker, database_url, Clock()), there(broker) as agent:
        wait_until(lambda: agent.last("S-2") is not None, what="both are told")
        deduct(conn, -RULES.ceiling)
        wait_until(lambda: agent.last() == ("A-1", "vendor V-1", WORST), what="the new tier")
        assert len(agent.heard["S-1"]) == 2
        assert len(agent.heard["S-2"]) == 1  # nothing is new there


def test_a_scale_that_moves_tells_its_new_vendor_when_the_moment_comes(
    broker: RealBroker, database_url: str, conn: Connection
) -> None:
    clock = Clock()
    with announcing(broker, database_url, clock), there(broker) as agent:
        wait_until(lambda: agent.last() == ("A-1", "vendor V-1", BEST), what="the first vendor")
        place(conn, 1, vendor="V-7", since=NOW + timedelta(hours=1))
        place(conn, 2, vendor="V-8", since=NOW - timedelta(hours=1))
        conn.commit()
        wait_until(lambda: agent.last("S-2") == ("A-2", "vendor V-8", BEST), what="the placement at once")
        assert agent.last() == ("A-1", "vendor V-1", BEST)
        clock.now = NOW + timedelta(hours=1)
        wait_until(lambda: agent.last() == ("A-1", "vendor V-7", BEST), what="the placement of later")


def test_a_new_cycle_begins_at_the_markets_midnight(broker: RealBroker, database_url: str, conn: Connection) -> None:
    clock = Clock()
    deduct(conn, -RULES.ceiling)
    with announcing(broker, database_url, clock), there(broker) as agent:
        wait_until(lambda: agent.last() == ("A-1", "vendor V-1", WORST), what="the tier of this cycle")
        clock.now = NOW + timedelta(days=366)
        wait_until(lambda: agent.last() == ("A-1", "vendor V-1", BEST), what="the tier of the next")


def test_one_worker_announces_and_when_it_is_gone_the_other_one(
    broker: RealBroker, database_url: str, conn: Connection
) -> None:
    with there(broker) as agent, announcing(broker, database_url, Clock(), "w2"):
        wait_until(lambda: agent.last() is not None, what="w2 speaks")
        second = announcer_of(broker, database_url, Clock(), "w3")
        second.start()
        try:
            # What w2 loses is its database connection, as when its process is killed.
            kill_announcers(database_url)
            wait_until(lambda: len(agent.heard["S-1"]) >= 2, what="whoever has the place now says all anew")
            deduct(conn, -RULES.ceiling)
            wait_until(lambda: agent.last() == ("A-1", "vendor V-1", WORST), what="changes go on")
            assert [notice.credit_tier for notice in agent.heard["S-1"]] == [BEST, BEST, WORST]
        finally:
            second.stop()


def kill_announcers(database_url: str) -> None:
    """End the connections that hold an advisory lock: the one that announces."""
    with connect(database_url, autocommit=True) as conn:
        ended = conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchall()
    assert ended == [(True,)]


def test_a_broker_that_forgot_everything_is_told_again(broker: RealBroker, database_url: str) -> None:
    with announcing(broker, database_url, Clock()), there(broker) as agent:
        wait_until(lambda: agent.last() is not None, what="told once")
        broker.kill()
        broker.start()
        wait_until(lambda: len(agent.heard["S-1"]) == 2, what="told again", within_s=60)


def test_a_status_that_is_none_is_passed_over(broker: RealBroker, database_url: str) -> None:
    with announcing(broker, database_url, Clock()) as announcer:
        client = Client(CallbackAPIVersion.VERSION2, client_id="odd", protocol=MQTTProtocolVersion.MQTTv5)
        client.connect(broker.host, broker.port)
        client.loop_start()
        for topic, payload in (
            (f"steelyard/v1/{MARKET}/agents/gw-9/status", b"{"),
            (f"steelyard/v1/{MARKET}/S-1/status", b"\xff\x00"),
            (f"steelyard/v1/{MARKET}/a b/status", b"{}"),
            (f"steelyard/v1/{MARKET}/agents/a b/status", b"{}"),
        ):
            client.publish(topic, payload, qos=1).wait_for_publish(10)
        client.disconnect()
        client.loop_stop()
        with there(broker) as agent:
            wait_until(lambda: agent.last() is not None, what="it goes on")
        assert announcer.is_alive()


def test_the_database_may_be_away(broker: RealBroker) -> None:
    announcer = announcer_of(broker, "postgresql://nobody@127.0.0.1:1/none", Clock())
    with capture_logs() as said:
        announcer.start()
        wait_until(lambda: len(said) >= 2, what="it tries again")
    assert {one["event"] for one in said} == {"vendors not looked up, trying again"}
    announcer.stop()
