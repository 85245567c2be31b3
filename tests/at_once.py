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


_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def crossing(
    url: str, gate: Callable[[Connection], Any], first: Callable[[Connection], Any], second: Callable[[Connection], Any]
) -> list[Exception]:
    """Stop `first` at what `gate` holds, then have `second` come to where it waits too, or is through; open the gate.

    So `first` holds what it took before the gate, and `second` what it took before it waits: where they take the same
    in another order the database ends one of them. Return what they failed with.
    """
    failed: list[Exception] = []

    def do(work: Callable[[Connection], Any]) -> None:
        with psycopg.connect(url) as conn:
            try:
                work(conn)
            except (SteelyardError, psycopg.Error, AssertionError) as error:
                failed.append(error)
                conn.rollback()

    with psycopg.connect(url) as keeper, psycopg.connect(url, autocommit=True) as looker:
        gate(keeper)
        threads = [threading.Thread(target=do, args=[work]) for work in (first, second)]
        for number, thread in enumerate(threads, start=1):
            thread.start()
            wait_until(
                lambda n=number, one=thread: not one.is_alive() or looker.execute(_WAITING).fetchone() == (n,),  # type: ignore[misc]
                what=f"number {number} waits, or is through",
            )
        assert threads[0].is_alive(), "the first never came to the gate"
        keeper.rollback()
        for thread in threads:
            thread.join()
    return failed
