"""Reads again what somebody asked for on a page or through the API, within a second or two.

A thread beside each worker. One of them has the place (a lock held by its database connection); when it is gone,
however it went, the next one takes over. Where many are asked for at once they are marked slice by slice, in turn with
everything else that is asked for, and read some at a time. Who has the place also adds up the counts of what is held.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Final

import structlog
from psycopg import Connection

from db import quarantine_counts, quarantine_replays, quarantine_steps
from db.pool import connect_to_store, translate_absence
from domain.errors import Unavailable
from domain.quarantine import ReplayOutcome
from ingest.metrics import Held
from ingest.replaying import Replayer
from pricing.policy import RulesPolicy

_LOOK_EVERY_S: Final = 1.0
_TRY_EVERY_S: Final = 1.0
#: So many are read in one transaction: it holds the locks of their journals for some hundredths of a second.
_TOGETHER: Final = 50
_FOLD_EVERY_S: Final = 1.0
_TELL_HELD_EVERY_S: Final = 10.0

log = structlog.get_logger()


class ReplayWatcher:
    """Started once, stopped once. `tell` hears of each message what reading it again came to.

    `tell_held` hears now and then how many are held by reason and device, and nothing once another one has the place.
    """

    def __init__(
        self,
        database_url: str,
        policy: RulesPolicy,
        clock: Callable[[], datetime],
        tell: Callable[[ReplayOutcome], None],
        *,
        tell_held: Callable[[Held], None] = lambda _: None,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._database_url, self._policy, self._clock, self._tell = database_url, policy, clock, tell
        self._tell_held, self._look_every_s = tell_held, look_every_s
        self._folded_at = self._told_held_at = -math.inf
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
            finally:
                self._tell_held({})
                self._told_held_at = -math.inf

    def _watch(self, conn: Connection) -> None:
        replayer = Replayer(self._policy)
        while not self._stop.is_set():
            is_marking = self._mark(conn)
            is_reading = self._read_again(conn, replayer)
            self._count(conn)
            if not is_marking and not is_reading:
                self._stop.wait(self._look_every_s)

    def _mark(self, conn: Connection) -> bool:
        """Mark a slice of each replay of many, so that none waits for another's end; say whether there was any."""
        going_on = quarantine_replays.going_on(conn)
        for replay_id in going_on:
            quarantine_replays.mark_slice(conn, replay_id, self._clock())
        return bool(going_on)

    def _read_again(self, conn: Connection, replayer: Replayer) -> bool:
        """Read what is asked for by now; say whether there was anything."""
        requested = quarantine_steps.requested(conn)
        for actor, of_actor in groupby(requested, key=itemgetter(1)):
            for several in _parts([quarantine_id for quarantine_id, _ in of_actor]):
                self._read_several(conn, replayer, several, actor)
        return bool(requested)

    def _read_several(self, conn: Connection, replayer: Replayer, several: Sequence[int], actor: str) -> None:
        """Read messages together; where not the same becomes of all, half of them, down to one by itself."""
        if self._stop.is_set():
            return
        if len(several) == 1:
            self._tell(replayer.replay(conn, several[0], actor=actor, now=self._clock()).outcome)
        elif outcome := replayer.replay_together(conn, several, actor=actor, now=self._clock()):
            for _ in several:
                self._tell(outcome)
        else:
            middle = len(several) // 2
            self._read_several(conn, replayer, several[:middle], actor)
            self._read_several(conn, replayer, several[middle:], actor)
        self._count(conn)

    def _count(self, conn: Connection) -> None:
        """Add up the counts, and tell them, as often as that is due."""
        now = time.monotonic()
        if now - self._folded_at < _FOLD_EVERY_S:
            return
        quarantine_counts.fold(conn)
        self._folded_at = now
        if now - self._told_held_at >= _TELL_HELD_EVERY_S:
            self._tell_held(quarantine_counts.held_by_device(conn))
            self._told_held_at = now


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _TOGETHER):
        yield ids[start : start + _TOGETHER]
