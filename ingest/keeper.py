"""Lets go, every hour, of weighings that are older than the operator wants them kept. Off until that was said.

A thread beside each worker; a lock in the database lets one of them do it. Where TimescaleDB has jobs, one of its own
does.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from psycopg import Connection

from db import keeping, timescale
from db.pool import connect, translate_absence
from domain.errors import Unavailable

_LOOK_EVERY_S: Final = 3600.0
_TRY_AGAIN_S: Final = 60.0
_LOOK_AT_END_S: Final = 0.2
_CANCEL_WITHIN_S: Final = 5.0
#: A weighing is taken when it is as old as `acceptance.oldest`; kept for longer than that by a margin, one that is
#: delivered again is refused for its age before anybody could miss the one that is gone.
MARGIN: Final = timedelta(days=30)

log = structlog.get_logger()


def shortest(oldest_taken: timedelta) -> int:
    """Return for how many days weighings must be kept at least, when they are taken up to an age. Pure."""
    return (oldest_taken + MARGIN).days


class WeighingKeeper:
    """Started once, stopped once. `oldest_taken`: `acceptance.oldest` of the policy."""

    def __init__(
        self,
        database_url: str,
        oldest_taken: timedelta,
        clock: Callable[[], datetime],
        *,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._database_url, self._shortest, self._clock = database_url, shortest(oldest_taken), clock
        self._look_every_s = look_every_s
        self._stop = threading.Event()
        self._conn: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="weighing-keeper")

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End. What is going just now is cancelled, and goes the next time: each portion is a transaction."""
        self._stop.set()
        while self._thread.is_alive():
            if (conn := self._conn) is not None:
                conn.cancel_safe(timeout=_CANCEL_WITHIN_S)
            self._thread.join(_LOOK_AT_END_S)

    def is_alive(self) -> bool:
        """Return False when the thread ended without being asked to: a bug, which the worker must not outlive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            wait_s = self._look_every_s
            try:
                with translate_absence(), connect(self._database_url) as conn:
                    conn.autocommit = True
                    self._conn = conn
                    self._look(conn)
            except Unavailable as error:
                log.warning("old weighings not let go, trying again", error=str(error))
                wait_s = min(wait_s, _TRY_AGAIN_S)
            self._conn = None
            self._stop.wait(wait_s)

    def _look(self, conn: Connection) -> None:
        days = keeping.read(conn).keep_days
        if days is None or timescale.detect(conn).has_licence:
            return
        if days < self._shortest:
            log.error("old weighings not let go: they are to be kept too short", keep_days=days, least=self._shortest)
            return
        keeping.let_go(conn, self._clock(), tell=lambda what: log.info("weighings let go", what=what))
