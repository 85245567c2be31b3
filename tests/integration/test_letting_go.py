"""A worker that stops in the middle of a transaction does not hold up the others for ever."""

import psycopg
import pytest
from psycopg import Connection

from db import journals
from db.journals import JournalKey
from db.pool import connect_to_store, translate_absence
from domain.errors import TookTooLong, Unavailable
from domain.ids import JournalId, ScaleId
from tests.factories import MARKET, NOW

KEY = JournalKey(MARKET, ScaleId("S-1"), JournalId("j1"))


def test_locks_are_let_go_and_the_one_that_had_them_tries_again(conn: Connection, database_url: str) -> None:
    with connect_to_store(database_url) as frozen:
        journals.lock(frozen, [KEY], NOW)
        # Waits until the server ends the transaction that nobody goes on with: some seconds.
        assert journals.lock(conn, [KEY], NOW)[KEY].highest == 0
        conn.commit()
        with pytest.raises(TookTooLong), translate_absence():
            frozen.execute("SELECT 1")
        assert frozen.broken


def test_a_statement_that_waits_for_its_owner_ends_too(database_url: str) -> None:
    with connect_to_store(database_url) as conn:
        conn.execute("SET statement_timeout = '200ms'")
        with pytest.raises(TookTooLong), translate_absence():
            conn.execute("SELECT pg_sleep(60)")
    with psycopg.connect(database_url) as other:
        assert other.execute("SELECT 1").fetchone() == (1,)


def test_who_proved_to_be_slow_is_given_more_time(database_url: str) -> None:
    asked = []
    for patience in (1, 4):
        with connect_to_store(database_url, patience=patience) as conn:
            for name in ("idle_in_transaction_session_timeout", "statement_timeout"):
                row = conn.execute(f"SHOW {name}".encode()).fetchone()
                asked.append(row and row[0])
    assert asked == ["3s", "20s", "12s", "80s"]


def test_a_server_that_only_reads_for_now_is_away_and_a_mistake_of_ours_is_not(database_url: str) -> None:
    """A standby in promotion passes by itself; to go on in a transaction that failed does not."""
    with psycopg.connect(database_url) as conn:
        conn.execute("SET TRANSACTION READ ONLY")
        with pytest.raises(Unavailable), translate_absence():
            conn.execute("DELETE FROM journals")
        with pytest.raises(psycopg.errors.InFailedSqlTransaction), translate_absence():
            conn.execute("SELECT 1")
        conn.rollback()
