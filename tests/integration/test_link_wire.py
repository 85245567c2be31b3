"""What goes over the link beside weighings: events up, caps and notices down, the service's time, health."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from structlog.testing import capture_logs

from domain.device_event import DeviceEvent, EventKind
from domain.errors import BadMessage
from domain.ids import AgentId, MarketId, ScaleId
from edge_agent.config.broker_config import BrokerAddress
from edge_agent.journal.outbox import Outbox
from edge_agent.link.sender import Downlink
from messages.status import decode_agent_status
from messages.topics import ScaleChannel, ScaleTopic, agent_status_topic, caps_topic
from tests.brokers import RealBroker
from tests.integration.edge_rig import Service
from tests.integration.link_rig import depth, running_link
from tests.unit.edge_agent.test_outbox import NOW, SCALE, draft
from tests.waiting import wait_until

MARKET = MarketId("m")


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "outbox.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def market(broker: RealBroker) -> Iterator[Client]:
    """The market's side: it publishes, and hears events."""
    client = Client(CallbackAPIVersion.VERSION2, "market", protocol=MQTTProtocolVersion.MQTTv5)
    client.connect(broker.host, broker.port, clean_start=True)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def address(broker: RealBroker) -> BrokerAddress:
    return BrokerAddress(host=broker.host, port=broker.port)


def test_events_and_checkpoints_reach_the_broker_and_leave_the_outbox(
    broker: RealBroker, outbox: Outbox, market: Client
) -> None:
    heard: list[tuple[str, bytes]] = []
    ready: list[int] = []
    market.on_message = lambda _client, _data, message: heard.append((message.topic, bytes(message.payload)))
    market.on_subscribe = lambda _client, _data, mid, _reasons, _properties: ready.append(mid)
    topics = [str(ScaleTopic(MARKET, SCALE, channel)) for channel in (ScaleChannel.EVENTS, ScaleChannel.CHECKPOINTS)]
    market.subscribe([(topic, 1) for topic in topics])
    wait_until(lambda: ready, what="the subscription")
    outbox.append([draft()])
    events = [DeviceEvent(kind=kind, at=NOW) for kind in (EventKind.ZERO, EventKind.TARE)]
    outbox.add_events(SCALE, events)
    outbox.sign_checkpoints(Ed25519PrivateKey.generate(), NOW)
    waiting = [(topics[0], message.body) for message in outbox.pending_events(9)]
    waiting += [(topics[1], message.body) for message in outbox.pending_checkpoints(9)]
    assert len(waiting) == 4  # the journal's beginning is an event too
    with running_link(outbox, address(broker), SCALE):
        wait_until(lambda: len(heard) == 4, what="the events and the checkpoint")
        wait_until(lambda: not outbox.pending_events(9) and not outbox.pending_checkpoints(9), what="their answers")
    assert sorted(heard) == sorted(waiting)


def test_caps_and_notices_are_handed_down_and_a_bad_one_ends_nothing(
    broker: RealBroker, outbox: Outbox, market: Client
) -> None:
    caps: list[bytes] = []
    notices: list[tuple[ScaleId, bytes]] = []

    def on_caps(payload: bytes) -> None:
        caps.append(payload)
        if payload == b"nonsense":
            raise BadMessage("not_json", "caps", "nonsense", "a cap list")

    market.publish(caps_topic(MARKET), b"list 1", qos=1, retain=True).wait_for_publish(10)
    downlink = Downlink(on_caps=on_caps, on_notice=lambda scale_id, payload: notices.append((scale_id, payload)))
    with capture_logs() as logs, running_link(outbox, address(broker), SCALE, downlink=downlink) as link:
        wait_until(lambda: caps == [b"list 1"], what="the retained list")
        market.publish(caps_topic(MARKET), b"nonsense", qos=1)
        wait_until(lambda: len(caps) == 2, what="what is no list")
        market.publish(str(ScaleTopic(MARKET, SCALE, ScaleChannel.NOTICES)), b"a notice", qos=1)
        market.publish(str(ScaleTopic(MARKET, ScaleId("other"), ScaleChannel.NOTICES)), b"not ours", qos=1)
        wait_until(lambda: notices == [(SCALE, b"a notice")], what="the notice to our scale")
        assert link.is_alive()
    assert "bad_caps" in [entry["event"] for entry in logs]


@pytest.mark.parametrize("ahead_s", [0, 30, -30])
def test_the_offset_of_the_clock_is_reckoned_from_receipts_and_told(
    broker: RealBroker, outbox: Outbox, ahead_s: int
) -> None:
    service = Service(broker)
    service.clock_ahead = timedelta(seconds=ahead_s)
    status_topic = agent_status_topic(MARKET, AgentId("agent-1"))
    try:
        with running_link(outbox, address(broker), SCALE) as link:
            outbox.append([draft()])
            link.wake()
            wait_until(lambda: link.clock_offset() is not None, what="a receipt with a time")
            offset = link.clock_offset()
            assert offset is not None
            assert abs(offset.offset_ms - ahead_s * 1000) <= offset.error_ms + 2
            assert depth(outbox, SCALE) == 0
        with running_link(outbox, address(broker), SCALE):
            wait_until(
                lambda: (
                    status_topic in service.statuses
                    and decode_agent_status(service.statuses[status_topic]).state == "online"
                ),
                what="a status",
            )
            assert decode_agent_status(service.statuses[status_topic]).clock_offset_ms is None, "nothing is guessed"
    finally:
        service.close()
