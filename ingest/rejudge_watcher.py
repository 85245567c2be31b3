"""Judges again what somebody's change touches, within a second or two of it.

A thread beside each worker. They take turns by the slice (`db.rejudging.try_to_rejudge`), so that a worker that is
killed leaves nothing to be waited for.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from psycopg import Connection

from db.pool import connect, connect_to_store, translate_absence
from domain.errors import Unavailable
from ingest.rejudging import Rejudger
from ingest.slices_ahead import SlicesAhead

_LOOK_EVERY_S: Final = 1.0
#: A slice reckons for seconds between two statements.
_PATIENCE: Final = 8

log = structlog.get_logger()


class RejudgeWatcher:
    """Started once, stopped once."""

    def __init__(
        self,
        database_url: str,
        rejudger: Rejudger,
        clock: Callable[[], datetime],
        *,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._database_url, self._rejudger, self._clock = database_url, rejudger, clock
        self._look_every_s = look_every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rejudge-watcher")

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End, once the slice in hand is committed: that is a second or two."""
        self._stop.set()
        self._thread.join()

    def is_alive(self) -> bool:
        """Return False when the thread ended without being asked to: a bug, which the worker must not outlive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with (
                    translate_absence(),
                    connect_to_store(self._database_url, patience=_PATIENCE) as conn,
                    connect(self._database_url) as reading,
                    SlicesAhead(reading, self._rejudger.judge) as ahead,
                ):
                    conn.autocommit = True
                    self._watch(conn, ahead)
            except Unavailable as error:
                log.warning("nothing judged again, trying again", error=str(error))
                self._stop.wait(self._look_every_s)

    def _watch(self, conn: Connection, ahead: SlicesAhead) -> None:
        while not self._stop.is_set():
            if self._rejudger.step(conn, self._clock(), ahead) is None:
                self._stop.wait(self._look_every_s)
