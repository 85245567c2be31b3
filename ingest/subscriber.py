"""The subscription, over paho-mqtt: hand out deliveries in batches, acknowledge them only when told to.

Port: `poll(max_messages, wait_s)` → batch, `acknowledge(batch)`. An unacknowledged message comes again after a
reconnection (MQTT 5, 4.4), so a batch that fails is either tried again by the worker or comes back by itself.
"""

import queue
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.reading import Delivery
from messages.topics import ScaleChannel, every_scale, shared

log = structlog.get_logger()

GROUP = "ingest"
KEEPALIVE_S = 20
_QOS = 1
_LONGEST_PAUSE_S = 30
#: Some 10 000 weighings: a transaction stays well under the time after which agents send again.
_BATCH_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokerAddress:
    """Where the broker is and who we are to it. `session_expiry_s` 0 asks for a clean session.

    The embedded broker gets clean sessions: see docs/decisions/0003-embedded-broker.md.
    """

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    session_expiry_s: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery and what is needed to acknowledge it: `mid` means something only within its connection."""

    delivery: Delivery
    mid: int
    qos: int
    connection: int


class Subscriber:
    """A member of the shared subscription. The network runs in paho's thread; everything else in the caller's."""

    def __init__(self, address: BrokerAddress, *, receive_maximum: int) -> None:
        self._address = address
        self._receive_maximum = receive_maximum
        self._connection = 0
        # Never longer than the broker's window: the broker holds the rest (MQTT 5, 4.9 flow control).
        self._arrived: queue.SimpleQueue[Received] = queue.SimpleQueue()
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=address.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(min_delay=1, max_delay=_LONGEST_PAUSE_S)
        if address.username is not None:
            self._client.username_pw_set(address.username, address.password)
        if address.ca_file is not None:
            self._client.tls_set(ca_certs=address.ca_file)

    def start(self) -> None:
        """Connect and subscribe, and go on doing so whenever the connection is lost."""
        properties = Properties(PacketTypes.CONNECT)
        properties.ReceiveMaximum = self._receive_maximum
        properties.SessionExpiryInterval = self._address.session_expiry_s
        self._client.connect_async(
            self._address.host,
            self._address.port,
            keepalive=KEEPALIVE_S,
            clean_start=self._address.session_expiry_s == 0,
            properties=properties,
        )
        self._client.loop_start()

    def stop(self) -> None:
        """Say goodbye. A clean session ends here; one with an expiry waits that long for this worker to come back."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there now."""
        return self._client.is_connected()

    def poll(self, max_messages: int, wait_s: float, first_wait_s: float = 0.2) -> list[Received]:
        """Return up to `max_messages`: as soon as there are so many or so large ones, or `wait_s` after the first."""
        try:
            batch = [self._arrived.get(timeout=first_wait_s)]
        except queue.Empty:
            return []
        deadline = time.monotonic() + wait_s
        size = len(batch[0].delivery.payload)
        while len(batch) < max_messages and size < _BATCH_BYTES:
            try:
                received = self._arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            batch.append(received)
            size += len(received.delivery.payload)
        return batch

    def acknowledge(self, batch: Sequence[Received]) -> None:
        """Tell the broker that these are safe. What came over an earlier connection is its affair no more."""
        for received in batch:
            # QoS 0 has nothing to acknowledge: a PUBACK for it is a protocol error (MQTT 5, 4.3.1).
            if received.qos == _QOS and received.connection == self._connection:
                self._client.ack(received.mid, _QOS)

    @property
    def connections(self) -> int:
        """How often the broker has taken us in so far."""
        return self._connection

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message to a scale. It may be lost: a receipt is sent again when the scale asks by resending."""
        self._client.publish(topic, payload, qos=_QOS, retain=retain)

    def _on_connect(
        self, client: Client, _userdata: object, flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.error("broker refused us", reason=str(reason), client_id=self._address.client_id)
            return
        self._connection += 1
        client.subscribe(shared(GROUP, every_scale(ScaleChannel.WEIGHINGS)), qos=_QOS)
        log.info("subscribed", client_id=self._address.client_id, session_present=flags.session_present)

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        log.warning("disconnected from the broker", reason=str(reason), client_id=self._address.client_id)

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        delivery = Delivery(_topic_of(message), bytes(message.payload), datetime.now(UTC))
        self._arrived.put(Received(delivery, message.mid, message.qos, self._connection))


def _topic_of(message: MQTTMessage) -> str:
    """Return the topic as text that a database can hold; one that breaks the rules must not end the network thread."""
    try:
        topic = message.topic
    except UnicodeDecodeError:
        topic = bytes(message._topic).decode("utf-8", "backslashreplace")  # noqa: SLF001 - paho offers no other way
    return topic.replace("\0", "\\x00")
