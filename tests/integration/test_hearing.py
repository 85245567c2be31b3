"""Changes are heard as they are committed, and who listens can be roused by another thread."""

import threading
import time
from collections.abc import Iterator

import pytest
from psycopg import Connection

from db import changes
from db.changes import Change, Ear
from domain.errors import Unavailable
from tests.waiting import wait_until

LONG_S = 10.0


@pytest.fixture
def ear(database_url: str) -> Iterator[Ear]:
    with changes.listen(database_url, Change.VENDORS) as listening:
        yield listening


def tell(conn: Connection, *markets: str) -> None:
    for market_id in markets:
        conn.execute("SELECT pg_notify('vendors', %s)", [market_id])
    conn.commit()


def test_all_that_was_committed_is_heard_in_its_order_and_nothing_twice(conn: Connection, ear: Ear) -> None:
    tell(conn, "a", "b")
    tell(conn, "c")
    heard = ear.hear(LONG_S)
    assert [next(heard) for _ in range(3)] == ["a", "b", "c"]
    assert list(ear.hear(0)) == []


def test_what_is_committed_while_it_waits_is_heard_too(conn: Connection, ear: Ear) -> None:
    heard: list[str] = []
    listening = threading.Thread(target=lambda: heard.extend(ear.hear(LONG_S)), daemon=True)
    listening.start()
    for n in range(3):
        tell(conn, str(n))
        wait_until(lambda n=n: len(heard) == n + 1, what="it is heard")  # type: ignore[misc]
    ear.rouse()
    listening.join(LONG_S / 2)
    assert not listening.is_alive()
    assert heard == ["0", "1", "2"]


def test_what_is_not_committed_is_not_heard(conn: Connection, ear: Ear) -> None:
    conn.execute("SELECT pg_notify('vendors', 'a')")
    conn.rollback()
    assert list(ear.hear(0)) == []


def test_once_roused_it_waits_for_nothing_but_tells_what_was_there(conn: Connection, ear: Ear) -> None:
    ear.rouse()
    tell(conn, "a")
    began = time.monotonic()
    wait_until(lambda: list(ear.hear(LONG_S)) == ["a"], what="what was committed is told all the same")
    assert list(ear.hear(LONG_S)) == []
    assert time.monotonic() - began < LONG_S


def test_a_connection_that_is_cut_off_is_told_and_an_ear_that_is_closed_may_be_roused(
    database_url: str, conn: Connection
) -> None:
    with changes.listen(database_url, Change.VENDORS) as ear:
        conn.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND query LIKE '%LISTEN vendors%'"
        )
        with pytest.raises(Unavailable):
            list(ear.hear(LONG_S))
    ear.rouse()
