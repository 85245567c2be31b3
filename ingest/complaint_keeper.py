"""Does, every hour, what is due with complaints: old contacts go, answered ones close, late tickets are linked.

A thread beside each worker; each complaint is done under its own lock, so that two of them are not in each other's way.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from db.pool import connect, translate_absence
from domain.errors import Unavailable
from supervision.complaints.policy import ComplaintsPolicy
from supervision.complaints.tending import Tended, tend

_LOOK_EVERY_S: Final = 3600.0
_TRY_AGAIN_S: Final = 60.0

log = structlog.get_logger()


class ComplaintKeeper:
    """Started once, stopped once."""

    def __init__(
        self,
        database_url: str,
        policy: ComplaintsPolicy,
        clock: Callable[[], datetime],
        *,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._database_url, self._policy, self._clock = database_url, policy, clock
        self._look_every_s = look_every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="complaint-keeper")

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End: what is going just now is some complaints, each a transaction."""
        self._stop.set()
        self._thread.join()

    def is_alive(self) -> bool:
        """Return False when the thread ended without being asked to: a bug, which the worker must not outlive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            wait_s = self._look_every_s
            try:
                with translate_absence(), connect(self._database_url) as conn:
                    conn.autocommit = True
                    self._tell(tend(conn, self._clock(), self._policy))
            except Unavailable as error:
                log.warning("complaints not tended, trying again", error=str(error))
                wait_s = min(wait_s, _TRY_AGAIN_S)
            self._stop.wait(wait_s)

    def _tell(self, done: Tended) -> None:
        if done.closed or done.contacts_removed or done.linked:
            log.info(
                "complaints tended", closed=done.closed, contacts_removed=done.contacts_removed, linked=done.linked
            )
