"""Takes messages from the subscriber and reads them in a thread of its own, while the worker commits what came before.

What has been read waits until the worker is ready for it, so batches grow with the load and nobody waits for a batch
to fill: alone, a message is committed at once; under load as many as have come meanwhile are.
"""

import threading
from typing import Final

from ingest.reading import Gathered, gather
from ingest.subscriber import Batch, Subscriber

#: Some 5000 weighings: what is made of them takes ten times their size, and a transaction stays well under the time
#: after which agents send again.
_MAX_BYTES: Final = 2 * 1024 * 1024
_LOOK_S: Final = 0.2
#: So many are read at a time: a worker that is ready does not wait for long until the reader comes around.
_MAX_AT_A_TIME: Final = 250


class Intake:
    """Started once, stopped once. At most a batch is read ahead; the broker holds the rest."""

    def __init__(self, subscriber: Subscriber, max_messages: int) -> None:
        self._subscriber, self._max_messages = subscriber, max_messages
        self._changed = threading.Condition()
        self._read: list[tuple[Batch, Gathered]] = []
        self._messages = self._bytes = 0
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="intake")

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """End. What was read and not taken is not acknowledged, so it comes again."""
        with self._changed:
            self._stop = True
            self._changed.notify_all()
        self._thread.join()

    def is_alive(self) -> bool:
        """Return False when the thread ended without being asked to: a bug, which the worker must not outlive."""
        return self._thread.is_alive()

    @property
    def depth(self) -> int:
        """How many messages were read and wait for the worker."""
        return self._messages

    def take(self, timeout_s: float) -> tuple[Batch, Gathered]:
        """Return all that has been read; wait for the first `timeout_s` at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._read, timeout_s)
            read, self._read = self._read, []
            self._messages = self._bytes = 0
            self._changed.notify_all()
        together, gathered = Batch([], []), Gathered()
        for batch, part in read:
            together.deliveries.extend(batch.deliveries)
            together.tokens.extend(batch.tokens)
            gathered.extend(part)
        return together, gathered

    def _run(self) -> None:
        while self._wait_for_room():
            room = min(_MAX_AT_A_TIME, self._max_messages - self._messages)
            batch = self._subscriber.poll(room, _LOOK_S)
            if batch.deliveries:
                gathered = gather(batch.deliveries)
                with self._changed:
                    self._read.append((batch, gathered))
                    self._messages += len(batch.deliveries)
                    self._bytes += sum(len(delivery.payload) for delivery in batch.deliveries)
                    self._changed.notify_all()

    def _wait_for_room(self) -> bool:
        with self._changed:
            self._changed.wait_for(self._has_room)
            return not self._stop

    def _has_room(self) -> bool:
        return self._stop or (self._messages < self._max_messages and self._bytes < _MAX_BYTES)
