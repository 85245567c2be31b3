"""What the agent says of itself and its scales: retained messages, so that whoever comes later knows."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from domain.ids import AgentId, MarketId, ScaleId
from messages.status import AgentStatus, ScaleStatus, encode_status
from messages.topics import ScaleChannel, ScaleTopic, agent_status_topic


def agent_version() -> str:
    """Return the version of the installed product; empty where it runs from a source tree."""
    try:
        return version("steelyard")
    except PackageNotFoundError:
        return ""


class StatusBoard:
    """Which scales are there, and the messages that say so as pairs of topic and payload. Safe in any thread."""

    def __init__(self, *, market_id: MarketId, agent_id: AgentId, scales: tuple[ScaleId, ...]) -> None:
        self._market_id, self._agent_id, self._scales = market_id, agent_id, scales
        self._version = agent_version()
        self._lock = threading.Lock()
        self._online = dict.fromkeys(scales, False)  # until one is heard
        self._untold = set(scales)

    def scale_is(self, scale_id: ScaleId, *, online: bool) -> bool:
        """Note whether a scale is heard, and return whether that is news."""
        with self._lock:
            if self._online[scale_id] == online:
                return False
            self._online[scale_id] = online
            self._untold.add(scale_id)
        return True

    def tell_all(self) -> None:
        """Every scale is news again: to a new connection, or because its outbox depth has moved on."""
        with self._lock:
            self._untold.update(self._scales)

    def agent(self, state: Literal["online", "offline"], at: datetime) -> tuple[str, bytes]:
        """Return the agent's own status."""
        status = AgentStatus(state=state, at=at, agent_version=self._version, scales=list(self._scales))
        return agent_status_topic(self._market_id, self._agent_id), encode_status(status)

    def untold_scales(self, at: datetime, depth: Callable[[ScaleId], int]) -> Iterator[tuple[str, bytes]]:
        """Return the status of each scale that is news, once."""
        with self._lock:
            untold, self._untold = sorted(self._untold), set()
            online = dict(self._online)
        for scale_id in untold:
            status = ScaleStatus(
                state="online" if online[scale_id] else "offline",
                at=at,
                agent_id=self._agent_id,
                agent_version=self._version,
                outbox_depth=depth(scale_id),
            )
            yield str(ScaleTopic(self._market_id, scale_id, ScaleChannel.STATUS)), encode_status(status)
