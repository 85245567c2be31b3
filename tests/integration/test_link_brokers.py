"""The link between brokers that die, come back, or fall silent: nothing is lost, and it is said which one is used."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from domain.ids import AgentId, MarketId, ScaleId
from edge_agent.config.broker_config import BrokerAddress
from edge_agent.journal.outbox import Outbox
from edge_agent.link.broker_choice import ChoiceRules
from edge_agent.link.delivery import DeliveryRules
from messages.status import decode_agent_status
from messages.topics import agent_status_topic
from tests.brokers import RealBroker
from tests.integration.edge_rig import Service
from tests.integration.link_rig import HASTY, depth, running_link
from tests.proxies import Proxy
from tests.unit.edge_agent.test_outbox import SCALE, draft
from tests.waiting import wait_until

AGENT_STATUS = agent_status_topic(MarketId("m"), AgentId("agent-1"))


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def other_broker() -> Iterator[RealBroker]:
    with RealBroker() as running:
        yield running


@pytest.fixture
def service(broker: RealBroker) -> Iterator[Service]:
    running = Service(broker)
    yield running
    running.close()
    assert running.problems == []


@pytest.fixture
def other_service(other_broker: RealBroker) -> Iterator[Service]:
    running = Service(other_broker)
    yield running
    running.close()
    assert running.problems == []


def pair(broker: RealBroker, other: RealBroker) -> BrokerAddress:
    stand_in = BrokerAddress(host=other.host, port=other.port)
    return BrokerAddress(host=broker.host, port=broker.port, fallbacks=(stand_in,))


def seqs(*services: Service) -> set[int]:
    return {weighing for each in services for entries in list(each.journals.values()) for weighing in list(entries)}


def test_when_a_broker_dies_the_next_one_takes_over_and_the_preferred_one_is_returned_to(
    broker: RealBroker, other_broker: RealBroker, outbox: Outbox, service: Service, other_service: Service
) -> None:
    """Each broker has a service of its own, which knows only what it was sent: so both must be sent what they lack."""
    address = pair(broker, other_broker)
    with capture_logs() as logs, running_link(outbox, address, SCALE) as link:
        outbox.append([draft()] * 5)
        link.wake()
        wait_until(lambda: depth(outbox, SCALE) == 0, what="the preferred broker carries it")
        broker.kill()
        wait_until(lambda: AGENT_STATUS in other_service.statuses, what="the stand-in has the agent")
        status = decode_agent_status(other_service.statuses[AGENT_STATUS])
        assert (status.broker, status.brokers) == (
            f"127.0.0.1:{other_broker.port}",
            [f"127.0.0.1:{broker.port}", f"127.0.0.1:{other_broker.port}"],
        )
        outbox.append([draft()] * 5)
        link.wake()
        # The other service lacks 1 to 5, so it gives no receipt for 6 to 10, but it has them.
        wait_until(lambda: seqs(other_service) == {6, 7, 8, 9, 10}, what="the stand-in carries the new ones")
        broker.start()
        wait_until(lambda: depth(outbox, SCALE) == 0, what="the preferred broker has it all", within_s=40)
        assert seqs(service) == set(range(1, 11))
        wait_until(
            lambda: decode_agent_status(other_service.statuses[AGENT_STATUS]).state == "offline",
            what="the stand-in's last word of the agent is that it went",
        )
    events = [(entry["event"], entry.get("broker")) for entry in logs]
    assert ("trying_next_broker", f"127.0.0.1:{other_broker.port}") in events
    assert ("returning_to_preferred_broker", f"127.0.0.1:{broker.port}") in events


def test_a_stand_in_is_not_left_while_the_preferred_broker_is_away(
    broker: RealBroker, other_broker: RealBroker, outbox: Outbox, other_service: Service
) -> None:
    broker.kill()
    with capture_logs() as logs, running_link(outbox, pair(broker, other_broker), SCALE) as link:
        wait_until(
            lambda: [entry["event"] for entry in logs].count("preferred_broker_not_there") >= 3, what="three looks"
        )
        outbox.append([draft()])
        link.wake()
        wait_until(lambda: depth(outbox, SCALE) == 0, what="the stand-in carries on")
        connected = [entry for entry in logs if entry["event"] == "broker_connected"]
        assert [entry["preferred"] for entry in connected] == [False]


def test_a_half_open_connection_is_noticed_while_nothing_is_sent(
    broker: RealBroker, outbox: Outbox, service: Service
) -> None:
    with Proxy(broker.port) as proxy, capture_logs() as logs:
        address = BrokerAddress(host="127.0.0.1", port=proxy.port)
        with running_link(outbox, address, SCALE) as link:
            outbox.append([draft()])
            link.wake()
            wait_until(lambda: depth(outbox, SCALE) == 0, what="it works")
            proxy.fall_silent()
            wait_until(lambda: proxy.accepted >= 2, what="the keep-alive notices it")
            outbox.append([draft()])
            link.wake()
            wait_until(lambda: depth(outbox, SCALE) == 0, what="the new connection carries on")
    assert "broker_connection_ended" in [entry["event"] for entry in logs]


def test_a_half_open_connection_under_way_holds_nothing_up(
    broker: RealBroker, outbox: Outbox, service: Service
) -> None:
    """The network swallows a whole window, and more than TCP takes: closing must not wait for it."""
    rules = replace(HASTY, keepalive_s=600, answer_within_s=1.0)
    outbox.append([draft()] * 40_000)
    with Proxy(broker.port) as proxy:
        address = BrokerAddress(host="127.0.0.1", port=proxy.port)
        with running_link(
            outbox, address, SCALE, link_rules=rules, rules=DeliveryRules(window=200, batch=500, ahead=100_000)
        ):
            wait_until(lambda: proxy.accepted >= 1 and b"MQTT" in proxy.heard, what="a connection")
            proxy.fall_silent()
            wait_until(lambda: proxy.accepted >= 2, what="the answers that do not come are noticed")
            wait_until(lambda: depth(outbox, SCALE) == 0, what="the new connection drains it", within_s=60)
    assert seqs(service) == set(range(1, 40_001))


def test_a_days_backlog_of_many_scales_arrives_whole_with_what_is_weighed_meanwhile(
    broker: RealBroker, outbox: Outbox, service: Service
) -> None:
    scales = tuple(ScaleId(f"SC-{n:03}") for n in range(16))
    outbox.append([draft(scale_id) for scale_id in scales for _ in range(250)])
    address = BrokerAddress(host=broker.host, port=broker.port)
    with running_link(outbox, address, *scales, link_rules=replace(HASTY, choice=ChoiceRules())) as link:
        for _ in range(20):
            outbox.append([draft(scale_id) for scale_id in scales])
            link.wake()
        wait_until(lambda: depth(outbox, *scales) == 0, what="every receipt", within_s=60)
    for scale_id in scales:
        assert [weighing.seq for weighing in service.weighings(scale_id)] == list(range(1, 271))
