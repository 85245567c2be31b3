"""Hears who of the group of workers is there, and has the worker take up the session of one that is lost.

A thread and a connection of its own beside a worker: a backlog of weighings must not make the others seem silent.
"""

import queue
import threading
import time
from typing import Final

import structlog
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.membership import EVERY_MEMBER, Members, member_of
from ingest.subscriber import KEEPALIVE_S, BrokerAddress, Subscriber

_LOOK_EVERY_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 30

log = structlog.get_logger()


class GroupWatch:
    """Started once, stopped once. `address`: who it is to the broker, which is nobody of the group."""

    def __init__(self, address: BrokerAddress, subscriber: Subscriber) -> None:
        self._address, self._subscriber = address, subscriber
        self._members = Members()
        self._words: queue.SimpleQueue[tuple[str, bytes] | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="group-watch")
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
        """Begin to listen."""
        self._client.connect_async(self._address.host, self._address.port, keepalive=KEEPALIVE_S, clean_start=True)
        self._client.loop_start()
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()
        self._client.disconnect()
        self._client.loop_stop()

    def is_alive(self) -> bool:
        """Return False when the thread ended without being asked to: a bug, which the worker must not outlive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_EVERY_S):
            self._hear()
            for lost in self._members.left_to(self._subscriber.client_ids):
                self._subscriber.take_up(lost)

    def _hear(self) -> None:
        while not self._words.empty():
            word, now = self._words.get(), time.monotonic()
            if word is None:
                self._members.deaf_until(now)
            else:
                self._members.heard(*word, now)

    def _on_connect(
        self, client: Client, _userdata: object, _flags: ConnectFlags, reason: ReasonCode, _props: Properties | None
    ) -> None:
        if reason.is_failure:
            log.error("broker refused us", reason=str(reason), client_id=self._address.client_id)
            return
        self._words.put(None)
        client.subscribe(EVERY_MEMBER, qos=0)

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return  # none of ours; who may publish what is the broker's to say
        self._words.put((member_of(topic), bytes(message.payload)))
