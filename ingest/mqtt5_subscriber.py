"""The subscriber over the mqtt5 codec (Rust): for one weighing a message, some ten times cheaper than paho-mqtt.

An extra (`pip install steelyard[fast]`, STEELYARD_MQTT_CLIENT=mqtt5); why it is not the usual one stands in
docs/decisions/0009-a-faster-client.md. The codec knows packets only, so the connection is kept here, by one thread.
"""

import itertools
import random
import selectors
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import mqtt5
import structlog

from ingest.mqtt5_stream import Packets, Publish, Undecodable
from ingest.reading import Delivery
from ingest.subscriber import KEEPALIVE_S, TOPIC_FILTER, Batch, BrokerAddress
from ingest.waiting import Arrived, Waiting

_CONNECT_TIMEOUT_S: Final = 10.0
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 30.0
_LOOK_S: Final = 0.5
_RECEIVE_BYTES: Final = 256 * 1024
_QOS: Final = mqtt5.QoS.AT_LEAST_ONCE
_LAST_PACKET_ID: Final = 65_535

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Token:
    """A packet id means something only within its connection; QoS 0 has none, and nothing to acknowledge."""

    packet_id: int | None
    connection: int


class Mqtt5Subscriber:
    """A member of the shared subscription; several, where one connection's window is too small for a worker."""

    def __init__(self, address: BrokerAddress, *, receive_maximum: int, links: int = 1) -> None:
        self._waiting = Waiting()
        ids = [address.client_id, *(f"{address.client_id}-{n}" for n in range(2, links + 1))]
        self._links = [_Link(address, name, receive_maximum, self._waiting) for name in ids]

    def start(self) -> None:
        """Connect and subscribe, and go on doing so whenever a connection is lost."""
        for link in self._links:
            link.start()

    def stop(self) -> None:
        """Say goodbye."""
        self._waiting.close()
        for link in self._links:
            link.stop()

    @property
    def is_connected(self) -> bool:
        """Whether what we publish can leave now."""
        return self._links[0].is_connected

    @property
    def connections(self) -> int:
        """How often the broker has taken in whom we publish as."""
        return self._links[0].connection

    def poll(self, max_messages: int, timeout_s: float) -> Batch:
        """Return what is there; wait for the first message only."""
        return self._waiting.take(max_messages, timeout_s)

    def acknowledge(self, batch: Batch) -> None:
        """Tell the broker that these are safe: all of a connection in one write."""
        by_link: dict[_Link, list[_Token]] = {}
        for link, token in batch.tokens:
            by_link.setdefault(link, []).append(token)
        for link, tokens in by_link.items():
            link.acknowledge(tokens)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message to a scale; where there is no connection it is lost."""
        self._links[0].publish(topic, payload, retain=retain)


class _Link:
    """One connection of one client, made anew whenever it is lost. Only its own thread touches the socket."""

    def __init__(self, address: BrokerAddress, client_id: str, receive_maximum: int, waiting: Waiting) -> None:
        self._address, self._client_id, self._waiting = address, client_id, waiting
        self._receive_maximum = receive_maximum
        self.connection = 0
        self.is_connected = False
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._outgoing = bytearray()
        self._to_publish: deque[tuple[str, bytes, bool]] = deque()
        self._unanswered: set[int] = set()
        self._broker_maximum = 0
        self._woken, self._wake = socket.socketpair()
        self._packet_ids = itertools.cycle(range(1, _LAST_PACKET_ID + 1))
        self._thread = threading.Thread(target=self._run, name=client_id)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._send(mqtt5.DisconnectPacket().write())
        self._stop.set()
        self._thread.join()
        self._woken.close()
        self._wake.close()

    def acknowledge(self, tokens: Sequence[_Token]) -> None:
        ids = [one.packet_id for one in tokens if one.packet_id is not None and one.connection == self.connection]
        self._send(b"".join(mqtt5.PubAckPacket(packet_id).write() for packet_id in ids))

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        with self._lock:
            self._to_publish.append((topic, payload, retain))
        self._publish_what_fits()

    def _publish_what_fits(self) -> None:
        """Never more without their answer than the broker takes (3.2.2.3.3): beyond that it would hang up."""
        with self._lock:
            while self.is_connected and self._to_publish and len(self._unanswered) < self._broker_maximum:
                topic, payload, retain = self._to_publish.popleft()
                packet_id = next(number for number in self._packet_ids if number not in self._unanswered)
                self._unanswered.add(packet_id)
                packet = mqtt5.PublishPacket(topic, payload, qos=_QOS, retain=retain, packet_id=packet_id)
                self._put_out(packet.write())

    def _send(self, data: bytes) -> None:
        """Have something sent; where there is no connection, it is lost."""
        with self._lock:
            if self.is_connected:
                self._put_out(data)

    def _put_out(self, data: bytes) -> None:
        if not self._outgoing:
            self._wake.send(b".")
        self._outgoing += data

    def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._stop.is_set():
            try:
                with self._connect() as sock:
                    self._serve(sock)
            except (OSError, Undecodable) as error:
                log.warning("disconnected from the broker", reason=str(error), client_id=self._client_id)
            with self._lock:
                pause_s = _FIRST_PAUSE_S if self.is_connected else min(_LONGEST_PAUSE_S, pause_s * 2)
                self.is_connected = False
                self._outgoing.clear()
                self._to_publish.clear()
                self._unanswered.clear()
            # Not all at once after an outage.
            self._stop.wait(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret hangs on it

    def _connect(self) -> socket.socket:
        address = self._address
        sock = socket.create_connection((address.host, address.port), timeout=_CONNECT_TIMEOUT_S)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if address.ca_file is not None:
                context = ssl.create_default_context(cafile=address.ca_file)
                sock = context.wrap_socket(sock, server_hostname=address.host)
            sock.sendall(
                mqtt5.ConnectPacket(
                    self._client_id,
                    username=address.username,
                    password=None if address.password is None else address.password.encode(),
                    clean_start=address.session_expiry_s == 0,
                    keep_alive=KEEPALIVE_S,
                    session_expiry_interval=address.session_expiry_s,
                    receive_max=self._receive_maximum,
                ).write()
            )
            sock.setblocking(False)
        except BaseException:
            sock.close()
            raise
        return sock

    def _serve(self, sock: socket.socket) -> None:
        """Take what comes and send what is to go until the connection ends.

        Half a keep-alive of silence is broken by a ping; one that is not answered for as long ends it (3.1.2.10).
        """
        packets, heard_at, pinged_at = Packets(), time.monotonic(), 0.0
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._stop.is_set():
                is_writing = bool(self._outgoing)
                selector.modify(sock, selectors.EVENT_READ | (selectors.EVENT_WRITE if is_writing else 0))
                ready = {key.fileobj for key, _ in selector.select(_LOOK_S)}
                if self._woken in ready:
                    self._woken.recv(4096)
                data = self._receive(sock)
                if data:
                    heard_at = time.monotonic()
                    self._take_all(packets.feed(data))
                self._flush(sock)
                silent_s = time.monotonic() - max(heard_at, pinged_at)
                if silent_s > KEEPALIVE_S / 2:
                    if pinged_at > heard_at:
                        raise TimeoutError("the broker does not answer any more")
                    pinged_at = time.monotonic()
                    self._send(mqtt5.PingReqPacket().write())
            self._flush(sock)

    def _receive(self, sock: socket.socket) -> bytes:
        try:
            data = sock.recv(_RECEIVE_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return b""
        if not data:
            raise ConnectionResetError("the broker closed the connection")
        return data

    def _flush(self, sock: socket.socket) -> None:
        with self._lock:
            try:
                while self._outgoing:
                    sent = sock.send(self._outgoing)
                    del self._outgoing[:sent]
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass  # the rest goes when there is room

    def _take_all(self, packets: Sequence[object]) -> None:
        arrived, now = [], datetime.now(UTC)
        for packet in packets:
            if isinstance(packet, Publish):
                delivery = Delivery(packet.topic.replace("\0", "\\x00"), packet.payload, now)
                arrived.append(Arrived(delivery, (self, _Token(packet.packet_id, self.connection))))
            else:
                self._take(packet)
        if arrived:
            self._waiting.put(*arrived)

    def _take(self, packet: object) -> None:
        if isinstance(packet, mqtt5.PubAckPacket):
            with self._lock:
                self._unanswered.discard(packet.packet_id)
            self._publish_what_fits()
        elif isinstance(packet, mqtt5.ConnAckPacket):
            self._taken_in(packet)
        elif isinstance(packet, mqtt5.DisconnectPacket):
            raise ConnectionResetError(f"the broker said goodbye: {packet.reason_code.name}")

    def _taken_in(self, answer: mqtt5.ConnAckPacket) -> None:
        if answer.reason_code is not mqtt5.ConnAckReasonCode.SUCCESS:
            log.error("broker refused us", reason=answer.reason_code.name, client_id=self._client_id)
            raise ConnectionRefusedError(f"the broker refused us: {answer.reason_code.name}")
        with self._lock:
            self.connection += 1
            self.is_connected = True
            self._broker_maximum = answer.receive_max
        wanted = [mqtt5.TopicFilter(TOPIC_FILTER, max_qos=_QOS)]
        self._send(mqtt5.SubscribePacket(next(self._packet_ids), wanted).write())
        log.info("subscribed", client_id=self._client_id, session_present=answer.session_present)
