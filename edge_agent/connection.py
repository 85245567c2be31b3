"""One connection to the broker: a paho client that lives exactly as long as its TCP connection.

A client is never reused. So message ids belong to one connection, paho never sends again by itself, and what has to be
sent again is decided in one place, from the outbox. Callbacks run in paho's thread and only leave word in the mailbox.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from domain.errors import BadMessage, Unavailable
from domain.ids import JournalId
from edge_agent.broker_config import BrokerAddress
from messages.receipts import Receipt, decode_receipt

KEEPALIVE_S: Final = 20  # a half-open connection is noticed within twice this
_QOS: Final = 1

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.connection")


@dataclass(kw_only=True, slots=True)
class Word:
    """What happened since the mailbox was emptied. `acked`: message id, and whether the broker took the message."""

    connected: bool = False
    disconnected: bool = False
    acked: list[tuple[int, bool]] = field(default_factory=list)
    receipts: dict[JournalId, int] = field(default_factory=dict)


class Mailbox:
    """Between paho's thread, the agent's loop and the sender. Bounded: receipts are kept as one number a journal."""

    def __init__(self, journals: Iterable[JournalId]) -> None:
        self._journals = frozenset(journals)
        self._lock = threading.Lock()
        self._word = Word()
        self._wake = threading.Event()

    def wake(self) -> None:
        """Say that there is something to do."""
        self._wake.set()

    def wait(self, timeout_s: float) -> Word:
        """Wait until there is something to do, at most `timeout_s`, and take what happened."""
        self._wake.wait(timeout_s)
        self._wake.clear()
        with self._lock:
            word, self._word = self._word, Word()
        return word

    def connected(self) -> None:
        """The broker accepted us."""
        with self._lock:
            self._word.connected = True
        self.wake()

    def disconnected(self) -> None:
        """The connection is gone, or never came to be."""
        with self._lock:
            self._word.disconnected = True
        self.wake()

    def acked(self, mid: int, *, taken: bool) -> None:
        """The broker answered a message."""
        with self._lock:
            self._word.acked.append((mid, taken))
        self.wake()

    def receipted(self, receipt: Receipt) -> None:
        """The service has committed. Receipts for other agents' journals are none of ours."""
        if receipt.journal_id not in self._journals:
            # No warning: a scale that moved to another agent has them with each of its weighings.
            log.debug("receipt_for_unknown_journal", journal_id=receipt.journal_id)
            return
        with self._lock:
            known = self._word.receipts.get(receipt.journal_id, 0)
            self._word.receipts[receipt.journal_id] = max(known, receipt.committed_seq)
        self.wake()


class Connection:
    """A connection being made, in use, or lost; then it is closed and another one takes its place."""

    def __init__(self, broker: BrokerAddress, client_id: str, will: tuple[str, bytes], in_flight: int) -> None:
        self._broker = broker
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        self._client.max_inflight_messages_set(in_flight)
        self._client.will_set(will[0], will[1], qos=_QOS, retain=True)
        if broker.username:
            self._client.username_pw_set(broker.username, broker.password)

    def open(self, mailbox: Mailbox) -> None:
        """Begin to connect; the mailbox learns how it ends. Raise Unavailable where it cannot be reached."""
        client = self._client

        def on_connect(
            _client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
        ) -> None:
            if reason.is_failure:
                log.error("broker_refused_us", host=self._broker.host, reason=str(reason))
                mailbox.disconnected()
            else:
                mailbox.connected()

        def on_disconnect(
            _client: Client, _data: Any, _flags: DisconnectFlags, reason: ReasonCode, _properties: Properties | None
        ) -> None:
            log.info("broker_connection_ended", host=self._broker.host, reason=str(reason))
            mailbox.disconnected()

        def on_publish(
            _client: Client, _data: Any, mid: int, reason: ReasonCode, _properties: Properties | None
        ) -> None:
            if reason.is_failure:
                log.warning("broker_refused_message", reason=str(reason))
            mailbox.acked(mid, taken=not reason.is_failure)

        def on_message(_client: Client, _data: Any, message: MQTTMessage) -> None:
            try:
                mailbox.receipted(decode_receipt(bytes(message.payload)))
            except BadMessage as error:
                log.warning("bad_receipt", topic=message.topic, problem=str(error))

        client.on_connect, client.on_disconnect = on_connect, on_disconnect
        client.on_publish, client.on_message, client.on_subscribe = on_publish, on_message, _on_subscribe
        self._use_tls()
        try:
            client.connect(self._broker.host, self._broker.port, keepalive=KEEPALIVE_S, clean_start=True)
        except (OSError, ValueError) as error:  # ValueError: a host that cannot be looked up at all
            raise Unavailable(f"{self._broker.host}:{self._broker.port} does not answer: {error}") from error
        client.loop_start()

    def _use_tls(self) -> None:
        ca_file = self._broker.ca_file
        if ca_file is None:
            return
        try:
            self._client.tls_set(ca_certs=str(ca_file))
        except OSError as error:  # it was in order at the start, and is read again for each connection
            raise Unavailable(f"the broker's ca_file {ca_file} cannot be loaded: {error}") from error

    def subscribe(self, topics: Iterable[str]) -> None:
        """Ask for these topics, QoS 1."""
        self._client.subscribe([(topic, SubscribeOptions(qos=_QOS)) for topic in topics])

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        """Hand a message to the broker, QoS 1, and return its id; None where the connection is gone."""
        info = self._client.publish(topic, payload, qos=_QOS, retain=retain)
        return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def close(self) -> None:
        """End the connection; without a last will where it was still there."""
        self._client.disconnect()
        self._client.loop_stop()


def _on_subscribe(
    _client: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _properties: Properties | None
) -> None:
    refused = [str(reason) for reason in reasons if reason.is_failure]
    if refused:
        log.error("broker_refused_subscription", reasons=refused)
