"""Hear of committed changes as they happen (LISTEN / NOTIFY)."""

from collections.abc import Iterator
from contextlib import contextmanager
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

    def hear(self, timeout_s: float) -> Iterator[MarketId]:
        """Yield the market of each change as it is committed, until `timeout_s` has passed. Raise Unavailable."""
        with translate_absence():
            for notice in self._conn.notifies(timeout=timeout_s):
                yield MarketId(notice.payload)


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
        yield Ear(conn)
