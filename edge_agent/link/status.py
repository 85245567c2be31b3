"""What the agent says of itself and its scales: retained messages, so that whoever comes later knows."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Final, Literal

import msgspec

from domain.ids import AgentId, MarketId, ScaleId
from edge_agent.clock.clock_offset import ClockOffset
from edge_agent.journal.journal_capacity import Capacity
from edge_agent.link.health import ScaleHealth, memory_kib
from messages.status import AgentStatus, ScaleStatus, encode_status
from messages.topics import ScaleChannel, ScaleTopic, agent_status_topic

_MAX_TEXT: Final = 120  # as the wire contract bounds a text


def agent_version() -> str:
    """Return the version of the installed product; empty where it runs from a source tree."""
    try:
        return version("steelyard")
    except PackageNotFoundError:
        return ""


class StatusBoard:
    """Which scales are there, and the messages that say so as pairs of topic and payload. Safe in any thread."""

    def __init__(
        self, *, market_id: MarketId, agent_id: AgentId, scales: tuple[ScaleId, ...], brokers: Sequence[str] = ()
    ) -> None:
        self._market_id, self._agent_id, self._scales = market_id, agent_id, scales
        self._brokers = [name[:_MAX_TEXT] for name in brokers]
        self._version = agent_version()
        self._lock = threading.Lock()
        self._online = dict.fromkeys(scales, False)  # until one is heard
        self._health = dict.fromkeys(scales, ScaleHealth())
        self._untold = set(scales)

    def scale_is(self, scale_id: ScaleId, *, online: bool) -> bool:
        """Note whether a scale is heard, and return whether that is news."""
        with self._lock:
            if self._online[scale_id] == online:
                return False
            self._online[scale_id] = online
            self._untold.add(scale_id)
        return True

    def health_is(self, scale_id: ScaleId, health: ScaleHealth) -> bool:
        """Note a scale's health, and return whether it is news. What only counts on is told with the next status."""
        with self._lock:
            before, self._health[scale_id] = self._health[scale_id], health
            counted_on = replace(
                before, last_weighing_at=health.last_weighing_at, garbage_last_hour=health.garbage_last_hour
            )
            if counted_on == health:
                return False
            self._untold.add(scale_id)
        return True

    def has_news(self) -> bool:
        """Say whether the status of any scale is to be told."""
        with self._lock:
            return bool(self._untold)

    def tell_all(self) -> None:
        """Every scale is news again: to a new connection, or because its outbox depth has moved on."""
        with self._lock:
            self._untold.update(self._scales)

    def agent(
        self,
        state: Literal["online", "offline"],
        at: datetime,
        *,
        broker: str | None = None,
        uptime_s: float | None = None,
        offset: ClockOffset | None = None,
    ) -> tuple[str, bytes]:
        """Return the agent's own status."""
        status = AgentStatus(
            state=state,
            at=at,
            agent_version=self._version,
            scales=list(self._scales),
            broker=None if broker is None else broker[:_MAX_TEXT],
            brokers=self._brokers,
            uptime_s=None if uptime_s is None else int(uptime_s),
            memory_kib=memory_kib(),
            clock_offset_ms=None if offset is None else offset.offset_ms,
            clock_error_ms=None if offset is None else offset.error_ms,
        )
        return agent_status_topic(self._market_id, self._agent_id), encode_status(status)

    def untold_scales(
        self,
        at: datetime,
        depth: Callable[[ScaleId], int],
        offset: ClockOffset | None = None,
        journal: Capacity = Capacity.OK,
    ) -> Iterator[tuple[str, bytes]]:
        """Return the status of each scale that is news, once."""
        with self._lock:
            untold, self._untold = sorted(self._untold), set()
            online, health = dict(self._online), dict(self._health)
        for scale_id in untold:
            status = ScaleStatus(
                state="online" if online[scale_id] else "offline",
                at=at,
                agent_id=self._agent_id,
                agent_version=self._version,
                outbox_depth=depth(scale_id),
                journal=journal.value,
                clock_offset_ms=None if offset is None else offset.offset_ms,
                clock_error_ms=None if offset is None else offset.error_ms,
            )
            topic = str(ScaleTopic(self._market_id, scale_id, ScaleChannel.STATUS))
            yield topic, encode_status(_with_health(status, health[scale_id]))


def _with_health(status: ScaleStatus, health: ScaleHealth) -> ScaleStatus:
    return msgspec.structs.replace(
        status,
        port_open=health.port_open,
        last_weighing_at=health.last_weighing_at,
        serial_number=_text(health.identity.serial),
        model=_text(health.identity.model),
        firmware=_text(health.identity.firmware),
        verified_until=health.verified_until,
        battery_percent=health.battery_percent,
        caps_version=_text(health.caps_version),
        garbage_last_hour=dict(health.garbage_last_hour),
    )


def _text(said: str) -> str | None:
    """What a device says of itself may be anything; a status takes a bounded text of it, or nothing."""
    return said[:_MAX_TEXT] or None
