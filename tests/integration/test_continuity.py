"""Gaps and breaks of what scales sent, found in the real tables and told of once."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from db import alert_steps, alerts, continuity
from domain.alert import Alert, AlertKind, AlertState, DismissReason
from domain.alert_step import AlertAction
from domain.continuity import ChainFault
from domain.errors import IllegalTransition
from domain.ids import VendorId
from domain.seq_ranges import SeqRange
from ingest import continuity_look
from ingest.batch import take_batch
from ingest.continuity_look import Looked, look
from ingest.continuity_watcher import ContinuityWatcher
from messages.chain import prev_of
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from steelyard.services import ingest_worker
from steelyard.settings import Settings
from tests import alert_acts
from tests.factories import MARKET, NOW, chained, delivery, message, place, put_market, weighing
from tests.waiting import wait_until

POLICY = read_rules_policy(policy_directory() / "rules.toml")
GRACE = POLICY.continuity.grace
LATER = NOW + GRACE
JOURNAL = chained([{} for _ in range(12)])
BOOKS = BookKeeper()


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def arrive(conn: Connection, *seqs: int, journal: str = "j1", scale: str = "S-1", of: list[bytes] = JOURNAL) -> None:
    """These lines of a journal come in one message."""
    payload = message(*[of[seq - 1] for seq in seqs], journal=journal)
    take_batch(conn, [delivery(payload, scale=scale)], books=BOOKS, policy=POLICY, now=NOW)
    conn.commit()


def looked(conn: Connection, now: Any = NOW, grace: timedelta = GRACE) -> Looked:
    found = look(conn, grace, now)
    conn.commit()
    return found


def told(conn: Connection, kind: AlertKind = AlertKind.SEQUENCE_GAP) -> list[Alert]:
    return [one for one in alerts.visible(conn, MARKET, set(AlertState)) if one.kind is kind]


def missing(conn: Connection, alert_id: int) -> list[tuple[str, str]]:
    return [(gap.scale_id, ", ".join(map(str, gap.missing))) for gap in continuity.gaps_of_alert(conn, alert_id)]


def test_a_whole_journal_says_nothing_in_whatever_order_it_came(market: Connection) -> None:
    for seqs in ((3, 4), (1,), (2, 5, 6)):
        arrive(market, *seqs)
        looked(market, NOW + timedelta(days=2), grace=timedelta(days=9))
    assert looked(market, LATER + timedelta(days=30), grace=timedelta(days=1)) == Looked(journals=0, told=0, closed=0)
    assert told(market) == told(market, AlertKind.CHAIN_BREAK) == []


def test_a_gap_is_told_of_once_after_its_grace_with_what_is_missing(market: Connection) -> None:
    arrive(market, 1, 2, 6, 7, 9)
    assert looked(market).told == 0
    assert looked(market, LATER - timedelta(seconds=1)).told == 0
    assert looked(market, LATER).told == 2
    assert [looked(market, LATER + timedelta(days=days)).told for days in (0, 1, 2)] == [0, 0, 0]
    [alert] = told(market)
    assert (alert.state, alert.vendor_id, alert.stall_id, alert.occurrences) == (AlertState.OPEN, "V-1", "A-1", 2)
    assert alert.note == "journal j1 of scale S-1: seq 3-5 missing; journal j1 of scale S-1: seq 8 missing"
    assert missing(market, alert.alert_id) == [("S-1", "3-5"), ("S-1", "8")]
    assert (alert.first_at, alert.last_at) == (NOW + timedelta(seconds=6), NOW + timedelta(seconds=9))


def test_a_late_message_within_the_grace_is_none(market: Connection) -> None:
    arrive(market, 1, 4)
    looked(market)
    arrive(market, 2, 3)
    looked(market, LATER)
    assert looked(market, LATER + timedelta(days=1)).told == 0
    assert told(market) == []


def test_the_grace_of_what_is_left_of_a_gap_goes_on(market: Connection) -> None:
    arrive(market, 1, 6)
    looked(market)
    arrive(market, 3)
    looked(market, NOW + timedelta(seconds=1))
    assert looked(market, LATER).told == 1
    assert missing(market, told(market)[0].alert_id) == [("S-1", "2, 4-5")]
    assert told(market)[0].note == "journal j1 of scale S-1: seq 2, 4-5 missing"


@pytest.mark.parametrize("is_acknowledged", [False, True])
def test_a_gap_that_fills_later_closes_its_alert_by_itself_and_for_good(
    market: Connection, is_acknowledged: bool
) -> None:
    arrive(market, 1, 2, 6)
    looked(market)
    looked(market, LATER)
    [alert] = told(market)
    if is_acknowledged:
        act(market, alert.alert_id, AlertAction.ACKNOWLEDGE)
    arrive(market, 4)
    assert looked(market, LATER).closed == 0
    assert missing(market, alert.alert_id) == [("S-1", "3, 5")]
    arrive(market, 5, 3)
    assert [looked(market, LATER + timedelta(hours=n)).closed for n in (1, 2, 3)] == [1, 0, 0]
    [closed] = told(market)
    assert (closed.state, closed.decided_by, closed.decided_at) == (
        AlertState.WITHDRAWN,
        "system",
        LATER + timedelta(hours=1),
    )
    step = alert_steps.of_alert(market, alert.alert_id)[-1]
    assert (step.actor, step.action, step.reason) == ("system", AlertAction.WITHDRAW, "gap_filled")
    assert step.from_state == (AlertState.ACKNOWLEDGED if is_acknowledged else AlertState.OPEN)
    assert [gap.filled_at for gap in continuity.gaps_of_alert(market, alert.alert_id)] == [LATER + timedelta(hours=1)]
    with pytest.raises(IllegalTransition):
        act(market, alert.alert_id, AlertAction.CONFIRM)


def act(conn: Connection, alert_id: int, action: AlertAction, reason: DismissReason | None = None) -> None:
    alert_acts.act(conn, alert_id, action, now=LATER, reason=reason)


def test_what_a_person_decided_stays_and_a_confirmed_gap_takes_no_points(market: Connection) -> None:
    arrive(market, 1, 3)
    looked(market)
    looked(market, LATER)
    act(market, told(market)[0].alert_id, AlertAction.CONFIRM)
    arrive(market, 2)
    assert looked(market, LATER).closed == 0
    assert told(market)[0].state is AlertState.CONFIRMED
    assert missing(market, told(market)[0].alert_id) == [("S-1", "")]
    assert market.execute("SELECT count(*) FROM credit_events").fetchone() == (0,)


def test_no_person_closes_an_alert(market: Connection) -> None:
    arrive(market, 2)
    looked(market)
    looked(market, LATER)
    with pytest.raises(IllegalTransition, match="cannot close an alert that is open"):
        act(market, told(market)[0].alert_id, AlertAction.CLOSE)


def test_one_alert_a_vendor_and_day_closes_when_the_last_of_its_gaps_is_filled(market: Connection) -> None:
    place(market, 2, vendor="V-1", since=NOW - timedelta(hours=1))
    arrive(market, 1, 3, scale="S-1")
    arrive(market, 1, 3, scale="S-2")
    looked(market)
    looked(market, LATER)
    arrive(market, 1, 4, scale="S-1", journal="j2")
    looked(market, LATER)
    looked(market, LATER + GRACE)
    [alert] = told(market)
    assert alert.occurrences == 3
    assert missing(market, alert.alert_id) == [("S-1", "2"), ("S-2", "2"), ("S-1", "2-3")]
    arrive(market, 2, scale="S-1")
    arrive(market, 2, scale="S-2")
    assert looked(market, LATER + GRACE).closed == 0
    arrive(market, 2, 3, scale="S-1", journal="j2")
    assert looked(market, LATER + GRACE).closed == 1


def test_a_gap_after_a_decision_opens_a_new_alert(market: Connection) -> None:
    arrive(market, 1, 3)
    looked(market)
    looked(market, LATER)
    act(market, told(market)[0].alert_id, AlertAction.DISMISS, DismissReason.DEVICE_FAULT)
    arrive(market, 5)
    looked(market, LATER)
    looked(market, LATER + GRACE)
    assert sorted((one.state, missing(market, one.alert_id)) for one in told(market)) == [
        (AlertState.DISMISSED, [("S-1", "2")]),
        (AlertState.OPEN, [("S-1", "4")]),
    ]


def test_a_new_journal_and_a_scale_that_moved(market: Connection) -> None:
    """A new journal is no gap; a gap is its who was there at the weighing that shows it."""
    arrive(market, 1, 2, 3)
    arrive(market, 1, 2, journal="j2")
    looked(market)
    looked(market, LATER)
    assert told(market) == []
    place(market, 1, vendor="V-7", since=NOW + timedelta(seconds=5))
    arrive(market, 6)
    looked(market, LATER)
    looked(market, LATER + GRACE)
    assert [one.vendor_id for one in told(market)] == [VendorId("V-7")]


def altered(seq: int, **fields: Any) -> list[bytes]:
    """The journal with one line changed after it was made."""
    return [*JOURNAL[: seq - 1], weighing(seq, prev=prev_of(JOURNAL[seq - 2]), **fields), *JOURNAL[seq:]]


@pytest.mark.parametrize("order", [(1, 2, 3, 4, 5), (5, 4, 3, 2, 1), (2, 4, 1, 5, 3)])
def test_an_altered_line_breaks_the_chain_in_whatever_order_it_came(market: Connection, order: tuple[int, ...]) -> None:
    for seq in order:
        arrive(market, seq, of=altered(3, net_g=500))
        looked(market)
    looked(market, LATER)
    [alert] = told(market, AlertKind.CHAIN_BREAK)
    assert (alert.vendor_id, alert.occurrences, alert.state) == (VendorId("V-1"), 1, AlertState.OPEN)
    assert alert.note == "journal j1 of scale S-1: seq 4 does not follow 3 (does_not_fit)"
    [found] = continuity.breaks_of_alert(market, alert.alert_id)
    assert (found.seq, found.fault) == (4, ChainFault.DOES_NOT_FIT)


def test_a_journal_that_leaves_prev_out_breaks_once_and_one_that_never_had_it_does_not(market: Connection) -> None:
    without = [weighing(seq) for seq in range(1, 8)]
    arrive(market, 1, 2, 3, 4, 5, of=without, scale="S-2")
    arrive(market, 1, 2, 3, 4, 5, 6, of=[*JOURNAL[:3], *without[3:]])
    assert looked(market).told == 1
    [alert] = told(market, AlertKind.CHAIN_BREAK)
    assert [(one.seq, one.fault) for one in continuity.breaks_of_alert(market, alert.alert_id)] == [
        (4, ChainFault.LEFT_OUT)
    ]


def test_a_held_line_is_no_gap_and_a_link_of_the_chain_by_its_bytes(market: Connection) -> None:
    unusable = weighing(3, prev=prev_of(JOURNAL[1]), net_g="x")
    follows = weighing(4, prev=prev_of(unusable))
    arrive(market, 1, 2, 3, 4, of=[*JOURNAL[:2], unusable, follows])
    arrive(market, 1, 2, 3, 4, of=[*JOURNAL[:2], unusable, JOURNAL[3]], scale="S-2")
    looked(market)
    assert looked(market, LATER).told == 0
    assert told(market) == []
    [alert] = told(market, AlertKind.CHAIN_BREAK)
    assert [(one.scale_id, one.seq) for one in continuity.breaks_of_alert(market, alert.alert_id)] == [("S-2", 4)]


def test_of_several_contents_held_under_one_number_the_first_is_the_line(market: Connection) -> None:
    first, second = (weighing(3, prev=prev_of(JOURNAL[1]), net_g=text) for text in ("x", "y"))
    arrive(market, 1, 2, 3, of=[*JOURNAL[:2], first])
    arrive(market, 3, 4, of=[*JOURNAL[:2], second, weighing(4, prev=prev_of(first))])
    assert looked(market).told == 0
    arrive(market, 1, 2, 3, of=[*JOURNAL[:2], first], scale="S-2")
    arrive(market, 3, 4, of=[*JOURNAL[:2], second, weighing(4, prev=prev_of(second))], scale="S-2")
    assert looked(market).told == 1


def test_a_look_that_knew_less_than_another_one_adds_nothing_back(market: Connection) -> None:
    arrive(market, 1, 6)
    looked(market)
    arrive(market, 3)
    looked(market)
    [journal] = journals_of(market)
    [gap] = continuity.unfilled(market, [journal.key])
    continuity.note_missing(market, {gap.gap_id: (SeqRange(2, 5),)}, NOW)
    continuity.set_seen(market, {journal.key: (SeqRange(1, 1),)})
    assert continuity.unfilled(market, [journal.key])[0].missing == (SeqRange(2, 2), SeqRange(4, 5))
    assert continuity.changed(market, continuity.FIRST, since=None, limit=9) == []


def test_a_gap_before_a_held_line_is_told_of_by_the_time_it_was_noticed(market: Connection) -> None:
    arrive(market, 1, 3, of=[JOURNAL[0], b"", weighing(3, net_g="x")])
    looked(market, NOW + timedelta(minutes=1))
    looked(market, LATER + timedelta(minutes=1))
    [alert] = told(market)
    assert (alert.vendor_id, alert.first_at) == ("V-1", NOW + timedelta(minutes=1))


def test_a_backlog_of_long_ago_is_looked_at_too(market: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines older than those usually asked for, and more of them than one step takes."""
    monkeypatch.setattr(continuity_look, "_MOST_LINES", 4)
    old = chained([{"weighed_at": (NOW - timedelta(days=40 - n)).isoformat()} for n in range(12)])
    broken = [*old[:8], weighing(9, prev="x", weighed_at=(NOW - timedelta(days=31)).isoformat()), *old[9:]]
    arrive(market, *range(1, 13), of=broken)
    arrive(market, *range(1, 13), scale="S-2")
    assert looked(market).journals == 2
    found = [continuity.breaks_of_alert(market, one.alert_id) for one in told(market, AlertKind.CHAIN_BREAK)]
    assert sorted(one.seq for breaks in found for one in breaks) == [9, 10]
    assert looked(market).journals == 0


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


def journals_of(conn: Connection) -> list[continuity.ChangedJournal]:
    conn.execute("DELETE FROM continuity")
    found = continuity.changed(conn, continuity.FIRST, since=None, limit=100)
    conn.rollback()
    return found


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
