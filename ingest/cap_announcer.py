"""Tells the markets' agents which caps are in force: at the start, when a list is published, when one takes over.

A thread of its own beside a worker, with a connection of its own: a slow batch must not delay a list at midnight.
Every worker runs one; they say the same, and the broker keeps the last word (retained).
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

import structlog
from psycopg import Connection

from db import caps, scale_caps
from db.cap_announcements import lists_to_announce
from db.pool import connect, translate_absence
from domain.errors import Unavailable
from domain.ids import MarketId
from ingest.announcing import Told, announcements
from messages.topics import caps_topic

_LOOK_EVERY_S: Final = 2.0

log = structlog.get_logger()


class Speaker(Protocol):
    """What the announcer needs of a connection to the broker."""

    @property
    def connections(self) -> int:
        """How often it has connected so far: a broker that is new may have forgotten what it kept."""
        ...

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there now."""
        ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message."""
        ...


class CapAnnouncer:
    """Started once, stopped once."""

    def __init__(self, database_url: str, speaker: Speaker, clock: Callable[[], datetime]) -> None:
        self._database_url, self._speaker, self._clock = database_url, speaker, clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cap-announcer")
        self._conn: Connection | None = None
        self._told: Told | None = None
        self._revision = -1
        self._connection = 0
        self._said: dict[MarketId, bytes] = {}

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End. What is announced stays with the broker."""
        self._stop.set()
        self._thread.join()

    def is_alive(self) -> bool:
        """Return False when the thread ended without being asked to: a bug, which the worker must not outlive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                try:
                    with translate_absence():
                        self._look()
                except Unavailable as error:
                    log.warning("caps not looked up, trying again", error=str(error))
                    self._close()
                self._stop.wait(_LOOK_EVERY_S)
        finally:
            self._close()

    def _look(self) -> None:
        """Say what is new: a list, a moment that has come, or a broker that may know nothing."""
        if not self._speaker.is_connected:
            return
        if self._conn is None:
            self._conn = connect(self._database_url)
        connection, now = self._speaker.connections, self._clock()
        with self._conn.transaction():
            # Read first: what is published between this and the lists is found by the next look.
            revision = caps.revision(self._conn)
            if self._is_due(revision, now):
                self._told = _read(self._conn, now)
                self._revision = revision
        if connection != self._connection:
            self._connection, self._said = connection, {}
        if self._told is not None:
            self._say(self._conn, self._told, now)

    def _is_due(self, revision: int, now: datetime) -> bool:
        if self._told is None or revision != self._revision:
            return True
        return self._told.until is not None and now >= self._told.until

    def _say(self, conn: Connection, told: Told, now: datetime) -> None:
        for market_id, payload in told.payloads.items():
            if self._said.get(market_id) != payload:
                # Kept first: a scale that says it holds a version holds one that the service knows of.
                with conn.transaction():
                    scale_caps.note_announced(conn, market_id, *told.versions[market_id], now)
                self._speaker.publish(caps_topic(market_id), payload, retain=True)
                self._said[market_id] = payload
                log.info("caps announced", market_id=market_id, bytes=len(payload))

    def _close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None


def _read(conn: Connection, now: datetime) -> Told:
    scopes = [(market_id, area, channel) for market_id, area, channel, _timezone in caps.market_scopes(conn)]
    told = announcements(scopes, lists_to_announce(conn, now), now)
    for one in told.untold:
        log.error("caps cannot be announced", cap_list_id=one.cap_list_id, problem=one.problem)
    return told
