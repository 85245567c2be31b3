"""One connection to the broker: a paho client that lives exactly as long as its TCP connection.

A client is never reused. So message ids belong to one connection, paho never sends again by itself, and what has to be
sent again is decided in one place, from the outbox. Callbacks run in paho's thread and only leave word in the mailbox.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
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
from edge_agent.config.broker_config import BrokerAddress
from edge_agent.link.tls import make_context
from messages.receipts import Receipt, decode_receipt
from messages.topics import ScaleChannel

KEEPALIVE_S: Final = 20  # a half-open connection is noticed within twice this
_GOODBYE_S: Final = 1.0
_QOS: Final = 1
_CAPS: Final = "/caps"
_NOTICES: Final = f"/{ScaleChannel.NOTICES}"
_MAX_NOTICES: Final = 256  # that wait for the link's thread

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.link.connection")


@dataclass(frozen=True, slots=True)
class HeardReceipt:
    """A receipt, and when it was heard by the monotonic clock."""

    receipt: Receipt
    elapsed_s: float


@dataclass(kw_only=True, slots=True)
class Word:
    """What happened since the mailbox was emptied. `acked`: message id, and whether the broker took the message.

    `caps`: the market's cap list, the latest only. `notices`: as topic and payload.
    """

    connected: bool = False
    disconnected: bool = False
    acked: list[tuple[int, bool]] = field(default_factory=list)
    receipts: dict[JournalId, HeardReceipt] = field(default_factory=dict)
    caps: bytes | None = None
    notices: list[tuple[str, bytes]] = field(default_factory=list)


class Mailbox:
    """Between paho's thread, the agent's loop and the sender. Bounded: of a journal's receipts the furthest is kept."""

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
        heard = HeardReceipt(receipt, time.monotonic())
        with self._lock:
            known = self._word.receipts.get(receipt.journal_id)
            if known is None or known.receipt.committed_seq < receipt.committed_seq:
                self._word.receipts[receipt.journal_id] = heard
        self.wake()

    def caps(self, payload: bytes) -> None:
        """The market's cap list came."""
        with self._lock:
            self._word.caps = payload
        self.wake()

    def notice(self, topic: str, payload: bytes) -> None:
        """A notice to a scale came; where too many wait to be looked at, it is dropped."""
        with self._lock:
            is_full = len(self._word.notices) >= _MAX_NOTICES
            if not is_full:
                self._word.notices.append((topic, payload))
        if is_full:
            log.warning("notice_dropped", topic=topic, size=len(payload))
        self.wake()


class Connection:
    """A connection being made, in use, or lost; then it is closed and another one takes its place."""

    def __init__(
        self,
        broker: BrokerAddress,
        client_id: str,
        will: tuple[str, bytes],
        in_flight: int,
        keepalive_s: int = KEEPALIVE_S,
    ) -> None:
        self._broker, self._keepalive_s = broker, keepalive_s
        self._was_accepted = False
        self._ended = threading.Event()
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
                log.error("broker_refused_us", broker=str(self._broker), reason=str(reason))
                mailbox.disconnected()
            else:
                self._was_accepted = True
                mailbox.connected()

        def on_disconnect(
            _client: Client, _data: Any, _flags: DisconnectFlags, reason: ReasonCode, _properties: Properties | None
        ) -> None:
            self._ended.set()
            self._log_end(str(reason))
            mailbox.disconnected()

        def on_publish(
            _client: Client, _data: Any, mid: int, reason: ReasonCode, _properties: Properties | None
        ) -> None:
            if reason.is_failure:
                log.warning("broker_refused_message", reason=str(reason))
            mailbox.acked(mid, taken=not reason.is_failure)

        def on_message(_client: Client, _data: Any, message: MQTTMessage) -> None:
            _deliver(mailbox, message.topic, bytes(message.payload))

        client.on_connect, client.on_disconnect = on_connect, on_disconnect
        client.on_publish, client.on_message, client.on_subscribe = on_publish, on_message, _on_subscribe
        if self._broker.tls is not None:
            client.tls_set_context(make_context(self._broker.tls))
        try:
            client.connect(self._broker.host, self._broker.port, keepalive=self._keepalive_s, clean_start=True)
        except ssl.SSLError as error:
            raise Unavailable(f"{self._broker}: no TLS with it: {tls_cause(error)}") from error
        except (OSError, ValueError) as error:  # ValueError: a host that cannot be looked up at all
            raise Unavailable(f"{self._broker} does not answer: {error}") from error
        client.loop_start()

    def subscribe(self, topics: Iterable[str]) -> None:
        """Ask for these topics, QoS 1."""
        self._client.subscribe([(topic, SubscribeOptions(qos=_QOS)) for topic in topics])

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        """Hand a message to the broker, QoS 1, and return its id; None where the connection is gone."""
        info = self._client.publish(topic, payload, qos=_QOS, retain=retain)
        return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def close(self, *, orderly: bool = True) -> None:
        """End the connection; without a last will where the broker was still there.

        Not `orderly`: it does not answer, and is not waited for.
        """
        if orderly:
            self._client.disconnect()
            self._ended.wait(_GOODBYE_S)
        line = self._client.socket()
        if isinstance(line, socket.socket):
            # A broker that is silent may leave paho's thread waiting to write for as long as TCP does.
            with suppress(OSError):  # it was closed meanwhile
                line.shutdown(socket.SHUT_RDWR)
        self._client.loop_stop()

    def _log_end(self, reason: str) -> None:
        if self._was_accepted or self._broker.tls is None:
            log.info("broker_connection_ended", broker=str(self._broker), reason=reason)
        else:  # with TLS 1.3 a certificate that is missing or refused shows only here
            log.error(
                "broker_ended_connection_unanswered",
                broker=str(self._broker),
                reason=reason,
                hint="it may ask for another certificate (cert_file) than "
                + ("the one we have" if self._broker.tls.cert_file else "none"),
            )


def _deliver(mailbox: Mailbox, topic: str, payload: bytes) -> None:
    """Put what came into its box: receipts, caps and notices are all that is subscribed to."""
    if topic.endswith(_CAPS):
        mailbox.caps(payload)
    elif topic.endswith(_NOTICES):
        mailbox.notice(topic, payload)
    else:
        try:
            mailbox.receipted(decode_receipt(payload))
        except BadMessage as error:
            log.warning("bad_receipt", topic=topic, problem=str(error))


def tls_cause(error: ssl.SSLError) -> str:
    """Return why there is no TLS, in the words of OpenSSL's verifier where it has some."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not believed: {error.verify_message}"
    return error.reason or str(error)


def _on_subscribe(
    _client: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _properties: Properties | None
) -> None:
    refused = [str(reason) for reason in reasons if reason.is_failure]
    if refused:
        log.error("broker_refused_subscription", reasons=refused)
