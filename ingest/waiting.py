"""What arrived and was not handed out yet. Whoever reads the network asks first whether there is room."""

import queue
import threading
from typing import Any, Final, NamedTuple

from ingest.reading import Delivery
from ingest.subscriber import Batch

#: Beyond it nothing is read from the network until some of it was handed out.
_MAX_BYTES: Final = 4 * 1024 * 1024
#: So much is handed out at once: who takes it knows its own bounds, and looks at them in between.
_MAX_BYTES_AT_A_TIME: Final = 256 * 1024


class Arrived(NamedTuple):
    """A delivery, and what its client needs to acknowledge it."""

    delivery: Delivery
    token: Any


class Waiting:
    """Filled by network threads, which it never holds up, emptied by the one that polls."""

    def __init__(self, most_messages: int) -> None:
        self._most_messages = most_messages
        self._queue: queue.SimpleQueue[Arrived] = queue.SimpleQueue()
        self._counting = threading.Lock()
        self._bytes = 0
        self.messages = 0

    @property
    def has_room(self) -> bool:
        """Whether more may be read; a link reads once more at most after it was told so."""
        return self._bytes < _MAX_BYTES and self.messages < self._most_messages

    def put(self, *arrived: Arrived) -> None:
        """Add what arrived together."""
        with self._counting:
            self._bytes += sum(len(one.delivery.payload) for one in arrived)
            self.messages += len(arrived)
        for one in arrived:
            self._queue.put(one)

    def take(self, most: int, timeout_s: float) -> Batch:
        """Return what is there; wait for the first only."""
        batch, size = Batch([], []), 0
        try:
            arrived = self._queue.get(timeout=timeout_s)
            while True:
                batch.deliveries.append(arrived.delivery)
                batch.tokens.append(arrived.token)
                size += len(arrived.delivery.payload)
                if len(batch.tokens) >= most or size >= _MAX_BYTES_AT_A_TIME:
                    break
                arrived = self._queue.get_nowait()
        except queue.Empty:
            pass
        with self._counting:
            self._bytes -= size
            self.messages -= len(batch.tokens)
        return batch
