"""Two who act at once: the second while what the first did is not committed yet."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import Connection

from domain.errors import SteelyardError
from tests.waiting import wait_until

_WAITS = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"


def meanwhile(
    conn: Connection, url: str, *, first: Callable[[Connection], Any], second: Callable[[Connection], Any]
) -> Exception | None:
    """Do `first`, then `second` on a connection of its own, and commit the first once that waits for it or is through.

    Return what `second` was refused with, if it was; else it is committed.
    """
    refused: list[Exception] = []
    with psycopg.connect(url) as other, psycopg.connect(url, autocommit=True) as looker:
        conn.execute("SELECT")  # opens the transaction that `first` is within
        first(conn)

        def do() -> None:
            try:
                second(other)
                other.commit()
            except (SteelyardError, psycopg.Error) as error:
                other.rollback()
                refused.append(error)

        thread = threading.Thread(target=do)
        thread.start()
        pid = other.info.backend_pid
        wait_until(
            lambda: not thread.is_alive() or looker.execute(_WAITS, [pid]).fetchone() == (1,),
            what="the second waits for the first, or is through",
        )
        conn.commit()
        thread.join()
    return refused[0] if refused else None
