"""One MQTT connection that carries many scales of a fleet: a paho client without a thread of its own.

What the broker has not acknowledged is sent again, with the same bytes, once the next connection stands.
"""

import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from simulators.fleet.fleet_scales import FleetMessage

KEEPALIVE_S: Final = 60
_QOS: Final = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetBroker:
    """Where a fleet publishes, and as whom; with `tls`, over it."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    tls: ssl.SSLContext | None = None


@dataclass(slots=True)
class FleetTally:
    """What became of the messages of all connections. Latencies in seconds, from the first send on."""

    acked: int = 0
    refused: int = 0
    sent_again: int = 0  # messages whose answer was lost with a connection, or whose receipt does not come
    connects: int = 0
    failed_connects: int = 0
    ack_s: list[float] = field(default_factory=list)


class FleetConnection:
    """Opened again and again; its messages outlive each connection. `on_message` hears what `topics` bring."""

    def __init__(
        self,
        broker: FleetBroker,
        client_id: str,
        tally: FleetTally,
        topics: tuple[str, ...],
        on_message: Callable[[bytes], None],
    ) -> None:
        self.connect_at = 0.0  # when to connect next, by the monotonic clock
        self.is_up = False
        self._broker, self._client_id, self._tally = broker, client_id, tally
        self._topics, self._on_message = topics, on_message
        self._client: Client | None = None
        self._waiting: deque[tuple[FleetMessage, float]] = deque()  # to be sent again
        self._in_flight: dict[int, tuple[FleetMessage, float]] = {}

    @property
    def unacked(self) -> int:
        """How many messages the broker has not acknowledged."""
        return len(self._in_flight) + len(self._waiting)

    def socket(self) -> socket.socket | None:
        """Return what a selector watches; None where there is no connection."""
        found = None if self._client is None else self._client.socket()
        return found if isinstance(found, socket.socket) else None

    def open(self) -> bool:
        """Begin to connect, and say whether the broker was reached."""
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        client.max_inflight_messages_set(0)  # the window is kept by who publishes
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_publish, client.on_message = self._published, self._heard
        if self._broker.username:
            client.username_pw_set(self._broker.username, self._broker.password)
        if self._broker.tls is not None:
            client.tls_set_context(self._broker.tls)
        try:
            client.connect(self._broker.host, self._broker.port, keepalive=KEEPALIVE_S, clean_start=True)
        except OSError:
            self._tally.failed_connects += 1
            return False
        self._client = client
        return True

    def publish(self, message: FleetMessage, first_sent_at: float | None = None) -> None:
        """Send a message; where the connection is gone, it waits for the next one."""
        sent_at = time.monotonic() if first_sent_at is None else first_sent_at
        client = self._client
        if client is None or not self.is_up:
            self._waiting.append((message, sent_at))
            return
        info = client.publish(message.scale.topic, message.payload, qos=_QOS)
        if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._in_flight[info.mid] = (message, sent_at)
        else:
            self._waiting.append((message, sent_at))

    def read(self) -> None:
        """Take what has come, and what TLS has decrypted of it: no selector tells of that."""
        while self._client is not None:
            if self._client.loop_read(max_packets=100) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                self.drop()
            sock = self.socket()
            if not isinstance(sock, ssl.SSLSocket) or not sock.pending():
                return

    def tend(self) -> None:
        """Write what is left to be written, keep the connection alive, and send again what has to be."""
        client = self._client
        if client is None:
            return
        if client.want_write():
            client.loop_write()
        if client.loop_misc() != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self.drop()
        for _ in range(len(self._waiting) if self.is_up else 0):
            self.publish(*self._waiting.popleft())

    def drop(self) -> None:
        """End the connection without a word, as a power cut does."""
        sock, self._client, self.is_up = self.socket(), None, False
        if sock is not None:
            sock.close()
        self._tally.sent_again += len(self._in_flight)
        self._waiting.extend(self._in_flight.values())
        self._in_flight.clear()

    def close(self) -> None:
        """Say goodbye."""
        if self._client is not None:
            self._client.disconnect()
        self.drop()

    def _connected(
        self, client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._tally.failed_connects += 1
            return
        self.is_up = True
        self._tally.connects += 1
        if self._topics:
            client.subscribe([(topic, SubscribeOptions(qos=_QOS)) for topic in self._topics])

    def _disconnected(
        self, client: Client, _data: Any, _flags: DisconnectFlags, _reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if client is self._client:
            self.is_up = False

    def _published(
        self, _client: Client, _data: Any, mid: int, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        message, sent_at = self._in_flight.pop(mid, (None, 0.0))
        if message is None:
            return
        if reason.is_failure:
            self._tally.refused += 1
        elif not message.is_acked:
            message.is_acked = True
            self._tally.acked += message.count
            self._tally.ack_s.append(time.monotonic() - sent_at)

    def _heard(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._on_message(bytes(message.payload))
