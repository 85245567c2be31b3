"""What clerks do: each duty is done again and again, by any number of clerks at once."""

from datetime import datetime
from typing import Protocol

from psycopg import Connection


class Duty(Protocol):
    """A piece of periodic work.

    It is called in a thread of its own, with a connection of its own that commits each statement outside of
    `conn.transaction()`. Other clerks do the same meanwhile: what must be done once is taken with FOR UPDATE SKIP
    LOCKED, or guarded by a key.
    """

    @property
    def name(self) -> str:
        """What logs and metrics call it."""
        ...

    def run_once(self, conn: Connection, now: datetime) -> datetime | None:
        """Do what is due; return when to come back at the latest, None where nothing is known to come.

        It is called again sooner when something to tell of is committed (`NOTIFY clerks`), and after a while anyway.
        """
        ...
