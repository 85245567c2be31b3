"""Looks every few minutes at the markets' days, at the registry and at the lists.

A thread beside each worker. One of them has the watcher's place (a lock held by its database connection); when it is
gone, however it went, the next one takes over, and what it told of is not told of again.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from psycopg import Connection

from db import findings
from db.pool import connect, translate_absence
from domain.errors import Unavailable
from ingest.findings_look import Looker
from pricing.findings.policy import FindingsPolicy

_LOOK_EVERY_S: Final = 300.0
_TRY_EVERY_S: Final = 1.0

log = structlog.get_logger()


class FindingsWatcher:
    """Started once, stopped once."""

    def __init__(
        self,
        database_url: str,
        policy: FindingsPolicy,
        clock: Callable[[], datetime],
        *,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._database_url, self._policy, self._clock, self._look_every_s = database_url, policy, clock, look_every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="findings-watcher")

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
                log.warning("findings not looked at, trying again", error=str(error))
                self._stop.wait(_TRY_EVERY_S)

    def _wait_for_the_place(self, conn: Connection) -> None:
        while not self._stop.is_set() and not findings.try_to_watch(conn):
            self._stop.wait(_TRY_EVERY_S)

    def _watch(self, conn: Connection) -> None:
        looker = Looker(self._policy)
        while not self._stop.is_set():
            told = looker.look(conn, self._clock(), self._stop.is_set)
            if told:
                log.info("findings", told=told)
            self._stop.wait(self._look_every_s)
