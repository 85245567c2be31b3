"""What the market sends down to an agent: the caps, and notices to its scales. Called in the link's thread."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from domain.device_event import DeviceEvent, EventKind
from domain.ids import ScaleId
from edge_agent.caps.cap_store import CapStore
from edge_agent.journal.outbox import Outbox
from edge_agent.page.board import Board
from messages.notices import LockNotice, Notice, UnlockNotice, decode_notice

_EVENT_OF: Final = {LockNotice: EventKind.LOCKED, UnlockNotice: EventKind.UNLOCKED}

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.caps.market_news")


class MarketNews:
    """Keeps the caps and puts notices on the board; what a scale did about it is a device event."""

    def __init__(self, caps: CapStore, board: Board, outbox: Outbox, clock: Callable[[], datetime]) -> None:
        self._caps, self._board, self._outbox, self._clock = caps, board, outbox, clock

    def take_caps(self, payload: bytes) -> None:
        """Hold another announcement, and say so for each scale. Raise Unavailable where the disk fails."""
        version = self._caps.take(payload)
        if version is not None:
            for scale_id in self._board.scales:
                self._happened(scale_id, EventKind.CAPS_APPLIED, {"version": version})

    def take_notice(self, scale_id: ScaleId, payload: bytes) -> None:
        """Show a notice. Raise BadMessage where it cannot be used, Unavailable where the disk fails."""
        notice = decode_notice(payload)
        if scale_id not in self._board.scales:
            log.warning("notice_for_another_scale", scale_id=scale_id)
            return
        self._board.told(scale_id, notice)
        if (kind := _EVENT_OF.get(type(notice))) is not None:
            self._happened(scale_id, kind, {"because": _reason(notice)})

    def _happened(self, scale_id: ScaleId, kind: EventKind, detail: dict[str, str | int]) -> None:
        self._outbox.add_events(scale_id, [DeviceEvent(kind=kind, at=self._clock(), detail=detail)])


def _reason(notice: Notice) -> str:
    return str(getattr(notice, "reason", ""))
