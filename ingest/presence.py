"""Who is there to be told something: listens to the statuses of agents and scales, and speaks to scales.

A connection of its own beside the worker's: a backlog of weighings must not delay what a vendor's display shows.
"""

import queue

import structlog
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from domain.errors import BadMessage
from ingest.subscriber import KEEPALIVE_S, BrokerAddress
from ingest.vendor_notices import VendorNotices
from messages.status import decode_agent_status, decode_scale_status
from messages.topics import (
    ScaleChannel,
    every_agent_status,
    every_scale,
    parse_agent_status_topic,
    parse_scale_topic,
)

_QOS = 1
_LONGEST_PAUSE_S = 30
#: Statuses that wait to be looked at: those of 10 000 agents and more; what is beyond is said again within a minute.
_MAX_WAITING = 50_000

log = structlog.get_logger()


class Presence:
    """The statuses as they come, to be taken by one thread. The network runs in paho's."""

    def __init__(self, address: BrokerAddress) -> None:
        self._address = address
        self._arrived: queue.Queue[tuple[str, bytes] | None] = queue.Queue(_MAX_WAITING)
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=address.client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(min_delay=1, max_delay=_LONGEST_PAUSE_S)
        if address.username is not None:
            self._client.username_pw_set(address.username, address.password)
        if address.ca_file is not None:
            self._client.tls_set(ca_certs=address.ca_file)

    def start(self) -> None:
        """Connect, and go on doing so whenever the connection is lost."""
        self._client.connect_async(self._address.host, self._address.port, keepalive=KEEPALIVE_S, clean_start=True)
        self._client.loop_start()

    def stop(self) -> None:
        """Say goodbye."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there now."""
        return self._client.is_connected()

    def note_in(self, notices: VendorNotices) -> None:
        """Pass on what arrived meanwhile; a status that cannot be read is logged, and its scale stays as it was."""
        while True:
            try:
                arrived = self._arrived.get_nowait()
            except queue.Empty:
                return
            if arrived is None:
                notices.forget_who_is_there()
                continue
            topic, payload = arrived
            try:
                _note(notices, topic, payload)
            except BadMessage as problem:
                log.warning("status refused", topic=topic, reason=problem.reason, problem=str(problem))

    def publish(self, topic: str, payload: bytes) -> None:
        """Send a message to a scale."""
        self._client.publish(topic, payload, qos=_QOS)

    def _on_connect(
        self, client: Client, _userdata: object, _flags: ConnectFlags, reason: ReasonCode, _props: Properties | None
    ) -> None:
        if reason.is_failure:
            log.error("broker refused us", reason=str(reason), client_id=self._address.client_id)
            return
        self._put(None)
        client.subscribe([(every_agent_status(), _QOS), (every_scale(ScaleChannel.STATUS), _QOS)])

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return  # no topic of the contract; who may publish what is the broker's to say
        self._put((topic, bytes(message.payload)))

    def _put(self, arrived: tuple[str, bytes] | None) -> None:
        try:
            self._arrived.put_nowait(arrived)
        except queue.Full:
            log.warning("status dropped, too many wait", waiting=_MAX_WAITING)


def _note(notices: VendorNotices, topic: str, payload: bytes) -> None:
    if "/agents/" in topic:
        market_id, agent_id = parse_agent_status_topic(topic)
        notices.agent_said(market_id, agent_id, decode_agent_status(payload))
    else:
        scale = parse_scale_topic(topic)
        notices.scale_said(scale.market_id, scale.scale_id, decode_scale_status(payload))
