"""Looks every few seconds whether what the scales sent is whole.

A thread beside each worker. One of them has the watcher's place (a lock held by its database connection); when it is
gone, however it went, the next one takes over, and goes on where the last committed look ended.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from psycopg import Connection

from db import continuity
from db.pool import connect, translate_absence
from domain.errors import Unavailable
from ingest.continuity_look import look

_LOOK_EVERY_S: Final = 10.0
_TRY_EVERY_S: Final = 1.0
#: What came before the last look was seen by it, however long its transaction took and whosever clock dated it.
_OVERLAP: Final = timedelta(hours=1)

log = structlog.get_logger()


class ContinuityWatcher:
    """Started once, stopped once."""

    def __init__(
        self,
        database_url: str,
        grace: timedelta,
        clock: Callable[[], datetime],
        *,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._database_url, self._grace, self._clock, self._look_every_s = database_url, grace, clock, look_every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="continuity-watcher")

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End, and leave the place to another worker."""
        self._stop.set()
        self._thread.join()

    def is_alive(self) -> bool:
        """Return False when the thread ended without being asked to: a bug, which the worker must not outlive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with translate_absence(), connect(self._database_url) as conn:
                    conn.autocommit = True
                    self._wait_for_the_place(conn)
                    self._watch(conn)
            except Unavailable as error:
                log.warning("continuity not looked at, trying again", error=str(error))
                self._stop.wait(_TRY_EVERY_S)

    def _wait_for_the_place(self, conn: Connection) -> None:
        while not self._stop.is_set() and not continuity.try_to_watch(conn):
            self._stop.wait(_TRY_EVERY_S)

    def _watch(self, conn: Connection) -> None:
        since: datetime | None = None
        while not self._stop.is_set():
            now = self._clock()
            looked = look(conn, self._grace, now, since=since, is_stopped=self._stop.is_set)
            if looked.told or looked.closed:
                log.info("continuity", journals=looked.journals, told=looked.told, closed=looked.closed)
            since = now - _OVERLAP
            self._stop.wait(self._look_every_s)
