"""Reads again what somebody asked for on a page or through the API, within a second or two.

A thread beside each worker. One of them has the place (a lock held by its database connection); when it is gone,
however it went, the next one takes over.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from psycopg import Connection

from db import quarantine_steps
from db.pool import connect_to_store, translate_absence
from domain.errors import Unavailable
from domain.quarantine import ReplayOutcome
from ingest.replaying import Replayer
from pricing.policy import RulesPolicy

_LOOK_EVERY_S: Final = 1.0
_TRY_EVERY_S: Final = 1.0

log = structlog.get_logger()


class ReplayWatcher:
    """Started once, stopped once. `tell` hears of each message what reading it again came to."""

    def __init__(
        self,
        database_url: str,
        policy: RulesPolicy,
        clock: Callable[[], datetime],
        tell: Callable[[ReplayOutcome], None],
        *,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._database_url, self._policy, self._clock, self._tell = database_url, policy, clock, tell
        self._look_every_s = look_every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="replay-watcher")

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
                with translate_absence(), connect_to_store(self._database_url) as conn:
                    conn.autocommit = True
                    while not self._stop.is_set() and not quarantine_steps.try_to_replay(conn):
                        self._stop.wait(_TRY_EVERY_S)
                    self._watch(conn)
            except Unavailable as error:
                log.warning("nothing read again out of quarantine, trying again", error=str(error))
                self._stop.wait(_TRY_EVERY_S)

    def _watch(self, conn: Connection) -> None:
        replayer = Replayer(self._policy)
        while not self._stop.is_set():
            for quarantine_id, actor in quarantine_steps.requested(conn):
                self._tell(replayer.replay(conn, quarantine_id, actor=actor, now=self._clock()).outcome)
                if self._stop.is_set():
                    return
            self._stop.wait(self._look_every_s)
