"""The link: one thread that keeps a connection to a broker and lets the couriers work over it.

Nothing is remembered but the outbox: a broker may go away, forget, or be another one after a while. A weighing leaves
the outbox with the service's receipt and in no other way.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from domain.errors import BadMessage, Unavailable
from domain.ids import AgentId, JournalId, MarketId, ScaleId
from edge_agent.clock.clock_offset import ClockOffset
from edge_agent.clock.clock_watch import ClockWatch
from edge_agent.config.broker_config import BrokerAddress, lapsed_in
from edge_agent.journal.outbox import Outbox
from edge_agent.link import broker_choice
from edge_agent.link.broker_choice import Choice, ChoiceRules
from edge_agent.link.connection import KEEPALIVE_S, Connection, Mailbox, Word
from edge_agent.link.courier import ANSWER_WITHIN_S, Courier
from edge_agent.link.delivery import DeliveryRules
from edge_agent.link.health import ScaleHealth
from edge_agent.link.lookout import Lookout
from edge_agent.link.message_courier import WINDOW as MESSAGE_WINDOW
from edge_agent.link.message_courier import MessageCourier
from edge_agent.link.status import StatusBoard
from messages.topics import ScaleChannel, ScaleTopic, caps_topic, parse_scale_topic

_TICK_S: Final = 0.25
_CONNECT_TIMEOUT_S: Final = 10.0
_STATUS_EVERY_S: Final = 60.0
_FAREWELL_S: Final = 2.0

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.link.sender")


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkRules:
    """How long a broker may be silent, and when others are tried."""

    keepalive_s: int = KEEPALIVE_S
    answer_within_s: float = ANSWER_WITHIN_S
    choice: ChoiceRules = field(default_factory=ChoiceRules)


@dataclass(frozen=True, kw_only=True, slots=True)
class Downlink:
    """Who takes what the market sends down; None: it is not asked for. Called in the link's thread.

    `on_caps`: the cap list in force. `on_notice`: a notice to a scale. They may raise BadMessage or Unavailable.
    """

    on_caps: Callable[[bytes], None] | None = None
    on_notice: Callable[[ScaleId, bytes], None] | None = None


class Link:
    """Started once, stopped once; `wake`, `scale_is`, `scale_health` and `clock_offset` may be called in any thread.

    `left_behind`: journals whose scales are not the agent's any more. They are delivered, but have no status.
    `watch` is told what receipts say of the clock.
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
        watch: ClockWatch | None = None,
        downlink: Downlink | None = None,
        link_rules: LinkRules | None = None,
    ) -> None:
        self._brokers, self._client_id = (broker, *broker.fallbacks), f"steelyard-agent-{market_id}-{agent_id}"
        self._rules, self._downlink = link_rules or LinkRules(), downlink or Downlink()
        self._outbox, self._clock, self._watch = outbox, clock, watch or ClockWatch()
        self._journal_of = {scale_id: journal_id for journal_id, scale_id in journals.items()}
        carried = {**journals, **left_behind}
        self._topics = _topics_to_us(market_id, carried, journals, self._downlink)
        self._board = StatusBoard(
            market_id=market_id,
            agent_id=agent_id,
            scales=tuple(journals.values()),
            brokers=[str(address) for address in self._brokers],
        )
        self._mailbox = Mailbox(carried)
        self._courier = Courier(
            market_id=market_id, journals=carried, outbox=outbox, rules=rules, clock=clock, watch=self._watch
        )
        self._messages = (
            MessageCourier(
                market_id, ScaleChannel.EVENTS, pending=outbox.pending_events, delivered=outbox.event_delivered
            ),
            MessageCourier(
                market_id,
                ScaleChannel.CHECKPOINTS,
                pending=outbox.pending_checkpoints,
                delivered=outbox.checkpoint_delivered,
            ),
        )
        # Statuses, events and checkpoints go beside the window, so that paho's own queue stays empty.
        self._in_flight = rules.window + len(self._messages) * MESSAGE_WINDOW + 2 * len(journals) + 4
        self._connection: Connection | None = None
        self._is_connected = False
        self._choice = Choice()
        self._tells_lapsed = True  # once for every time we were connected
        self._lookout: Lookout | None = None
        self._connect_by = 0.0
        self._next_status_at = 0.0
        self._started_at = time.monotonic()
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
        """Say that the outbox or the events have something new."""
        self._mailbox.wake()

    def scale_is(self, scale_id: ScaleId, *, online: bool) -> None:
        """Say whether a scale is heard."""
        if self._board.scale_is(scale_id, online=online):
            self._mailbox.wake()

    def scale_health(self, scale_id: ScaleId, health: ScaleHealth) -> None:
        """Say how a scale is; what is news is told at once."""
        if self._board.health_is(scale_id, health):
            self._mailbox.wake()

    def clock_offset(self) -> ClockOffset | None:
        """Return how far the service's clock is from ours; None until a receipt has told."""
        return self._watch.offset(self._clock(), time.monotonic())

    def is_alive(self) -> bool:
        """Return False when the thread ended without being asked to: a bug, which the agent must not outlive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._step(self._mailbox.wait(_TICK_S), time.monotonic())
            self._say_goodbye()
        finally:
            self._drop_connection(orderly=True)

    def _step(self, word: Word, now: float) -> None:
        self._tend_connection(word, now)
        try:
            self._take_word(word, now)
            if self._connection is not None and self._is_connected:
                self._send(self._connection, now)
        except Unavailable as error:  # the disk; a receipt that is lost here comes again with the next message
            log.warning("outbox_unavailable", problem=str(error))

    def _send(self, connection: Connection, now: float) -> None:
        self._send_status(connection, now)
        for courier in self._messages:
            courier.send(connection, now)
        if self._courier.send(connection, now):
            self._mailbox.wake()  # there is more, but first what came meanwhile

    def _take_word(self, word: Word, now: float) -> None:
        for mid, taken in word.acked:
            self._courier.take_answer(mid, taken=taken, now=now)
            for courier in self._messages:
                courier.take_answer(mid, taken=taken, now=now)
        for journal_id, heard in word.receipts.items():
            self._courier.take_receipt(journal_id, heard.receipt.committed_seq, now)
            self._watch.receipted(heard.receipt, heard.elapsed_s)
        self._hand_down(word)

    def _hand_down(self, word: Word) -> None:
        try:
            if word.caps is not None and self._downlink.on_caps is not None:
                self._downlink.on_caps(word.caps)
        except BadMessage as error:
            log.warning("bad_caps", problem=str(error))
        for topic, payload in word.notices:
            try:
                if self._downlink.on_notice is not None:
                    self._downlink.on_notice(parse_scale_topic(topic).scale_id, payload)
            except BadMessage as error:
                log.warning("bad_notice", topic=topic, problem=str(error))

    def _tend_connection(self, word: Word, now: float) -> None:
        is_mute = self._is_mute(word, now)
        if is_mute:
            log.warning("broker_does_not_answer", broker=str(self._broker()))
        if word.disconnected or is_mute:
            self._lose_connection(now, orderly=not is_mute)
        elif word.connected and self._connection is not None:
            self._greet(self._connection, now)
        self._look_for_preferred(now)
        if self._connection is None and now >= self._choice.next_try_at:
            self._connect(now)

    def _is_mute(self, word: Word, now: float) -> bool:
        if self._connection is not None and not self._is_connected and not word.connected:
            return now >= self._connect_by
        within_s = self._rules.answer_within_s
        return self._courier.is_unanswered(now, within_s) or any(
            courier.is_unanswered(now, within_s) for courier in self._messages
        )

    def _broker(self) -> BrokerAddress:
        return self._brokers[self._choice.index]

    def _connect(self, now: float) -> None:
        will = self._board.agent("offline", self._clock())
        connection = Connection(self._broker(), self._client_id, will, self._in_flight, self._rules.keepalive_s)
        try:
            connection.open(self._mailbox)
        except Unavailable as error:
            log.warning("broker_unreachable", problem=str(error))
            self._try_next(now)
            return
        self._connection, self._connect_by = connection, now + _CONNECT_TIMEOUT_S

    def _greet(self, connection: Connection, now: float) -> None:
        self._choice = broker_choice.after_connecting(self._rules.choice, self._choice, now, self._chance())
        log.info("broker_connected", broker=str(self._broker()), preferred=self._choice.index == 0)
        try:
            self._courier.reconnected()
        except Unavailable as error:  # the disk: with another connection it may be better
            log.warning("outbox_unavailable", problem=str(error))
            self._lose_connection(now, orderly=True)
            return
        connection.subscribe(self._topics)  # before the first weighing, so that no receipt is missed
        self._is_connected, self._tells_lapsed, self._next_status_at = True, True, 0.0

    def _lose_connection(self, now: float, *, orderly: bool) -> None:
        self._drop_connection(orderly=orderly)
        self._try_next(now)

    def _try_next(self, now: float) -> None:
        if self._tells_lapsed:
            self._tells_lapsed = False
            for problem in lapsed_in(self._brokers[0], self._clock()):
                log.error("certificate_not_valid", problem=problem)
        self._choice = broker_choice.after_failure(
            self._rules.choice, self._choice, len(self._brokers), now, self._chance()
        )
        if len(self._brokers) > 1:
            log.warning("trying_next_broker", broker=str(self._broker()))

    def _drop_connection(self, *, orderly: bool) -> None:
        self._is_connected, self._lookout = False, None
        self._courier.forget_flights()
        for courier in self._messages:
            courier.forget_flights()
        if self._connection is not None:
            self._connection.close(orderly=orderly)
            self._connection = None
            self._mailbox.wait(0)  # what the closed connection still said is about nothing any more

    def _look_for_preferred(self, now: float) -> None:
        """On a stand-in, see now and then whether the preferred broker is back; move only to one that is."""
        if self._choice.return_at is None:
            return
        if self._lookout is None and now >= self._choice.return_at:
            self._lookout = Lookout(self._brokers[0], self._mailbox.wake)
            self._lookout.start()
        is_there = None if self._lookout is None else self._lookout.found()
        if is_there is None:
            return
        self._lookout = None
        self._choice = broker_choice.after_lookout(
            self._rules.choice, self._choice, is_there=is_there, now=now, chance=self._chance()
        )
        if is_there:
            log.info("returning_to_preferred_broker", broker=str(self._broker()))
            self._say_goodbye()  # what the stand-in keeps of us must not say that we are there
            self._drop_connection(orderly=True)

    def _send_status(self, connection: Connection, now: float) -> None:
        if now < self._next_status_at and not self._board.has_news():
            return  # at every wake-up: nothing is asked of the disk for it
        offset = self.clock_offset()
        if now >= self._next_status_at:
            self._board.tell_all()
            self._next_status_at = now + _STATUS_EVERY_S
            topic, payload = self._board.agent(
                "online",
                self._clock(),
                broker=str(self._broker()),
                uptime_s=now - self._started_at,
                offset=offset,
            )
            connection.publish(topic, payload, retain=True)
        at = self._clock()
        for topic, payload in self._board.untold_scales(at, self._depth, offset, self._outbox.state(at).capacity):
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


def _topics_to_us(
    market_id: MarketId,
    carried: Mapping[JournalId, ScaleId],
    journals: Mapping[JournalId, ScaleId],
    downlink: Downlink,
) -> list[str]:
    topics = [str(ScaleTopic(market_id, scale_id, ScaleChannel.RECEIPTS)) for scale_id in carried.values()]
    if downlink.on_notice is not None:
        topics += [str(ScaleTopic(market_id, scale_id, ScaleChannel.NOTICES)) for scale_id in journals.values()]
    if downlink.on_caps is not None:
        topics.append(caps_topic(market_id))
    return topics
