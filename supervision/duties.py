"""What clerks do: each duty is done again and again, by any number of clerks at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
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


@dataclass(slots=True)
class Pace:
    """When a duty looks that is in no hurry: not each time it is called, but once `every` so often.

    A clock that was set back makes it look again, rather than wait until that clock is where it was.
    """

    every: timedelta
    next_at: datetime | None = None

    def is_time(self, now: datetime) -> bool:
        """Say whether to look now."""
        return self.next_at is None or not self.next_at - self.every <= now < self.next_at

    def looked(self, now: datetime) -> datetime:
        """Note that everything due was done; return when to come back."""
        self.next_at = now + self.every
        return self.next_at
