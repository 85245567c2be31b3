"""The service's side of the contract for one scale: it hears everything, writes it down, and gives receipts or not."""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from domain.errors import BadMessage, Unavailable
from domain.ids import JournalId, MarketId, ScaleId
from messages.receipts import Receipt, encode_receipt
from messages.topics import ROOT, ScaleChannel, ScaleTopic
from messages.weighings import decode_envelope, readable_seq
from steelyard.conform.packets import Published
from steelyard.conform.transcript import DUE_WITHIN_S, Act, Deed, Message, Session, Transcript

_CONNECT_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokerAccess:
    """How to reach the broker."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    ca_file: Path | None = None


class Observer:
    """Connected from `open` to `close`. Everything it does and hears has the monotonic clock's time."""

    def __init__(
        self,
        broker: BrokerAccess,
        market_id: MarketId,
        scale_id: ScaleId,
        *,
        is_between: bool,
        due_within_s: float = DUE_WITHIN_S,
    ) -> None:
        self._broker, self._market_id, self._scale_id, self._is_between = broker, market_id, scale_id, is_between
        self._due_within_s = due_within_s
        self._lock = threading.Lock()
        self._messages: list[Message] = []
        self._deeds: list[Deed] = []
        self._sessions: list[Session] = []
        self._published: list[Published] = []
        self._heard_seqs: dict[JournalId, set[int]] = {}
        self._gives_receipts = True
        self._ready = threading.Event()
        self._client = self._client_named("service")
        self._client.on_connect, self._client.on_subscribe = self._subscribe, self._subscribed
        self._client.on_message = self._heard

    def open(self) -> None:
        """Connect and subscribe. Raise Unavailable where the broker cannot be reached."""
        self._connect(self._client)
        if not self._ready.wait(_CONNECT_TIMEOUT_S):
            self.close()
            raise Unavailable(f"{self._broker.host}:{self._broker.port} does not let us in")

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def session(self, session: Session) -> None:
        """Note a connection of the device."""
        with self._lock:
            self._sessions.append(session)

    def published(self, published: Published) -> None:
        """Note what the device sent, as it sent it."""
        with self._lock:
            self._published.append(published)

    def transcript(self) -> Transcript:
        """Return everything until now."""
        with self._lock:
            return Transcript(
                market_id=self._market_id,
                scale_id=self._scale_id,
                judged_at=datetime.now(UTC),
                messages=tuple(self._messages),
                deeds=tuple(self._deeds),
                sessions=tuple(self._sessions),
                published=tuple(self._published),
                is_between=self._is_between,
                ended_at=time.monotonic(),
                due_within_s=self._due_within_s,
            )

    def withhold_receipts(self) -> None:
        """Give none until `give_receipts`."""
        with self._lock:
            self._gives_receipts = False
            self._deeds.append(Deed(at=time.monotonic(), act=Act.WITHHOLD))

    def give_receipts(self) -> None:
        """Give them, for everything heard until now too."""
        with self._lock:
            self._gives_receipts = True
            journals = list(self._heard_seqs)
        for journal_id in journals:
            self._receipt(journal_id)

    def do(self, act: Act) -> None:
        """Give a receipt that is none, or note a cut."""
        with self._lock:
            journals = {journal_id: max(seqs) for journal_id, seqs in self._heard_seqs.items()}
        for journal_id, highest in journals.items():
            if act is Act.FOREIGN_RECEIPT:
                self._publish(encode_receipt(Receipt(JournalId("not-" + journal_id[:50]), highest)))
            elif act is Act.RECEIPT_AHEAD:
                self._publish(encode_receipt(Receipt(journal_id, highest + 1_000_000)))
            elif act is Act.BROKEN_RECEIPT:
                self._publish(b'{"v":1,"journal_id":')
        with self._lock:
            self._deeds.append(Deed(at=time.monotonic(), act=act))

    def ask_what_is_retained(self, seconds: float) -> None:
        """Note what the broker has kept: a subscriber who comes anew is sent it."""
        client = self._client_named("late")
        client.on_connect = self._subscribe
        client.on_message = self._heard
        self._connect(client)
        time.sleep(seconds)
        client.disconnect()
        client.loop_stop()

    def _client_named(self, name: str) -> Client:
        client_id = f"steelyard-conform-{self._scale_id}-{name}"
        client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTProtocolVersion.MQTTv5)
        if self._broker.username:
            client.username_pw_set(self._broker.username, self._broker.password)
        if self._broker.ca_file is not None:
            client.tls_set(ca_certs=str(self._broker.ca_file))
        return client

    def _connect(self, client: Client) -> None:
        try:
            client.connect(self._broker.host, self._broker.port, clean_start=True)
        except OSError as error:
            raise Unavailable(f"{self._broker.host}:{self._broker.port} does not answer: {error}") from error
        client.loop_start()

    def _subscribe(self, client: Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            return
        at_least_once = SubscribeOptions(qos=1)
        scale = f"{ROOT}/{self._market_id}/{self._scale_id}/+"
        agents = f"{ROOT}/{self._market_id}/agents/+/status"
        client.subscribe([(scale, at_least_once), (agents, at_least_once)])

    def _subscribed(self, _client: Client, _data: Any, _mid: Any, _reasons: Any, _properties: Any) -> None:
        self._ready.set()

    def _heard(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.topic.endswith(f"/{ScaleChannel.RECEIPTS}"):
            return
        payload = bytes(message.payload)
        heard = Message(at=time.monotonic(), topic=message.topic, payload=payload, retained=message.retain)
        with self._lock:
            self._messages.append(heard)
        if message.topic.endswith(f"/{ScaleChannel.WEIGHINGS}"):
            self._take(payload)

    def _take(self, payload: bytes) -> None:
        try:
            envelope = decode_envelope(payload)
        except BadMessage:
            return  # the statements tell of it
        seqs = {seq for body in envelope.weighings if (seq := readable_seq(body)) is not None}
        with self._lock:
            self._heard_seqs.setdefault(envelope.journal_id, set()).update(seqs)
        self._receipt(envelope.journal_id)

    def _receipt(self, journal_id: JournalId) -> None:
        """Give the receipt of a journal, unless none are to be given: noted first, so that no receipt is unknown."""
        with self._lock:
            committed = _through(self._heard_seqs.get(journal_id, set()))
            if not committed or not self._gives_receipts:
                return
            self._deeds.append(Deed(at=time.monotonic(), act=Act.RECEIPT, journal_id=journal_id, seq=committed))
        self._publish(encode_receipt(Receipt(journal_id, committed)))

    def _publish(self, payload: bytes) -> None:
        topic = str(ScaleTopic(self._market_id, self._scale_id, ScaleChannel.RECEIPTS))
        self._client.publish(topic, payload, qos=1)


def _through(seqs: set[int]) -> int:
    """Up to which seq nothing is missing, from the first that was ever heard: what came before is not ours to ask."""
    if not seqs:
        return 0
    seq = min(seqs)
    while seq + 1 in seqs:
        seq += 1
    return seq
