"""How long from a weighing to its committed alert: measured from outside, by whoever hears of the commit."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

from db import alerts
from db.changes import Change, listen
from db.pool import connect
from domain.ids import MarketId

_LOOK_FOR_STOP_S = 0.2
_START_WAIT_S = 10.0
_MS_PER_S = 1000


class AlertWatch:
    """Listens for committed alerts; each occurrence's latency is the moment it was heard of less `weighed_at`.

    A notification is sent by PostgreSQL when the transaction has committed, so the latency includes the commit and
    the way to a listener, as a page has it.
    """

    def __init__(self, database_url: str, market_id: MarketId) -> None:
        self._database_url, self._market_id = database_url, market_id
        self._stop = threading.Event()
        self._listening = threading.Event()
        self.latencies_ms: list[int] = []
        #: Why it did not measure to the end: without this, no measurement would look like nothing to measure.
        self.failure: str | None = None

    def run(self) -> None:
        """Measure until told to stop."""
        with listen(self._database_url, Change.ALERTS) as ear, connect(self._database_url) as conn:
            conn.autocommit = True
            seen = alerts.last_occurrence(conn)
            self._listening.set()
            while not self._stop.is_set():
                for _ in ear.hear(_LOOK_FOR_STOP_S):
                    heard_at = datetime.now(UTC)
                    for occurrence_id, weighed_at in alerts.occurrences_after(conn, self._market_id, seen):
                        seen = occurrence_id
                        self.latencies_ms.append(round((heard_at - weighed_at).total_seconds() * _MS_PER_S))

    @contextmanager
    def running(self) -> Iterator["AlertWatch"]:
        """Measure in a thread for the length of the block."""
        with ThreadPoolExecutor(1, "alert-watch") as thread:
            watching = thread.submit(self.run)
            watching.add_done_callback(lambda _: self._listening.set())  # dead is no reason to wait for it
            if not self._listening.wait(_START_WAIT_S):
                self.failure = f"it did not listen within {_START_WAIT_S:.0f} s"
            try:
                yield self
            finally:
                self._stop.set()
                self._note_failure(watching)

    def _note_failure(self, watching: "Future[None]") -> None:
        error = watching.exception()
        if error is not None:
            self.failure = f"{type(error).__name__}: {error}"


def percentile(values: Sequence[int], percent: int) -> int | None:
    """Return the smallest value that `percent` of the values do not exceed (nearest rank); None of nothing."""
    if not values:
        return None
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(0, rank - 1)]
