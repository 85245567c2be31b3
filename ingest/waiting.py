"""What arrived and was not handed out yet: bounded in number by the broker's window, in bytes by waiting."""

import queue
import threading
from typing import Any, Final, NamedTuple

from ingest.reading import Delivery
from ingest.subscriber import Batch

#: Beyond it nothing is taken from the network until some of it was handed out.
_MAX_BYTES: Final = 16 * 1024 * 1024


class Arrived(NamedTuple):
    """A delivery, and what its client needs to acknowledge it."""

    delivery: Delivery
    token: Any


class Waiting:
    """Filled by network threads, emptied by the one that polls."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Arrived] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._bytes = 0
        self._is_open = True

    def put(self, *arrived: Arrived) -> None:
        """Add what arrived together; wait while there is too much already."""
        size = sum(len(one.delivery.payload) for one in arrived)
        with self._changed:
            self._changed.wait_for(lambda: self._bytes < _MAX_BYTES or not self._is_open)
            self._bytes += size
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
                if len(batch.tokens) >= most:
                    break
                arrived = self._queue.get_nowait()
        except queue.Empty:
            pass
        with self._changed:
            self._bytes -= size
            self._changed.notify_all()
        return batch

    def close(self) -> None:
        """Let nobody wait any more."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()
