"""The subscriber over the mqtt5 codec (Rust): for one weighing a message, some ten times cheaper than paho-mqtt.

An extra (`pip install steelyard[fast]`, STEELYARD_MQTT_CLIENT=mqtt5); why it is not the usual one stands in
docs/decisions/0009-a-faster-client.md. The codec knows packets only, so the connection is kept here.
"""

import itertools
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import mqtt5
import structlog

from ingest.link import Listener
from ingest.linked_subscriber import LinkedSubscriber
from ingest.mqtt5_stream import Packets, Publish
from ingest.subscriber import KEEPALIVE_S, MAX_PACKET_BYTES, BrokerAddress

_CONNECT_TIMEOUT_S: Final = 10.0
_RECEIVE_BYTES: Final = 256 * 1024
_LAST_PACKET_ID: Final = 65_535
#: Of reason codes (MQTT 5, 2.4).
_FIRST_FAILURE: Final = 0x80

log = structlog.get_logger()


class Mqtt5Wire:
    """A socket and the codec, driven by a link's thread."""

    def __init__(self, address: BrokerAddress, receive_maximum: int, listener: Listener) -> None:
        self._address, self._receive_maximum, self._listener = address, receive_maximum, listener
        self._sock: socket.socket | None = None
        self._packets = Packets()
        self._heard_at = self._pinged_at = 0.0
        self._lock = threading.Lock()
        self._outgoing = bytearray()
        self._to_publish: deque[tuple[str, bytes, bool]] = deque()
        self._unanswered: set[int] = set()
        self._broker_maximum = 0
        self._packet_ids = itertools.cycle(range(1, _LAST_PACKET_ID + 1))

    def connect(self) -> None:
        """See Wire."""
        address = self._address
        sock = socket.create_connection((address.host, address.port), timeout=_CONNECT_TIMEOUT_S)
        self._sock = sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if address.ca_file is not None:
            context = ssl.create_default_context(cafile=address.ca_file)
            self._sock = sock = context.wrap_socket(sock, server_hostname=address.host)
        sock.sendall(
            mqtt5.ConnectPacket(
                address.client_id,
                username=address.username,
                password=None if address.password is None else address.password.encode(),
                clean_start=address.session_expiry_s == 0,
                keep_alive=KEEPALIVE_S,
                session_expiry_interval=address.session_expiry_s,
                receive_max=self._receive_maximum,
                max_packet_size=MAX_PACKET_BYTES,
            ).write()
        )
        sock.setblocking(False)
        self._packets, self._heard_at, self._pinged_at = Packets(), time.monotonic(), 0.0

    def close(self) -> None:
        """See Wire."""
        with self._lock:
            self._broker_maximum = 0
            self._outgoing.clear()
            self._to_publish.clear()
            self._unanswered.clear()
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def fileno(self) -> int:
        """See Wire."""
        return -1 if self._sock is None else self._sock.fileno()

    @property
    def wants_write(self) -> bool:
        """See Wire."""
        return bool(self._outgoing)

    @property
    def has_unread(self) -> bool:
        """See Wire."""
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def read(self) -> None:
        """See Wire."""
        assert self._sock is not None  # noqa: S101 - a link reads between connect and close
        try:
            data = self._sock.recv(_RECEIVE_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        if not data:
            raise ConnectionResetError("the broker closed the connection")
        self._heard_at = time.monotonic()
        self._take_all(self._packets.feed(data))

    def write(self) -> None:
        """See Wire."""
        assert self._sock is not None  # noqa: S101 - as above
        with self._lock:
            try:
                while self._outgoing:
                    sent = self._sock.send(self._outgoing)
                    del self._outgoing[:sent]
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass  # the rest goes when there is room

    def keep_alive(self) -> None:
        """See Wire. Half a keep-alive of silence is broken by a ping; no answer for as long ends it (3.1.2.10)."""
        if time.monotonic() - max(self._heard_at, self._pinged_at) <= KEEPALIVE_S / 2:
            return
        if self._pinged_at > self._heard_at:
            raise TimeoutError("the broker does not answer any more")
        self._pinged_at = time.monotonic()
        self._send(mqtt5.PingReqPacket().write())

    def acknowledge(self, packet_ids: Iterable[int]) -> None:
        """See Wire."""
        self._send(b"".join(mqtt5.PubAckPacket(packet_id).write() for packet_id in packet_ids))

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """See Wire. Never more without their answer than the broker takes (3.2.2.3.3): it would hang up."""
        if qos == 0:
            self._send(mqtt5.PublishPacket(topic, payload, qos=mqtt5.QoS.AT_MOST_ONCE, retain=retain).write())
            return
        with self._lock:
            if self._broker_maximum:  # else there is no connection, and it is lost
                self._to_publish.append((topic, payload, retain))
        self._publish_what_fits()

    def subscribe(self, topic_filters: Sequence[str]) -> None:
        """See Wire."""
        wanted = [mqtt5.TopicFilter(one, max_qos=mqtt5.QoS.AT_LEAST_ONCE) for one in topic_filters]
        self._send(mqtt5.SubscribePacket(self._next_id(), wanted).write())

    def unsubscribe(self, topic_filters: Sequence[str]) -> None:
        """See Wire."""
        self._send(mqtt5.UnsubscribePacket(self._next_id(), list(topic_filters)).write())

    def say_goodbye(self, *, end_session: bool) -> None:
        """See Wire."""
        self._send(mqtt5.DisconnectPacket(session_expiry_interval=0 if end_session else None).write())

    def _publish_what_fits(self) -> None:
        with self._lock:
            while self._to_publish and len(self._unanswered) < self._broker_maximum:
                topic, payload, retain = self._to_publish.popleft()
                packet_id = self._next_id()
                self._unanswered.add(packet_id)
                packet = mqtt5.PublishPacket(
                    topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, retain=retain, packet_id=packet_id
                )
                self._outgoing += packet.write()

    def _next_id(self) -> int:
        return next(number for number in self._packet_ids if number not in self._unanswered)

    def _send(self, data: bytes) -> None:
        with self._lock:
            self._outgoing += data

    def _take_all(self, packets: Sequence[object]) -> None:
        arrived = []
        for packet in packets:
            if isinstance(packet, Publish):
                arrived.append((packet.topic, packet.payload, packet.packet_id))
            else:
                self._take(packet)
        if arrived:
            self._listener.arrived(arrived, datetime.now(UTC))

    def _take(self, packet: object) -> None:
        if isinstance(packet, mqtt5.PubAckPacket):
            with self._lock:
                self._unanswered.discard(packet.packet_id)
            self._publish_what_fits()
        elif isinstance(packet, mqtt5.ConnAckPacket):
            self._taken_in(packet)
        elif isinstance(packet, mqtt5.SubAckPacket):
            refused = [code.name for code in packet.reason_codes if code.value >= _FIRST_FAILURE]
            self._listener.subscribed(", ".join(refused) or None)
        elif isinstance(packet, mqtt5.UnsubAckPacket):
            self._listener.unsubscribed()
        elif isinstance(packet, mqtt5.DisconnectPacket):
            raise ConnectionResetError(f"the broker said goodbye: {packet.reason_code.name}")

    def _taken_in(self, answer: mqtt5.ConnAckPacket) -> None:
        if answer.reason_code is not mqtt5.ConnAckReasonCode.SUCCESS:
            log.error("broker refused us", reason=answer.reason_code.name, client_id=self._address.client_id)
            raise ConnectionRefusedError(f"the broker refused us: {answer.reason_code.name}")
        with self._lock:
            self._broker_maximum = answer.receive_max
        self._listener.taken_in(session_present=answer.session_present)


class Mqtt5Subscriber(LinkedSubscriber):
    """A member of the shared subscription over the mqtt5 codec."""

    def __init__(self, address: BrokerAddress, *, receive_maximum: int, links: int = 1) -> None:
        super().__init__(Mqtt5Wire, address, receive_maximum=receive_maximum, links=links)
