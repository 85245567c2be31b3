"""The link: one thread that keeps a connection to the broker and lets the courier work over it.

Nothing is remembered but the outbox: the broker may go away, forget, or be another one after a while. A weighing leaves
the outbox with the service's receipt and in no other way.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import structlog

from domain.errors import Unavailable
from domain.ids import AgentId, JournalId, MarketId, ScaleId
from edge_agent.backoff import delay_s
from edge_agent.broker_config import BrokerAddress
from edge_agent.connection import Connection, Mailbox, Word
from edge_agent.courier import Courier
from edge_agent.delivery import DeliveryRules
from edge_agent.outbox import Outbox
from edge_agent.status import StatusBoard
from messages.topics import ScaleChannel, ScaleTopic

_TICK_S: Final = 0.25
_CONNECT_TIMEOUT_S: Final = 10.0
_RECONNECT_FIRST_S: Final = 0.5
_RECONNECT_CEILING_S: Final = 30.0
_STATUS_EVERY_S: Final = 60.0
_FAREWELL_S: Final = 2.0

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.link")


class Link:
    """Started once, stopped once; `wake` and `scale_is` may be called from any thread.

    `left_behind`: journals whose scales are not the agent's any more. They are delivered, but have no status.
    """

    def __init__(
        self,
        *,
        market_id: MarketId,
        agent_id: AgentId,
        broker: BrokerAddress,
        outbox: Outbox,
        journals: Mapping[JournalId, ScaleId],
        left_behind: Mapping[JournalId, ScaleId],
        rules: DeliveryRules,
        clock: Callable[[], datetime],
    ) -> None:
        self._broker, self._client_id = broker, f"steelyard-agent-{market_id}-{agent_id}"
        self._outbox, self._clock = outbox, clock
        self._journal_of = {scale_id: journal_id for journal_id, scale_id in journals.items()}
        carried = {**journals, **left_behind}
        self._receipt_topics = [str(ScaleTopic(market_id, s, ScaleChannel.RECEIPTS)) for s in carried.values()]
        self._board = StatusBoard(market_id=market_id, agent_id=agent_id, scales=tuple(journals.values()))
        self._mailbox = Mailbox(carried)
        self._courier = Courier(market_id=market_id, journals=carried, outbox=outbox, rules=rules, clock=clock)
        # Statuses go beside the window, so that paho's own queue stays empty.
        self._in_flight = rules.window + 2 * len(journals) + 2
        self._connection: Connection | None = None
        self._is_connected = False
        self._attempt = 0
        self._next_try_at = 0.0
        self._connect_by = 0.0
        self._next_status_at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="edge-link")
        self._chance = random.Random().random  # noqa: S311 - jitter, not a secret

    def start(self) -> None:
        """Start the sender's thread."""
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye (a retained offline status), disconnect, and wait for the thread. The outbox stays as it is."""
        self._stop.set()
        self._mailbox.wake()
        self._thread.join()

    def wake(self) -> None:
        """Say that the outbox has something new."""
        self._mailbox.wake()

    def scale_is(self, scale_id: ScaleId, *, online: bool) -> None:
        """Say whether a scale is heard."""
        if self._board.scale_is(scale_id, online=online):
            self._mailbox.wake()

    def is_alive(self) -> bool:
        """Return False when the thread ended without being asked to: a bug, which the agent must not outlive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._step(self._mailbox.wait(_TICK_S), time.monotonic())
            self._say_goodbye()
        finally:
            self._drop_connection()

    def _step(self, word: Word, now: float) -> None:
        self._tend_connection(word, now)
        try:
            self._take_word(word, now)
            if self._connection is not None and self._is_connected:
                self._send_status(self._connection, now)
                self._courier.send(self._connection, now)
        except Unavailable as error:  # the disk; a receipt that is lost here comes again with the next message
            log.warning("outbox_unavailable", problem=str(error))

    def _take_word(self, word: Word, now: float) -> None:
        for mid, taken in word.acked:
            self._courier.take_answer(mid, taken=taken, now=now)
        for journal_id, committed_seq in word.receipts.items():
            self._courier.take_receipt(journal_id, committed_seq, now)

    def _tend_connection(self, word: Word, now: float) -> None:
        is_connecting = self._connection is not None and not self._is_connected and not word.connected
        is_mute = (is_connecting and now >= self._connect_by) or self._courier.is_unanswered(now)
        if is_mute:
            log.warning("broker_does_not_answer", host=self._broker.host)
        if word.disconnected or is_mute:
            self._drop_connection()
            self._courier.forget_flights()
            self._wait_before_next_try(now)
        elif word.connected and self._connection is not None:
            self._greet(self._connection)
        if self._connection is None and now >= self._next_try_at:
            self._connect(now)

    def _connect(self, now: float) -> None:
        will = self._board.agent("offline", self._clock())
        connection = Connection(self._broker, self._client_id, will, self._in_flight)
        try:
            connection.open(self._mailbox)
        except Unavailable as error:
            log.warning("broker_unreachable", problem=str(error))
            self._wait_before_next_try(now)
            return
        self._connection, self._connect_by = connection, now + _CONNECT_TIMEOUT_S

    def _greet(self, connection: Connection) -> None:
        log.info("broker_connected", host=self._broker.host, port=self._broker.port)
        self._is_connected, self._attempt, self._next_status_at = True, 0, 0.0
        self._courier.reconnected()
        connection.subscribe(self._receipt_topics)  # before the first weighing, so that no receipt is missed
        topic, payload = self._board.agent("online", self._clock())
        connection.publish(topic, payload, retain=True)

    def _wait_before_next_try(self, now: float) -> None:
        wait_s = delay_s(
            self._attempt, first_s=_RECONNECT_FIRST_S, ceiling_s=_RECONNECT_CEILING_S, chance=self._chance()
        )
        self._attempt, self._next_try_at = self._attempt + 1, now + wait_s

    def _drop_connection(self) -> None:
        self._is_connected = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._mailbox.wait(0)  # what the closed connection still said is about nothing any more

    def _send_status(self, connection: Connection, now: float) -> None:
        if now >= self._next_status_at:
            self._board.tell_all()
            self._next_status_at = now + _STATUS_EVERY_S
        for topic, payload in self._board.untold_scales(self._clock(), self._depth):
            connection.publish(topic, payload, retain=True)

    def _depth(self, scale_id: ScaleId) -> int:
        return self._outbox.depth(self._journal_of[scale_id])

    def _say_goodbye(self) -> None:
        if self._connection is None or not self._is_connected:
            return
        topic, payload = self._board.agent("offline", self._clock())
        mid = self._connection.publish(topic, payload, retain=True)
        deadline = time.monotonic() + _FAREWELL_S
        while mid is not None and (left_s := deadline - time.monotonic()) > 0:
            word = self._mailbox.wait(left_s)
            if word.disconnected or any(acked == mid for acked, _taken in word.acked):
                return
