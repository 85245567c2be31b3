"""A duty in a thread of its own, done again and again: when it is due, when something happened, and after a while."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from psycopg import Connection

from db.pool import connect_to_store, translate_absence
from domain.errors import Unavailable
from steelyard.clerk.metrics import ClerkMetrics
from supervision.duties import Duty

#: However quiet it is: a wake-up may be lost with the connection that would have told of it.
_LOOK_EVERY_S: Final = 5.0
#: However much happens.
_REST_S: Final = 0.05
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 60.0

log = structlog.get_logger()


class DutyThread:
    """Started once, stopped once. A duty that fails is logged, tried again, and makes the clerk unwell meanwhile."""

    def __init__(
        self,
        database_url: str,
        duty: Duty,
        clock: Callable[[], datetime],
        metrics: ClerkMetrics,
        *,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._database_url, self._duty, self._clock, self._metrics = database_url, duty, clock, metrics
        self._look_every_s = look_every_s
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"duty-{duty.name}")
        #: Why it is not done just now; None: it is.
        self.problem: str | None = "not begun"

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, once what is in hand is done."""
        self._stopping.set()
        self._woken.set()
        self._thread.join()

    def wake(self) -> None:
        """Do it soon, from any thread."""
        self._woken.set()

    def is_alive(self) -> bool:
        """Return False when the thread ended."""
        return self._thread.is_alive()

    def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                with translate_absence(), connect_to_store(self._database_url) as conn:
                    conn.autocommit = True
                    self._go_on(conn)
            except Unavailable as error:
                self.problem = str(error)
                log.warning("duty not done, trying again", duty=self._duty.name, error=str(error))
            except Exception as error:
                self.problem = f"{type(error).__name__}: {error}"
                self._metrics.failed(self._duty.name)
                log.exception("duty failed, trying again", duty=self._duty.name)
            if self._stopping.is_set():
                return
            pause_s = _FIRST_PAUSE_S if time.monotonic() - begun > _LONGEST_PAUSE_S else pause_s
            self._woken.wait(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)

    def _go_on(self, conn: Connection) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            if self._stopping.is_set():
                return
            began = time.monotonic()
            come_back = self._duty.run_once(conn, self._clock())
            self._metrics.done(self._duty.name, time.monotonic() - began)
            self.problem = None
            self._woken.wait(self._rest_s(come_back))

    def _rest_s(self, come_back: datetime | None) -> float:
        if come_back is None:
            return self._look_every_s
        return min(self._look_every_s, max(_REST_S, (come_back - self._clock()).total_seconds()))
