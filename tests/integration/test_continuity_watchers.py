"""Many who look for gaps and breaks at once, and one that goes away."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from db import alerts, continuity
from domain.alert import Alert, AlertKind, AlertState
from ingest.continuity_look import Looked, look
from ingest.continuity_watcher import ContinuityWatcher
from steelyard.services import ingest_worker
from steelyard.settings import Settings
from tests.continuity_acts import GRACE, LATER, altered, arrive, journals_of, looked, told
from tests.factories import NOW, put_market
from tests.waiting import wait_until


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def test_however_many_look_at_once_each_finding_is_told_of_once(market: Connection, database_url: str) -> None:
    for scale in ("S-1", "S-2"):
        arrive(market, 1, 2, 5, 6, 9, of=altered(5, net_g=500), scale=scale)
    start = threading.Barrier(6)
    failures: list[BaseException] = []

    def look_often() -> None:
        try:
            with psycopg.connect(database_url, autocommit=True) as conn:
                start.wait(10)
                for _ in range(3):
                    look(conn, timedelta(0), NOW)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=look_often) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert sorted((one.kind, one.subject_scale, one.occurrences) for one in all_told(market)) == [
        ("chain_break", "S-1", 1),
        ("chain_break", "S-2", 1),
        ("sequence_gap", "S-1", 2),
        ("sequence_gap", "S-2", 2),
    ]


class _Told:
    def __init__(self, alert: Alert) -> None:
        self.kind, self.subject_scale, self.occurrences = alert.kind.value, str(alert.scale_id), alert.occurrences


def all_told(conn: Connection) -> list[_Told]:
    return [_Told(one) for kind in (AlertKind.SEQUENCE_GAP, AlertKind.CHAIN_BREAK) for one in told(conn, kind)]


def test_a_gap_that_is_added_while_its_alert_is_about_to_close_keeps_it_open(
    market: Connection, database_url: str
) -> None:
    arrive(market, 1, 3)
    looked(market, grace=timedelta(0))
    [alert] = told(market)
    arrive(market, 2)
    alerts.by_id_locked(market, alert.alert_id)
    market.execute(
        "INSERT INTO journal_gaps (market_id, scale_id, journal_id, first_seq, last_seq, missing, noticed_at, alert_id)"
        " VALUES ('sanya-1', 'S-1', 'j9', 2, 4, '{[2,4]}', now(), %s)",
        [alert.alert_id],
    )
    found: list[Looked] = []
    with psycopg.connect(database_url, autocommit=True) as other, psycopg.connect(database_url, autocommit=True) as eye:
        closing = threading.Thread(target=lambda: found.append(look(other, GRACE, LATER)))
        closing.start()
        waiting = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
        wait_until(lambda: eye.execute(waiting, [other.info.backend_pid]).fetchone(), what="it waits for the alert")
        market.commit()
        closing.join(30)
    assert [one.closed for one in found] == [0]
    assert [one.state for one in told(market)] == [AlertState.OPEN]


def test_only_journals_that_received_something_since_are_compared(market: Connection) -> None:
    arrive(market, 1, 3)
    for since, journals in ((NOW + timedelta(seconds=1), 0), (NOW, 1)):
        assert look(market, GRACE, NOW, since=since).journals == journals


def test_the_ingest_service_has_a_watcher(database_url: str) -> None:
    worker = ingest_worker(Settings(database_url=database_url), threading.Event())
    assert [type(one) for one in worker.companions].count(ContinuityWatcher) == 1


BROKEN = altered(5, net_g=500)
deliveries = st.lists(
    st.tuples(st.sets(st.integers(1, 12), min_size=1, max_size=5).map(sorted), st.booleans(), st.booleans()), max_size=8
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries=deliveries)
def test_whatever_order_worker_and_look_what_is_found_in_the_end_is_the_same(
    conn: Connection, database_url: str, deliveries: list[tuple[list[int], bool, bool]]
) -> None:
    if conn.execute("SELECT count(*) FROM markets").fetchone() == (0,):
        put_market(conn)
    forget(conn)
    with psycopg.connect(database_url) as other:
        for seqs, is_others, is_looked_at in deliveries:
            arrive(other if is_others else conn, *seqs, of=BROKEN)
            if is_looked_at:
                looked(conn, grace=timedelta(0))
    looked(conn, grace=timedelta(0))
    arrived = {seq for seqs, _, _ in deliveries for seq in seqs}
    expected = set(range(1, max(arrived, default=0))) - arrived
    unfilled = continuity.unfilled(conn, [one.key for one in journals_of(conn)])
    found = [seq for gap in unfilled for run in gap.missing for seq in range(run.first, run.last + 1)]
    assert sorted(found) == sorted(expected)
    has_break = {5, 6} <= arrived
    assert [one.occurrences for one in told(conn, AlertKind.CHAIN_BREAK)] == [1] * has_break
    assert any(one.state is AlertState.OPEN for one in told(conn)) == bool(expected)
    arrive(conn, *range(1, 13), of=BROKEN)
    looked(conn, grace=timedelta(0))
    assert not [one for one in told(conn) if one.state is not AlertState.WITHDRAWN]
    assert [one.occurrences for one in told(conn, AlertKind.CHAIN_BREAK)] == [1]
    assert looked(conn, NOW + timedelta(days=1), grace=timedelta(0)) == Looked(journals=0, told=0, closed=0)


def forget(conn: Connection) -> None:
    tables = ("journal_gaps", "chain_breaks", "continuity", "alert_weighings", "weighings", "quarantine", "journals")
    for table in tables:
        conn.execute(f"DELETE FROM {table}".encode())
    # The audit trail refuses to be changed; here the table is made empty for the next example.
    conn.execute("ALTER TABLE alert_steps DISABLE TRIGGER alert_steps_append_only")
    conn.execute("DELETE FROM alert_steps")
    conn.execute("ALTER TABLE alert_steps ENABLE TRIGGER alert_steps_append_only")
    conn.execute("DELETE FROM happenings")
    conn.execute("DELETE FROM alerts")
    conn.commit()


@contextmanager
def watching(database_url: str) -> Iterator[ContinuityWatcher]:
    watcher = ContinuityWatcher(database_url, timedelta(0), lambda: NOW, look_every_s=0.05)
    watcher.start()
    try:
        yield watcher
        assert watcher.is_alive()
    finally:
        watcher.stop()


def test_a_watcher_beside_each_worker_and_when_one_is_gone_the_other_goes_on(
    market: Connection, database_url: str
) -> None:
    with watching(database_url), watching(database_url):
        arrive(market, 1, 3)
        wait_until(lambda: fresh(market), what="the gap is told of")
        assert market.execute(LOCKS_OF_WATCHERS).fetchall() == [(1,)]
        ended = market.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchall()
        assert ended == [(True,)]
        market.commit()
        arrive(market, 2)
        wait_until(lambda: [one.state for one in fresh(market)] == [AlertState.WITHDRAWN], what="the alert closes")
        arrive(market, 5)
        wait_until(lambda: len(fresh(market)) == 2, what="the next gap is told of")


LOCKS_OF_WATCHERS = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def fresh(conn: Connection) -> list[Alert]:
    conn.commit()
    return told(conn)


def test_the_database_may_be_away() -> None:
    """Whoever answers at its address hangs up; the watcher comes again, and ends when it is told to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(15)
        watcher = ContinuityWatcher(f"postgresql://nobody@127.0.0.1:{server.getsockname()[1]}/none", GRACE, lambda: NOW)
        watcher.start()
        try:
            for _ in range(3):
                server.accept()[0].close()
            assert watcher.is_alive()
        finally:
            watcher.stop()
    assert not watcher.is_alive()


def test_the_database_defends_what_gaps_are(market: Connection) -> None:
    arrive(market, 1, 3)
    looked(market)
    for statement, constraint in (
        ("UPDATE journal_gaps SET missing = '{[2,5]}'", "journal_gaps_missing_inside"),
        ("UPDATE journal_gaps SET missing = '{}'", "journal_gaps_filled_when_nothing_is_missing"),
        ("UPDATE journal_gaps SET first_seq = 0", "journal_gaps_rise"),
    ):
        with pytest.raises(psycopg.errors.CheckViolation) as refused:
            market.execute(statement.encode())
        assert refused.value.diag.constraint_name == constraint
        market.rollback()
