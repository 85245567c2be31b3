"""Device events and checkpoints on their way: at least once, in order, a few at a time."""

import random
from collections.abc import Callable, Sequence
from typing import Final

from domain.errors import Unavailable
from domain.ids import JournalId, MarketId
from edge_agent.journal.journal_messages import PendingMessage
from edge_agent.link.backoff import delay_s
from edge_agent.link.courier import Publisher
from messages.topics import ScaleChannel, ScaleTopic

WINDOW: Final = 8
_PAUSE_FIRST_S: Final = 10.0
_PAUSE_CEILING_S: Final = 60.0


class MessageCourier:
    """Carries the messages of one channel, for one thread. Raises Unavailable where the disk fails it.

    `pending` returns up to so many messages that are not delivered, the oldest first; `delivered` notes that those of a
    journal are, up to and including a place. So an answer counts only while nothing before it was refused.
    """

    def __init__(
        self,
        market_id: MarketId,
        channel: ScaleChannel,
        *,
        pending: Callable[[int], Sequence[PendingMessage]],
        delivered: Callable[[JournalId, int], None],
    ) -> None:
        self._market_id, self._channel = market_id, channel
        self._pending, self._delivered = pending, delivered
        self._flights: dict[int, tuple[PendingMessage, float]] = {}  # by message id, with when it was sent
        self._attempt, self._pause_until = 0, 0.0
        self._answered_at = 0.0
        self._chance = random.Random().random  # noqa: S311 - jitter, not a secret

    def forget_flights(self) -> None:
        """The connection is gone: what was not answered goes again."""
        self._flights.clear()

    def is_unanswered(self, now: float, within_s: float) -> bool:
        """Say whether the broker has answered nothing for longer than this, while a message waits."""
        oldest = next(iter(self._flights.values()), None)
        return oldest is not None and now - max(oldest[1], self._answered_at) > within_s

    def take_answer(self, mid: int, *, taken: bool, now: float) -> None:
        """Note the broker's answer to a message, if it is one of ours. From one it did not take on, all go again."""
        flight = self._flights.pop(mid, None)
        if flight is None:
            return
        self._answered_at = now
        if taken:
            self._attempt = 0
            try:
                self._delivered(flight[0].journal_id, flight[0].place)
            except Unavailable:
                self._hold(now)  # it goes again, but not as fast as the broker answers
                raise
        else:
            self._hold(now)

    def send(self, publisher: Publisher, now: float) -> None:
        """Send what waits, until as many are on their way as may be."""
        if now < self._pause_until or len(self._flights) >= WINDOW:
            return
        flying = {(message.journal_id, message.place) for message, _sent_at in self._flights.values()}
        for message in self._pending(WINDOW):
            if (message.journal_id, message.place) in flying:
                continue
            topic = str(ScaleTopic(self._market_id, message.scale_id, self._channel))
            mid = publisher.publish(topic, message.body)
            if mid is None:
                return
            self._flights[mid] = (message, now)

    def _hold(self, now: float) -> None:
        self._flights.clear()
        self._pause_until = now + delay_s(
            self._attempt, first_s=_PAUSE_FIRST_S, ceiling_s=_PAUSE_CEILING_S, chance=self._chance()
        )
        self._attempt += 1
