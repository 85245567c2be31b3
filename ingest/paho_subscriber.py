"""The subscriber over paho-mqtt: the usual one."""

import ssl
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.link import Listener
from ingest.linked_subscriber import LinkedSubscriber
from ingest.paho_client import PahoClient
from ingest.subscriber import KEEPALIVE_S, MAX_PACKET_BYTES, BrokerAddress

_QOS: Final = 1
#: So many packets are read before anything is sent: some of what a network buffer holds.
_READ_AT_A_TIME: Final = 50

log = structlog.get_logger()


class PahoWire:
    """paho-mqtt, driven by a link's thread: paho's own would be held up by whoever takes the messages."""

    def __init__(self, address: BrokerAddress, receive_maximum: int, listener: Listener) -> None:
        self._address, self._listener = address, listener
        self._arrived: list[tuple[str, bytes, int | None]] = []
        self._why = "the broker closed the connection"
        self._client = PahoClient(
            CallbackAPIVersion.VERSION2,
            client_id=address.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe
        self._client.on_unsubscribe = lambda *_: listener.unsubscribed()
        # With somebody to be told, paho leaves the sending to us whichever thread asks for it.
        self._client.on_socket_register_write = lambda *_: None
        if address.username is not None:
            self._client.username_pw_set(address.username, address.password)
        if address.ca_file is not None:
            self._client.tls_set(ca_certs=address.ca_file)
        properties = Properties(PacketTypes.CONNECT)
        properties.ReceiveMaximum = receive_maximum
        properties.MaximumPacketSize = MAX_PACKET_BYTES
        properties.SessionExpiryInterval = address.session_expiry_s
        self._client.connect_async(
            address.host,
            address.port,
            keepalive=KEEPALIVE_S,
            clean_start=address.session_expiry_s == 0,
            properties=properties,
        )

    def connect(self) -> None:
        """See Wire."""
        self._client.reconnect()

    def close(self) -> None:
        """See Wire."""
        sock = self._client.socket()
        if sock is not None:
            sock.close()  # paho sees to the rest when it connects again

    def fileno(self) -> int:
        """See Wire."""
        sock = self._client.socket()
        return -1 if sock is None else sock.fileno()

    @property
    def wants_write(self) -> bool:
        """See Wire."""
        return self._client.want_write()

    @property
    def has_unread(self) -> bool:
        """See Wire."""
        sock = self._client.socket()
        return self._client.has_unread or (isinstance(sock, ssl.SSLSocket) and sock.pending() > 0)

    def read(self) -> None:
        """See Wire."""
        self._arrived.extend(self._client.published(_READ_AT_A_TIME))
        if not self._arrived:
            self._require_success(self._client.loop_read())
            self._arrived.extend(self._client.published(_READ_AT_A_TIME))
        if self._arrived:
            messages, self._arrived = self._arrived, []
            self._listener.arrived(messages, datetime.now(UTC))

    def write(self) -> None:
        """See Wire."""
        self._require_success(self._client.loop_write())

    def keep_alive(self) -> None:
        """See Wire."""
        self._require_success(self._client.loop_misc())

    def acknowledge(self, packet_ids: Iterable[int]) -> None:
        """See Wire."""
        self._client.acknowledge(packet_ids)

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """See Wire."""
        self._client.publish(topic, payload, qos=qos, retain=retain)

    def subscribe(self, topic_filters: Sequence[str]) -> None:
        """See Wire."""
        self._client.subscribe([(one, _QOS) for one in topic_filters])

    def unsubscribe(self, topic_filters: Sequence[str]) -> None:
        """See Wire."""
        self._client.unsubscribe(list(topic_filters))

    def say_goodbye(self, *, end_session: bool) -> None:
        """See Wire."""
        properties = Properties(PacketTypes.DISCONNECT)
        if end_session:
            properties.SessionExpiryInterval = 0
        self._client.disconnect(properties=properties)

    def _require_success(self, code: MQTTErrorCode) -> None:
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise ConnectionResetError(self._why)

    def _on_connect(
        self, _client: Client, _userdata: object, flags: ConnectFlags, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            log.error("broker refused us", reason=str(reason), client_id=self._address.client_id)
            self._why = f"the broker refused us: {reason}"
            return
        self._listener.taken_in(session_present=flags.session_present)

    def _on_subscribe(
        self, _client: Client, _userdata: object, _mid: int, reasons: list[ReasonCode], _properties: object
    ) -> None:
        self._listener.subscribed(", ".join(str(one) for one in reasons if one.is_failure) or None)

    def _on_disconnect(
        self, _client: Client, _userdata: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        self._why = str(reason)

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        # QoS 0 has nothing to acknowledge: a PUBACK for it is a protocol error (MQTT 5, 4.3.1).
        self._arrived.append((_topic_of(message), bytes(message.payload), message.mid if message.qos == _QOS else None))


class PahoSubscriber(LinkedSubscriber):
    """A member of the shared subscription over paho-mqtt."""

    def __init__(self, address: BrokerAddress, *, receive_maximum: int, links: int = 1) -> None:
        super().__init__(PahoWire, address, receive_maximum=receive_maximum, links=links)


def _topic_of(message: MQTTMessage) -> str:
    """Return the topic as text; one that is none must not end the connection, which would bring it again."""
    try:
        return message.topic
    except UnicodeDecodeError:
        return bytes(message._topic).decode("utf-8", "backslashreplace")  # noqa: SLF001 - paho offers no other way
