"""The agent: one loop over the ports of up to 64 scales. What is stable is made durable, and only then shown.

Threads: this loop, the link's sender, and paho's network thread.
"""

import selectors
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog

from domain.errors import Unavailable
from domain.ids import JournalId, ScaleId
from domain.weighing import Weighing
from edge_agent import display
from edge_agent.config import AgentConfig
from edge_agent.delivery import DeliveryRules
from edge_agent.drivers.protocol import SerialSettings
from edge_agent.journal_keeping import JournalKeeper
from edge_agent.link import Link
from edge_agent.outbox import Draft, Outbox
from edge_agent.outbox_opening import open_outbox
from edge_agent.ports import Line
from edge_agent.signing_key import load_or_make_signing_key
from edge_agent.station import Station

_TICK_S: Final = 0.2  # how long a stop, a lost port or a poll may wait
_SILENT_AFTER_S: Final = 5.0  # a port may well be open while its scale is switched off
_MAX_UNWRITTEN: Final = 1000

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.agent")


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentStats:
    """What an agent has seen since it started; logged when it stops."""

    readings: int
    plus_keyed: int
    weighings: int
    displays_missed: int
    garbage: dict[str, int]


@dataclass(kw_only=True, slots=True)
class _Desk:
    """A station with its lines."""

    station: Station
    scale: Line
    keypad: Line | None
    displays_missed: int = 0
    heard_at: float | None = None  # seconds of the monotonic clock

    def is_heard(self, now: float) -> bool:
        """Say whether the scale has sent anything lately."""
        return self.scale.port is not None and self.heard_at is not None and now - self.heard_at <= _SILENT_AFTER_S


class Agent:
    """The loop and what it holds. Made, run to its end, and closed by `run`."""

    def __init__(
        self, config: AgentConfig, outbox: Outbox, rules: DeliveryRules, clock: Callable[[], datetime]
    ) -> None:
        journals = [outbox.journal(scale.scale_id) for scale in config.scales]
        left_behind = _left_behind(outbox, config)
        self._desks = {
            scale.scale_id: _Desk(
                station=Station(scale, clock_synced=config.clock_synced, sold_net_g=journal.last_net_g),
                scale=Line(scale.port, scale.serial),
                keypad=None if scale.keypad is None else Line(scale.keypad, SerialSettings(baud=scale.keypad_baud)),
            )
            for scale, journal in zip(config.scales, journals, strict=True)
        }
        self._outbox, self._clock = outbox, clock
        self._selector = selectors.DefaultSelector()
        self._unwritten: list[Draft] = []
        self._next_poll_at = 0.0
        self.link = Link(
            market_id=config.market_id,
            agent_id=config.agent_id,
            broker=config.broker,
            outbox=outbox,
            journals={journal.journal_id: journal.scale_id for journal in journals},
            left_behind=left_behind,
            rules=rules,
            clock=clock,
        )

    def stats(self) -> AgentStats:
        """Return the sums over all stations."""
        counters = [desk.station.counters for desk in self._desks.values()]
        return AgentStats(
            readings=sum(counter.readings for counter in counters),
            plus_keyed=sum(counter.plus_keyed for counter in counters),
            weighings=sum(counter.weighings for counter in counters),
            displays_missed=sum(desk.displays_missed for desk in self._desks.values()),
            garbage=dict(sum((counter.garbage for counter in counters), start=Counter[str]())),
        )

    def step(self, now: float) -> None:
        """Wait for bytes, at most a tick, and do what they ask for. Raise Unavailable after a long disk failure."""
        self._tend_lines(now)
        ready = [(key.data, key.fd) for key, _events in self._selector.select(_TICK_S)]
        # The vendor keys the PLU before the load is stable: what waits on both lines has to be read in this order.
        for desk, fd in ready:
            if desk.keypad is not None and desk.keypad.port is not None and desk.keypad.port.fileno() == fd:
                self._read_keypad(desk, desk.keypad, now)
        for desk, fd in ready:
            if desk.scale.port is not None and desk.scale.port.fileno() == fd:
                self._read_scale(desk, now)
        self._record()

    def close(self) -> None:
        """Close the ports."""
        for desk in self._desks.values():
            desk.scale.close()
            if desk.keypad is not None:
                desk.keypad.close()
        self._selector.close()

    def _tend_lines(self, now: float) -> None:
        for desk in self._desks.values():
            port = desk.scale.tend(now)
            if port is not None:
                desk.station.driver.reset()
                self._selector.register(port.fileno(), selectors.EVENT_READ, desk)
            self.link.scale_is(desk.station.scale_id, online=desk.is_heard(now))
            if desk.keypad is not None and (port := desk.keypad.tend(now)) is not None:
                desk.station.keypad.reset()
                self._selector.register(port.fileno(), selectors.EVENT_READ, desk)
        if now >= self._next_poll_at:
            self._next_poll_at = now + _TICK_S
            for desk in self._desks.values():
                self._write(desk.scale, desk.station.driver.poll(now), now)

    def _read_keypad(self, desk: _Desk, keypad: Line, now: float) -> None:
        data = self._read(keypad, now)
        if data:
            desk.station.feed_keypad(data)

    def _read_scale(self, desk: _Desk, now: float) -> None:
        data = self._read(desk.scale, now)
        if data:
            desk.heard_at = now
            self._unwritten += desk.station.feed_scale(data, self._clock(), now)

    def _read(self, line: Line, now: float) -> bytes | None:
        fd = -1 if line.port is None else line.port.fileno()
        data = line.read(now)
        if data is None and fd != -1:
            self._selector.unregister(fd)
        return data

    def _write(self, line: Line, data: bytes, now: float) -> bool:
        if not data:
            return True
        if line.port is None:
            return False
        fd = line.port.fileno()
        try:
            return line.port.write(data)
        except OSError as error:
            self._selector.unregister(fd)
            line.lose(now, error)
            return False

    def _record(self) -> None:
        """Make what is stable durable in one transaction; what the disk refuses waits here, unshown."""
        if not self._unwritten:
            return
        try:
            weighings = self._outbox.append(self._unwritten)
        except Unavailable as error:
            log.warning("weighings_not_recorded", count=len(self._unwritten), problem=str(error))
            if len(self._unwritten) > _MAX_UNWRITTEN:
                raise
            return
        drafts, self._unwritten = self._unwritten, []
        self.link.wake()
        for draft, weighing in zip(drafts, weighings, strict=True):
            if weighing is None:
                log.info("nothing_to_void", scale_id=draft.scale_id)
            else:
                self._show(self._desks[draft.scale_id], weighing)

    def _show(self, desk: _Desk, weighing: Weighing) -> None:
        if desk.keypad is not None and not self._write(desk.keypad, display.recorded(weighing), time.monotonic()):
            desk.displays_missed += 1


def _left_behind(outbox: Outbox, config: AgentConfig) -> dict[JournalId, ScaleId]:
    """Return the journals of scales that are not configured any more, but were when they weighed what still waits."""
    journals = outbox.left_behind({scale.scale_id for scale in config.scales})
    for journal in journals:
        log.warning(
            "delivering_for_removed_scale", scale_id=journal.scale_id, weighings=outbox.depth(journal.journal_id)
        )
    return {journal.journal_id: journal.scale_id for journal in journals}


def run(
    config: AgentConfig,
    stop: threading.Event,
    *,
    rules: DeliveryRules | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Run an agent until `stop` is set. Raise Unavailable where the outbox cannot be opened or no longer be written."""
    outbox = open_outbox(config.outbox, clock)
    key = load_or_make_signing_key(config.outbox)
    keeper = JournalKeeper(outbox, key, [scale.scale_id for scale in config.scales], clock)
    agent = Agent(config, outbox, rules or DeliveryRules(), clock)
    agent.link.start()
    log.info("agent_started", agent_id=config.agent_id, scales=len(config.scales))
    try:
        while not stop.is_set():
            agent.step(time.monotonic())
            keeper.tend(time.monotonic())
            if not agent.link.is_alive():
                raise RuntimeError("the link's thread ended by itself")
    finally:
        agent.link.stop()
        agent.close()
        outbox.close()
        log.info("agent_stopped", agent_id=config.agent_id, stats=agent.stats())
