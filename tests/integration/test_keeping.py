"""What is older than it is to be kept goes, and nothing that an alert needs; on a hypertable and on a plain table."""

import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import psycopg
import pytest
from psycopg import Connection

from db import keeping, weighings
from db.continuity import unfilled
from db.journals import JournalKey
from db.keeping import DuePortion
from domain.alert import AlertKind, AlertState
from domain.ids import JournalId, MarketId, ScaleId
from ingest.batch import take_batch
from ingest.continuity_look import look
from ingest.keeper import WeighingKeeper, shortest
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from tests.commands import Ran, run_here
from tests.factories import MARKET, NOW, chained, delivery, message, over, put_market, weighing
from tests.waiting import wait_until

POLICY = read_rules_policy(policy_directory() / "rules.toml")
KEEP = shortest(POLICY.acceptance.oldest)
#: By then everything of NOW is older than it is to be kept, whatever chunk it is in.
LATER = NOW + timedelta(days=KEEP + 8)


@pytest.fixture(params=["database_url", "plain_database_url"], ids=["best", "plain"])
def url(request: pytest.FixtureRequest) -> str:
    """A migrated database on the best server there is, and one on plain PostgreSQL."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def market(url: str) -> Iterator[Connection]:
    with psycopg.connect(url, autocommit=True) as conn:
        put_market(conn)
        yield conn


def arrive(conn: Connection, *elements: bytes, now: datetime = NOW, journal: str = "j1") -> None:
    take_batch(
        conn, [delivery(message(*elements, journal=journal), at=now)], books=BookKeeper(), policy=POLICY, now=now
    )


def let_go(conn: Connection, now: datetime = LATER) -> list[str]:
    told: list[str] = []
    keeping.let_go(conn, now, tell=told.append, slice_rows=7)
    return told


def stored_seqs(conn: Connection) -> list[int]:
    return [seq for (seq,) in conn.execute("SELECT seq FROM weighings ORDER BY seq")]


def decide(conn: Connection, state: str = "confirmed") -> None:
    conn.execute("UPDATE alerts SET state = %s, is_counting = false, decided_at = now(), decided_by = 'm'", [state])


def test_all_weighings_are_kept_until_somebody_decides_otherwise(market: Connection) -> None:
    arrive(market, weighing(1))
    assert keeping.read(market).keep_days is None
    assert let_go(market, NOW + timedelta(days=40_000)) == []
    assert stored_seqs(market) == [1]


def test_what_is_old_goes_and_what_is_not_stays(market: Connection) -> None:
    arrive(market, *(weighing(seq) for seq in range(1, 31)))
    recent = LATER - timedelta(days=1)
    arrive(market, weighing(31, weighed_at=recent.isoformat()), now=recent)
    keeping.set_keep_days(market, KEEP)
    assert len(let_go(market)) == 1
    assert stored_seqs(market) == [31]
    assert keeping.read(market).last_run_at is not None
    assert let_go(market) == []


def test_nothing_goes_a_day_before_it_is_old_enough(market: Connection) -> None:
    arrive(market, weighing(1))
    keeping.set_keep_days(market, KEEP)
    assert let_go(market, NOW + timedelta(days=KEEP)) == []
    assert stored_seqs(market) == [1]


def test_an_alert_that_nobody_decided_keeps_its_day(market: Connection) -> None:
    arrive(market, over(1), weighing(2))
    keeping.set_keep_days(market, KEEP)
    assert [one.why_kept for one in keeping.due(market, KEEP, LATER)] == ["undecided_alert"]
    assert let_go(market) == []
    assert stored_seqs(market) == [1, 2]
    decide(market)
    assert [(one.weighings, one.alerted, one.why_kept) for one in keeping.due(market, KEEP, LATER)] == [(2, 1, None)]
    assert len(let_go(market)) == 1
    assert stored_seqs(market) == []


@pytest.mark.parametrize("state", ["confirmed", "overturned"])
def test_what_an_alert_is_about_is_there_as_before_to_the_byte(market: Connection, state: str) -> None:
    frozen = over(1, ticket_no="\u6d77\u9c9c \u0001\\x", pieces=3)
    arrive(market, frozen, weighing(2))
    decide(market, state)
    [alert_id] = [alert_id for (alert_id,) in market.execute("SELECT alert_id FROM alerts")]
    before = weighings.of_alert(market, alert_id)
    [whole] = market.execute("SELECT * FROM weighings WHERE seq = 1").fetchall()
    keeping.set_keep_days(market, KEEP)
    let_go(market)
    assert stored_seqs(market) == []
    assert weighings.of_alert(market, alert_id) == before
    assert len(before) == 1
    [aside] = market.execute(
        "SELECT w.* FROM kept_weighings k, jsonb_populate_record(NULL::weighings, k.weighing) w"
    ).fetchall()
    assert aside == whole
    assert frozen in whole


def test_while_the_rows_are_still_there_an_alert_shows_each_once(market: Connection) -> None:
    arrive(market, over(1))
    market.execute("CALL set_aside_alerted(NULL, '-infinity', 'infinity')")
    assert market.execute("SELECT count(*) FROM kept_weighings").fetchone() == (1,)
    assert len(weighings.of_alert(market, 1)) == 1


def test_what_arrived_lately_stays_however_old_it_says_it_is(market: Connection) -> None:
    """A device's clock that stood years back: its weighing is not stored only to vanish in the next hour."""
    arrive(market, weighing(1))
    market.execute("UPDATE weighings SET received_at = %s", [LATER - timedelta(days=2)])
    keeping.set_keep_days(market, KEEP)
    assert [one.why_kept for one in keeping.due(market, KEEP, LATER)] == ["arrived_lately"]
    assert let_go(market) == []
    assert stored_seqs(market) == [1]


def test_lines_that_are_gone_stay_accounted_for_and_come_back_as_nothing(market: Connection) -> None:
    """Sent again, or late for the first time, a line of that age is held for its age: no second life. Only of the new
    one something is told: its clock, or it, comes from long ago."""
    lines = chained([{}] * 4)
    arrive(market, lines[0], lines[1], lines[3])
    arrive(market, lines[2])
    keeping.set_keep_days(market, KEEP)
    let_go(market)
    arrive(market, *lines, now=LATER)
    arrive(market, *lines, now=LATER)
    assert market.execute("SELECT count(*) FROM alerts").fetchone() == (0,)
    arrive(market, weighing(5), now=LATER)
    assert stored_seqs(market) == []
    assert market.execute("SELECT kind FROM alerts").fetchall() == [("clock_drift",)]
    held = market.execute("SELECT reason, count(*) FROM quarantine GROUP BY 1").fetchall()
    assert len(held) == 1
    assert held[0][1] == 5
    assert market.execute("SELECT received FROM journals").fetchall()[0][0] is not None
    received = market.execute("SELECT received = '{[1,6)}'::int8multirange FROM journals").fetchall()
    assert received == [(True,)]


def test_continuity_finds_nothing_in_what_is_gone(market: Connection) -> None:
    lines = chained([{}] * 3)
    arrive(market, *lines)
    keeping.set_keep_days(market, KEEP)
    let_go(market)
    looked = look(market, timedelta(0), LATER)
    assert (looked.told, looked.closed) == (0, 0)
    assert unfilled(market, [JournalKey(MARKET, ScaleId("S-1"), JournalId("j1"))]) == []


def test_a_gap_alert_keeps_the_line_that_shows_it(market: Connection) -> None:
    arrive(market, weighing(1), weighing(3))
    look(market, timedelta(0), NOW)
    [kind] = [kind for (kind,) in market.execute("SELECT kind FROM alerts")]
    assert kind == AlertKind.SEQUENCE_GAP
    keeping.set_keep_days(market, KEEP)
    assert let_go(market) == []
    decide(market, AlertState.CONFIRMED)
    let_go(market)
    assert [one.seq for one in weighings.of_alert(market, 1)] == [3]


def test_only_one_lets_go_at_a_time(market: Connection, url: str) -> None:
    arrive(market, weighing(1))
    keeping.set_keep_days(market, KEEP)
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('steelyard/keeping', 0))")
        assert let_go(market) == []
        other.execute("SELECT pg_advisory_unlock_all()")
    assert len(let_go(market)) == 1


def test_a_reader_who_takes_long_is_not_waited_for(market: Connection, url: str) -> None:
    """Its chunk stays until the next time; a plain table's rows go without anybody waiting."""
    arrive(market, weighing(1))
    keeping.set_keep_days(market, KEEP)
    with psycopg.connect(url) as reader:
        assert reader.execute("SELECT count(*) FROM weighings").fetchone() == (1,)
        if is_hypertable(market):
            with pytest.raises(psycopg.errors.LockNotAvailable):
                let_go(market)
        else:
            let_go(market)
    market.execute("SELECT pg_advisory_unlock_all()")
    let_go(market)
    assert stored_seqs(market) == []


def is_hypertable(conn: Connection) -> bool:
    return conn.execute("SELECT to_regclass('timescaledb_information.hypertables') IS NOT NULL").fetchone() == (True,)


def test_a_worker_does_it_by_itself_and_ends_when_told_to(market: Connection, url: str) -> None:
    arrive(market, *(weighing(seq) for seq in range(1, 31)))
    keeping.set_keep_days(market, KEEP)
    keeper = WeighingKeeper(url, POLICY.acceptance.oldest, lambda: LATER, look_every_s=0.05)
    keeper.start()
    try:
        wait_until(lambda: stored_seqs(market) == [], what="the old weighings are gone")
        assert keeper.is_alive()
    finally:
        keeper.stop()
    assert not keeper.is_alive()


def test_a_worker_lets_nothing_go_that_it_would_still_take(market: Connection, url: str) -> None:
    """Somebody made the policy take older weighings after it was decided how long they are kept."""
    arrive(market, weighing(1))
    keeping.set_keep_days(market, KEEP)
    keeper = WeighingKeeper(url, POLICY.acceptance.oldest + timedelta(days=1), lambda: LATER, look_every_s=0.01)
    keeper.start()
    try:
        before = backends(market)
        wait_until(lambda: backends(market) - before, what="it has looked, and looked again")
    finally:
        keeper.stop()
    assert stored_seqs(market) == [1]


def backends(conn: Connection) -> set[int]:
    found = conn.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").fetchall()
    return {pid for (pid,) in found}


def run(url: str, *words: str) -> Ran:
    environment = {**os.environ, "STEELYARD_DATABASE_URL": url, "COLUMNS": "200"}
    return run_here("db", *words, environment=environment)


def test_the_commands_decide_show_and_do_it(market: Connection, url: str) -> None:
    made = datetime.now(NOW.tzinfo) - timedelta(days=KEEP + 20)
    arrive(market, weighing(1, weighed_at=made.isoformat()), now=made)
    decide(market)  # the scale stood on no stall then
    assert "all weighings are kept" in run(url, "keep").stdout
    assert json.loads(run(url, "retention", "--dry-run", "--json").stdout) == {"keep_days": None, "due": []}
    refused = run(url, "keep", "--days", str(KEEP - 1))
    assert (refused.returncode, f"expected at least {KEEP}" in refused.stderr) == (2, True)
    assert f"kept for {KEEP} days" in run(url, "keep", "--days", str(KEEP)).stdout
    shown = json.loads(run(url, "retention", "--dry-run", "--json").stdout)
    assert [one["weighings"] for one in shown["due"]] == [1]
    assert stored_seqs(market) == [1]
    done = run(url, "retention")
    assert (done.returncode, done.stderr) == (0, "")
    assert stored_seqs(market) == []
    assert "all weighings are kept" in run(url, "keep", "--forever").stdout


def test_what_would_go_is_shown_market_by_market_or_chunk_by_chunk(market: Connection) -> None:
    put_market(market, market_id=MarketId("sanya-2"))
    arrive(market, weighing(1), weighing(2))
    at = delivery(message(weighing(1)), market="sanya-2", at=NOW)
    take_batch(market, [at], books=BookKeeper(), policy=POLICY, now=NOW)
    portions = keeping.due(market, KEEP, LATER)
    expected = [(None, 3)] if is_hypertable(market) else [("sanya-1", 2), ("sanya-2", 1)]
    assert counted(portions) == expected


def counted(portions: Sequence[DuePortion]) -> list[tuple[str | None, int]]:
    return [(one.market_id, one.weighings) for one in portions]
