"""The subscriber over paho-mqtt: the usual one."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.reading import Delivery
from ingest.subscriber import KEEPALIVE_S, TOPIC_FILTER, Batch, BrokerAddress
from ingest.waiting import Arrived, Waiting

_QOS: Final = 1
_LONGEST_PAUSE_S: Final = 30

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Token:
    """What acknowledges a message: `mid` means something only within its connection."""

    link: "_Link"
    mid: int
    qos: int
    connection: int


class PahoSubscriber:
    """A member of the shared subscription; several, where one connection's window is too small for a worker.

    The network runs in paho's threads, one a link; everything else in the caller's.
    """

    def __init__(self, address: BrokerAddress, *, receive_maximum: int, links: int = 1) -> None:
        self._waiting = Waiting()
        ids = [address.client_id, *(f"{address.client_id}-{n}" for n in range(2, links + 1))]
        self._links = [_Link(replace(address, client_id=name), receive_maximum, self._waiting) for name in ids]

    def start(self) -> None:
        """Connect and subscribe, and go on doing so whenever a connection is lost."""
        for link in self._links:
            link.start()

    def stop(self) -> None:
        """Say goodbye. A clean session ends here; one with an expiry waits that long for this worker to come back."""
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
        """Tell the broker that these are safe."""
        for token in batch.tokens:
            token.link.acknowledge(token)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message to a scale."""
        self._links[0].publish(topic, payload, retain=retain)


class _Link:
    """One connection of one client."""

    def __init__(self, address: BrokerAddress, receive_maximum: int, waiting: Waiting) -> None:
        self._address, self._receive_maximum, self._waiting = address, receive_maximum, waiting
        self.connection = 0
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
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def is_connected(self) -> bool:
        return self._client.is_connected()

    def acknowledge(self, token: _Token) -> None:
        # QoS 0 has nothing to acknowledge: a PUBACK for it is a protocol error (MQTT 5, 4.3.1).
        if token.qos == _QOS and token.connection == self.connection:
            self._client.ack(token.mid, _QOS)

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        self._client.publish(topic, payload, qos=_QOS, retain=retain)

    def _on_connect(
        self, client: Client, _userdata: object, flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.error("broker refused us", reason=str(reason), client_id=self._address.client_id)
            return
        self.connection += 1
        client.subscribe(TOPIC_FILTER, qos=_QOS)
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
        self._waiting.put(Arrived(delivery, _Token(self, message.mid, message.qos, self.connection)))


def _topic_of(message: MQTTMessage) -> str:
    """Return the topic as text that a database can hold; one that breaks the rules must not end the network thread."""
    try:
        topic = message.topic
    except UnicodeDecodeError:
        topic = bytes(message._topic).decode("utf-8", "backslashreplace")  # noqa: SLF001 - paho offers no other way
    return topic.replace("\0", "\\x00")
