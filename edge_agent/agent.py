"""The agent: one loop over the lines of up to 64 scales. What is stable is made durable, and only then shown.

Threads: this loop, the link's sender, and paho's network thread.
"""

import math
import selectors
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from domain.device_event import DeviceEvent, EventKind
from domain.errors import Unavailable
from domain.ids import ScaleId
from domain.weighing import Weighing
from edge_agent.agent_link import judges_clock_by, make_link, make_watch, reach
from edge_agent.agent_stats import AgentStats, sum_up
from edge_agent.caps.cap_book import CapBook
from edge_agent.caps.caution import no_caps
from edge_agent.clock.clock_offset import OffsetNews
from edge_agent.config.agent_config import AgentConfig
from edge_agent.desk import Desk, Watched
from edge_agent.guard import Guard
from edge_agent.journal.outbox import Journal, Outbox
from edge_agent.link.delivery import DeliveryRules
from edge_agent.link.sender import Downlink, Link
from edge_agent.page.board import Board
from edge_agent.weighing.device_watch import clock_offset_found
from edge_agent.weighing.moments import Moment
from edge_agent.weighing.outcomes import Outcome
from edge_agent.weighing.recording import Draft
from edge_agent.weighing.unwritten import Unwritten

_TICK_S: Final = 0.1  # how long a stop, a lost port or a question may wait: ten readings a second
# Between two wake-ups, so that what many scales send meanwhile is one; a warning has 100 ms. No rest while a scale is
# asked and answered: its next answer waits for our next word.
_REST_S: Final = 0.05
_NO_REST_AFTER_WORD_S: Final = 0.5
_HEALTH_EVERY_S: Final = 1.0
_MOST_EVENTS: Final = 1000  # of a scale, that wait for the disk
_EVENTS_RETRY_AFTER_S: Final = 5.0

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.agent")


class Agent:
    """The loop and what it holds. `step` it until it is enough, then `close`.

    `book`: the caps as they are known now, and `caps_version` which these are. `board`: where the page looks; None
    where there is none.
    """

    def __init__(
        self,
        config: AgentConfig,
        outbox: Outbox,
        clock: Callable[[], datetime],
        *,
        rules: DeliveryRules | None = None,
        book: Callable[[], CapBook] = no_caps,
        caps_version: Callable[[], str] = str,
        board: Board | None = None,
        downlink: Downlink | None = None,
    ) -> None:
        self._outbox, self._clock, self._rules = outbox, clock, rules
        self._book, self._caps_version, self._board, self._downlink = book, caps_version, board, downlink
        self._selector = selectors.DefaultSelector()
        self._desks: dict[ScaleId, Desk] = {}
        self._unwritten = Unwritten()
        self._events: dict[ScaleId, deque[DeviceEvent]] = {}
        self._events_retry_at = float("-inf")
        self._next_tick_at = 0.0
        self._next_health_at = 0.0
        self._last_word_at = float("-inf")
        self._config = config
        self._watch, self._offset_news = make_watch(config), OffsetNews(config.clock_limit_s)
        self._guards: dict[ScaleId, Guard] = {}
        self._set_up(config, self._journals(config))
        self._guards = self._guards_of(config)
        self.link = self._make_link(config)

    def reconfigure(self, config: AgentConfig) -> None:
        """Take another configuration between two steps. Scales that stay as they were weigh on without noticing.

        The agent's and the market's id and the outbox must be as before. The connection is made anew where the
        brokers or the scales are others; what waits in the outbox goes on from there. Raise Unavailable, and change
        nothing, while the disk refuses what was weighed: the load of a weighing that is forgotten is sold twice.
        """
        if self._unwritten:
            raise Unavailable(f"{len(self._unwritten)} weighings wait for the disk")
        journals, guards = self._journals(config), self._guards_of(config)
        before, self._config = self._config, config
        for scale_id in {scale.scale_id for scale in before.scales} - {scale.scale_id for scale in config.scales}:
            self._desks.pop(scale_id).close()
        self._set_up(config, journals)
        self._guards = guards
        if judges_clock_by(before) != judges_clock_by(config):  # else what receipts told of the clock still holds
            self._watch, self._offset_news = make_watch(config), OffsetNews(config.clock_limit_s)
        if reach(before) != reach(config):
            self.link.stop()
            self.link = self._make_link(config)
            self.link.start()

    def _journals(self, config: AgentConfig) -> dict[ScaleId, Journal]:
        return {scale.scale_id: self._outbox.journal(scale.scale_id) for scale in config.scales}

    def _guards_of(self, config: AgentConfig) -> dict[ScaleId, Guard]:
        """Return a guard for each scale: the one there is, where what it watches stays the same."""
        found = {}
        for scale in config.scales:
            guard = self._guards.get(scale.scale_id)
            if guard is None or guard.contacts != scale.contacts:
                guard = Guard(scale.contacts, partial(self._last_value, scale.scale_id))
            found[scale.scale_id] = guard
        return found

    def _last_value(self, scale_id: ScaleId, kind: EventKind) -> str | None:
        event = self._outbox.last_event(scale_id, kind)
        return None if event is None or "value" not in event.detail else str(event.detail["value"])

    def _make_link(self, config: AgentConfig) -> Link:
        return make_link(config, self._outbox, self._watch, self._clock, self._rules, self._downlink)

    def _set_up(self, config: AgentConfig, journals: Mapping[ScaleId, Journal]) -> None:
        for scale in config.scales:
            desk = self._desks.get(scale.scale_id)
            if desk is not None and desk.reconfigure(scale):
                continue
            if desk is not None:
                desk.close()
                self._guards[scale.scale_id].line_closed_by_us()
            self._desks[scale.scale_id] = Desk(
                scale, journals[scale.scale_id], self._book, self._selector, has_page=config.page is not None
            )
        if self._board is not None:
            self._board.keep([scale.scale_id for scale in config.scales])

    def stats(self) -> AgentStats:
        """Return the sums over all stations."""
        return sum_up(self._desks.values())

    def step(self, now: float) -> None:
        """Wait for bytes, at most a tick, and do what they ask for."""
        if now >= self._next_tick_at:
            on_time = self._next_tick_at + _TICK_S
            self._next_tick_at = on_time if on_time > now else now + _TICK_S
            self._tend(now)
        until_tick_s = self._next_tick_at - now
        ready: list[Watched] = [key.data for key, _events in self._selector.select(until_tick_s)]
        # The vendor keys the goods before the load is stable: what waits on both lines has to be read in this order.
        ready.sort(key=lambda watched: not watched.desk.is_keypad(watched.line))
        for watched in ready:
            self._take(watched.desk.scale_id, watched.desk.read(watched.line, self._moment(now)))
        self._record(now)
        self._record_events(now)
        for desk in {watched.desk.scale_id: watched.desk for watched in ready}.values():
            self._poll(desk, now)
            self._show(desk)
        if ready and now - self._last_word_at > _NO_REST_AFTER_WORD_S:
            time.sleep(_REST_S)

    def close(self) -> None:
        """Close the lines. What the disk still refuses is lost, and was never shown as recorded."""
        self._record(math.inf)
        self._record_events(math.inf)
        if self._unwritten or self._events:
            log.critical("lost_at_the_end", weighings=len(self._unwritten), events=sum(map(len, self._events.values())))
        for desk in self._desks.values():
            desk.close()
        self._selector.close()

    def _moment(self, now: float) -> Moment:
        at = self._clock()
        return Moment(now=at, clock_synced=self._watch.is_synced(at, now), elapsed_s=now)

    def _tend(self, now: float) -> None:
        for desk in self._desks.values():
            desk.tend(now)
            self._poll(desk, now)
            self.link.scale_is(desk.scale_id, online=desk.is_heard(now))
        if now >= self._next_health_at:
            self._next_health_at = now + _HEALTH_EVERY_S
            self._tell_health(now)

    def _tell_health(self, now: float) -> None:
        version, moment = self._caps_version(), self._moment(now)
        offset = self._offset_news.look(self._watch.offset(moment.now, now))
        for desk in self._desks.values():
            events = self._guards[desk.scale_id].look(moment, is_heard=desk.is_heard(now))
            events += [] if offset is None else [clock_offset_found(moment, offset)]
            self._take(desk.scale_id, Outcome(events=events))
            self.link.scale_health(desk.scale_id, replace(desk.health(now), caps_version=version))

    def _show(self, desk: Desk) -> None:
        """Put up what the page shows, where there is a page."""
        if self._config.page is None or self._board is None:
            return
        if (view := desk.view()) is not None:
            self._board.show(desk.scale_id, view)

    def _poll(self, desk: Desk, now: float) -> None:
        """Only behind what is durable may a scale be told that its sale has been taken."""
        if not self._unwritten.holds(desk.scale_id):
            self._last_word_at = now if desk.poll(now) else self._last_word_at

    def _take(self, scale_id: ScaleId, outcome: Outcome) -> None:
        self._unwritten.add(outcome.drafts)
        if outcome.events:
            self._events.setdefault(scale_id, deque(maxlen=_MOST_EVENTS)).extend(outcome.events)

    def _record_events(self, now: float) -> None:
        """Keep device events too; what the disk refuses waits, the latest of each scale."""
        while self._events and now >= self._events_retry_at:
            scale_id, events = next(iter(self._events.items()))
            try:
                self._outbox.add_events(scale_id, events)
            except Unavailable as error:
                log.warning("device_events_not_recorded", scale_id=scale_id, problem=str(error))
                self._events_retry_at = now + _EVENTS_RETRY_AFTER_S
            else:
                del self._events[scale_id]
                self.link.wake()

    def _record(self, now: float) -> None:
        """Make what is stable durable, in one transaction where it is not much; what the disk refuses waits unshown."""
        while drafts := self._unwritten.due(now):
            try:
                weighings = self._outbox.append(drafts)
            except Unavailable as error:
                if self._unwritten.refused(now):
                    waiting, lost = len(self._unwritten), self._unwritten.lost
                    log.critical("weighings_not_recorded", count=waiting, lost=lost, problem=str(error))
                return
            self._unwritten.written(drafts)
            self.link.wake()
            self._show_recorded(drafts, weighings)

    def _show_recorded(self, drafts: Sequence[Draft], weighings: Sequence[Weighing | None]) -> None:
        for draft, weighing in zip(drafts, weighings, strict=True):
            if weighing is None:
                log.info("nothing_to_void", scale_id=draft.scale_id)
            elif (desk := self._desks.get(draft.scale_id)) is not None:  # it may be configured no more
                desk.show_recorded(weighing)
