"""All duties of one clerk, beside each other, until it is told to stop."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from db.changes import Change, listen
from domain.errors import Unavailable
from ingest.worker import Companion
from steelyard.clerk.duty_thread import DutyThread
from steelyard.clerk.metrics import ClerkMetrics
from supervision.duties import Duty

_HEAR_S: Final = 0.5
_PAUSE_S: Final = 1.0

log = structlog.get_logger()


class Clerk:
    """Holds no state that matters: any number of them share the work, and another one takes over at any moment."""

    def __init__(
        self,
        database_url: str,
        duties: Sequence[Duty],
        stop: threading.Event,
        *,
        metrics: ClerkMetrics | None = None,
        companions: Sequence[Companion] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database_url, self._stop = database_url, stop
        self.companions: tuple[Companion, ...] = tuple(companions)
        self._threads = [DutyThread(database_url, duty, clock, metrics or ClerkMetrics()) for duty in duties]

    @property
    def problem(self) -> str | None:
        """What is not done just now, and why; None: everything is."""
        return next((one.problem for one in self._threads if one.problem is not None), None)

    @property
    def is_going_on(self) -> bool:
        """Whether each duty still has its thread."""
        return all(one.is_alive() for one in self._threads)

    def run(self) -> None:
        """Work until `stop` is set; what is in hand is finished."""
        started: list[Companion] = []
        try:
            for one in (*self.companions, *self._threads):
                one.start()
                started.append(one)
            log.info("clerk at work", duties=len(self._threads))
            while not self._stop.is_set():
                self._hear()
        finally:
            for companion in reversed(started):
                companion.stop()
            log.info("clerk stopped")

    def _hear(self) -> None:
        """Wake the duties when something is committed; while nobody can tell of it, they look by themselves."""
        try:
            with listen(self._database_url, Change.CLERKS) as ear:
                self._wake()
                while not self._stop.is_set():
                    for _ in ear.hear(_HEAR_S):
                        self._wake()
        except Unavailable as error:
            log.warning("nothing heard, trying again", error=str(error))
            self._stop.wait(_PAUSE_S)

    def _wake(self) -> None:
        for one in self._threads:
            one.wake()
