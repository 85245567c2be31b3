"""The subscriber, byte by byte: what it answers to a broker that delivers at QoS 0 and at QoS 1."""

import socket
import threading

import pytest

from ingest import mqtt5_subscriber, paho_subscriber
from ingest.mqtt5_subscriber import Mqtt5Subscriber
from ingest.paho_subscriber import PahoSubscriber
from ingest.subscriber import TOPIC_FILTERS, Batch, BrokerAddress
from tests.waiting import wait_until

CLIENTS = pytest.mark.parametrize("client", [PahoSubscriber, Mqtt5Subscriber], ids=["paho", "mqtt5"])
CONNACK = bytes([0x20, 3, 0, 0, 0])
PUBACK, SUBSCRIBE = 0x40, 0x82


def publish(payload: bytes, *, mid: int | None) -> bytes:
    """A PUBLISH of MQTT 5 without properties: QoS 1 with a packet id, QoS 0 without."""
    topic = b"steelyard/v1/m/s/weighings"
    packet_id = b"" if mid is None else mid.to_bytes(2, "big")
    body = len(topic).to_bytes(2, "big") + topic + packet_id + b"\0" + payload
    return bytes([0x30 if mid is None else 0x32, len(body)]) + body


def packet_from(client: socket.socket) -> bytes:
    """Read one packet of less than 16 KiB; its length is told in one byte, 0. Nothing where the connection ends."""
    head = client.recv(2)
    if len(head) < 2:
        return head
    length = head[1] & 127
    if head[1] & 128:
        length += client.recv(1)[0] << 7
    return head[:1] + b"\0" + (client.recv(length, socket.MSG_WAITALL) if length else b"")


class ScriptedBroker:
    """Accepts one client, delivers one message at QoS 0 and one at QoS 1, and keeps what the client sends."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        client, _ = self._listener.accept()
        with client, self._listener:
            client.sendall(CONNACK)
            while packet := packet_from(client):
                self.packets.append(packet)
                if packet[0] == SUBSCRIBE:
                    client.sendall(bytes([0x90, 4, packet[2], packet[3], 0, 1]))
                    client.sendall(publish(b"at most once", mid=None) + publish(b"at least once", mid=7))

    def join(self) -> None:
        self._thread.join(10)
        assert not self._thread.is_alive()


@CLIENTS
def test_only_what_was_sent_with_qos_1_is_acknowledged(client: type[PahoSubscriber] | type[Mqtt5Subscriber]) -> None:
    """A PUBACK for QoS 0 is a protocol error, for which Mosquitto disconnects."""
    broker = ScriptedBroker()
    subscriber = client(BrokerAddress(host="127.0.0.1", port=broker.port, client_id="w"), receive_maximum=10)
    subscriber.start()
    batch = Batch([], [])

    def both_are_delivered() -> bool:
        polled = subscriber.poll(10, 0.05)
        batch.deliveries.extend(polled.deliveries)
        batch.tokens.extend(polled.tokens)
        return len(batch.tokens) == 2

    wait_until(both_are_delivered, what="both are delivered")
    subscriber.acknowledge(batch)
    wait_until(lambda: any(packet[0] == PUBACK for packet in broker.packets), what="a PUBACK")
    subscriber.stop()
    broker.join()
    assert [packet[2:4] for packet in broker.packets if packet[0] == PUBACK] == [bytes([0, 7])]
    assert [delivery.payload for delivery in batch.deliveries] == [b"at most once", b"at least once"]


@CLIENTS
def test_a_broker_that_refuses_is_asked_again(client: type[PahoSubscriber] | type[Mqtt5Subscriber]) -> None:
    """Not authorized (0x87) today, taken in tomorrow: a password may be put right while we wait."""
    answers = [bytes([0x20, 3, 0, 0x87, 0]), CONNACK]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
        subscriber = client(BrokerAddress(host="127.0.0.1", port=port, client_id="w"), receive_maximum=10)
        subscriber.start()
        taken = []
        for answer in answers:
            listener.settimeout(30)
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.sendall(answer)
            taken.append(connection)
        wait_until(lambda: subscriber.is_connected, what="it is taken in")
        assert subscriber.connections == 1
        subscriber.stop()
        for connection in taken:
            connection.close()


@CLIENTS
def test_a_broker_that_says_nothing_any_more_is_left(
    client: type[PahoSubscriber] | type[Mqtt5Subscriber], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A half-open connection: nobody would ever know, but for the ping that is not answered."""
    for module in (mqtt5_subscriber, paho_subscriber):
        monkeypatch.setattr(module, "KEEPALIVE_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
        subscriber = client(BrokerAddress(host="127.0.0.1", port=port, client_id="w"), receive_maximum=10)
        subscriber.start()
        connection, _ = listener.accept()
        connection.recv(4096)
        connection.sendall(CONNACK)
        wait_until(lambda: subscriber.is_connected, what="it is taken in")
        wait_until(lambda: not subscriber.is_connected, what="it notices")
        subscriber.stop()
        connection.close()


@CLIENTS
def test_a_subscription_that_is_refused_is_told_and_asked_for_again(
    client: type[PahoSubscriber] | type[Mqtt5Subscriber],
) -> None:
    """Not authorized (0x87) for one channel: connected, and deaf to a part of what there is. That is not ready."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        port = int(listener.getsockname()[1])
        subscriber = client(BrokerAddress(host="127.0.0.1", port=port, client_id="w"), receive_maximum=10)
        subscriber.start()
        given = [1] * (len(TOPIC_FILTERS) - 1)
        for granted in (0x87, 0x01):
            connection, _ = listener.accept()
            with connection:
                connection.sendall(CONNACK)
                asked = b""
                while not asked or asked[0] != SUBSCRIBE:
                    asked = packet_from(connection)
                wait_until(lambda: subscriber.is_connected, what="it is taken in")
                assert not subscriber.is_subscribed
                connection.sendall(bytes([0x90, 3 + len(TOPIC_FILTERS), asked[2], asked[3], 0, *given, granted]))
                if granted == 0x01:
                    wait_until(lambda: subscriber.is_subscribed, what="all are given")
                else:
                    assert connection.recv(4096) == b"", "it leaves"
        subscriber.stop()
