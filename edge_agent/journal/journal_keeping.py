"""What a journal needs between sales: its head signed, what is old let go, and a loud word when room runs out."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.device_event import DeviceEvent, EventKind
from domain.errors import Unavailable
from domain.ids import ScaleId
from edge_agent.journal.head_keeping import HeadKeeper
from edge_agent.journal.journal_capacity import Capacity, JournalState
from edge_agent.journal.outbox import Outbox

_EVERY_S: Final = 5.0
_HEADS_EVERY_S: Final = 10.0
_EVENT_OF: Final = {Capacity.NEARLY_FULL: EventKind.JOURNAL_NEARLY_FULL, Capacity.FULL: EventKind.JOURNAL_FULL}

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.journal.entries")


class JournalKeeper:
    """Tends the journals of an agent's scales, in the agent's loop."""

    def __init__(
        self,
        outbox: Outbox,
        key: Ed25519PrivateKey,
        scales: Sequence[ScaleId],
        clock: Callable[[], datetime],
        heads: HeadKeeper | None = None,
    ) -> None:
        self._outbox, self._key, self._clock, self._heads = outbox, key, clock, heads
        self.scales = tuple(scales)
        self._capacity = Capacity.OK
        self._next_at = 0.0
        self._heads_at = 0.0

    def tend(self, elapsed_s: float) -> None:
        """Do what is due, every few seconds of the monotonic clock; what the disk refuses is tried again."""
        if elapsed_s < self._next_at:
            return
        self._next_at = elapsed_s + _EVERY_S
        now = self._clock()
        try:
            self._say_how_full(self._outbox.state(now), now)
            if self._outbox.checkpoint_due(now):
                self._outbox.sign_checkpoints(self._key, now)
            self._outbox.prune(now)
            if self._heads is not None and elapsed_s >= self._heads_at:
                self._heads_at = elapsed_s + _HEADS_EVERY_S
                self._heads.note()
        except Unavailable as error:
            log.warning("journal_not_tended", problem=str(error))

    def end(self) -> None:
        """Note how far the journals have come when the agent stops: nothing is added any more."""
        try:
            if self._heads is not None:
                self._heads.note()
        except Unavailable as error:
            log.warning("journal_not_tended", problem=str(error))

    def _say_how_full(self, state: JournalState, now: datetime) -> None:
        if state.capacity is self._capacity:
            return
        if (kind := _EVENT_OF.get(state.capacity)) is None:
            log.info("journal_has_room_again", waiting=state.holding.waiting)
        else:
            log.critical(kind.value, reason=state.reason, waiting=state.holding.waiting)
            event = DeviceEvent(kind=kind, at=now, detail={"reason": state.reason})
            for scale_id in self.scales:
                self._outbox.add_events(scale_id, [event])
        self._capacity = state.capacity
