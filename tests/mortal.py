"""A connection of somebody who is killed at a moment that a test chooses."""

from collections.abc import Callable
from typing import Any

from psycopg import Connection

from tests.waiting import wait_until


class Killed(BaseException):
    """What a process that is killed does next: nothing. No `except Exception` keeps it."""


class MortalConnection(Connection[Any]):
    """Its owner is killed at the exchange with the server that is `left` away; `is_heard`: the server still does it."""

    left: int | None = None
    is_heard: bool = False
    is_dead: bool = False

    def wait(self, *args: Any, **named: Any) -> Any:
        """Exchange something with the server, where its owner lives on."""
        if self.left is None:
            return super().wait(*args, **named)
        self.left -= 1
        if self.left >= 0:
            return super().wait(*args, **named)
        if self.is_heard and not self.is_dead:
            super().wait(*args, **named)
        self.is_dead = True
        self.pgconn.finish()
        raise Killed


def killed_on_the_way(
    database_url: str, observer: Connection, act: Callable[[Connection], object], left: int, *, is_heard: bool
) -> bool:
    """Do something on a connection whose owner is killed on the way; say whether they were, or were through before."""
    conn = MortalConnection.connect(database_url, autocommit=True)
    pid = conn.info.backend_pid
    conn.left, conn.is_heard = left, is_heard
    try:
        act(conn)
    except BaseException:
        # What the dead still say, their driver with them, is of no interest.
        if not conn.is_dead:
            raise
        # What the dead held, nobody gets before the server has seen that they are dead.
        gone = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s)"
        wait_until(lambda: observer.execute(gone, [pid]).fetchone() == (True,), what="the server let go of the dead")
        return True
    conn.left = None
    conn.close()
    return False
