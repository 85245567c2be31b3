"""Hear of committed changes as they happen (LISTEN / NOTIFY)."""

import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from enum import StrEnum

import psycopg
from psycopg import Connection

from db.pool import translate_absence
from db.queries import load
from domain.ids import MarketId

_SQL = load("changes")


class Change(StrEnum):
    """What one can hear of. `VENDORS`: whose stall a scale stands on, a vendor's name, a vendor's ledger.

    `SCALE_CAPS`: what a market is told to hold, and what its scales hold. `NOTICES`: what a person is told of; the
    username is heard in place of the market. `CLERKS`: that there is something to hand on or to deliver.
    """

    ALERTS = "alerts"
    VENDORS = "vendors"
    SCALE_CAPS = "scale_caps"
    NOTICES = "notices"
    CLERKS = "clerks"


class Ear:
    """A connection that listens for one kind of change."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._alarm, self._roused = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        for readable in (conn, self._roused):
            self._selector.register(readable, selectors.EVENT_READ)

    def hear(self, timeout_s: float) -> Iterator[MarketId]:
        """Yield the market of each change as it is committed, until `timeout_s` has passed. Raise Unavailable.

        Once it was roused it ends at once.
        """
        ends_at = time.monotonic() + timeout_s
        with translate_absence():
            while True:
                # As a list: psycopg holds the connection for as long as its own generator is not through.
                for notice in list(self._conn.notifies(timeout=0)):
                    yield MarketId(notice.payload)
                left_s = ends_at - time.monotonic()
                ready = self._selector.select(max(0.0, left_s))
                if left_s <= 0 or not ready or any(key.fileobj is self._roused for key, _events in ready):
                    return

    def rouse(self) -> None:
        """End what `hear` waits for, now and from now on. For another thread; does nothing to an ear that is closed."""
        with suppress(OSError):
            self._alarm.send(b"!")

    def close(self) -> None:
        """Let go of what was needed beside the connection."""
        self._selector.close()
        self._alarm.close()
        self._roused.close()


@contextmanager
def listen(url: str, change: Change) -> Iterator[Ear]:
    """Listen for a kind of change over a connection of its own for the length of the block. Raise Unavailable.

    The keep-alives find a peer that vanished without a word in half a minute: nothing else would ever be sent.
    """
    with translate_absence():
        conn = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=5,
            keepalives=1,
            keepalives_idle=15,
            keepalives_interval=5,
            keepalives_count=3,
        )
    with conn:
        with translate_absence():
            conn.execute(_SQL[f"listen_for_{change}"])
        with closing(Ear(conn)) as ear:
            yield ear
