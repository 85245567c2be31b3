"""Migrations in a world where processes are killed and services start at the same moment."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet

import psycopg
import pytest

from db import timescale
from db.migrate import engine_of, migrate
from db.queries import load
from tests.databases import copies
from tests.databases.server import url_of_database

#: What a migration left when it was killed: yoyo's row, with the number of a process that is gone.
STALE_ROW = "INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 1)"


@pytest.fixture
def empty_url(database_server: str) -> Iterator[str]:
    """A database that nothing has migrated yet."""
    with copies.database(database_server, copies.new_name("empty")) as name:
        yield url_of_database(database_server, name)


def tables(url: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        return int(row[0]) if row else 0


def test_a_lock_row_left_behind_stops_no_migration(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        conn.execute(STALE_ROW)
    started = time.monotonic()
    migrate(database_url)
    assert time.monotonic() - started < 9  # yoyo would have waited ten seconds, then given up
    with psycopg.connect(database_url) as conn:
        assert conn.execute("SELECT count(*) FROM yoyo_lock").fetchone() == (0,)


def test_a_lock_row_left_behind_by_the_very_first_migration_stops_none(empty_url: str) -> None:
    with psycopg.connect(empty_url) as conn:
        conn.execute("CREATE TABLE yoyo_lock (locked int DEFAULT 1 PRIMARY KEY, ctime timestamp, pid int NOT NULL)")
        conn.execute(STALE_ROW)
    migrate(empty_url)
    assert tables(empty_url) > 10


def test_many_at_once_on_an_empty_database_are_put_in_a_row(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        engines = set(pool.map(migrate, [empty_url] * 4))
    assert engines == {engine_of(empty_url)}


def test_the_whole_migration_waits_for_one_that_runs_and_its_death_is_the_end_of_waiting(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    apply = timescale.apply

    def noted(conn: psycopg.Connection) -> timescale.Engine:
        asked.set()
        return apply(conn)

    monkeypatch.setattr(timescale, "apply", noted)
    with ThreadPoolExecutor(1) as pool:
        other = psycopg.connect(database_url, autocommit=True)
        try:
            other.execute(load("migrate")["hold_migration_lock"])
            waiting = pool.submit(migrate, database_url)
            with pytest.raises(NotYet):
                waiting.result(1.5)
            assert not asked.is_set()
        finally:
            other.close()  # as when it is killed: the server lets go of the lock
        assert waiting.result(30) == engine_of(database_url)
