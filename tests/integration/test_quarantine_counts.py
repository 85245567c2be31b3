"""Counts of quarantine without reading it: at every moment what counting one by one would say."""

import os
import random
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection
from yoyo import get_backend

from db import quarantine, quarantine_counts, quarantine_pages, quarantine_steps
from db.quarantine import HeldMessage
from db.quarantine_pages import Where
from db.whole_files import read_whole
from domain.ids import MarketId, ScaleId
from domain.quarantine import CONFLICT, HeldState, ReplayOutcome
from tests.databases import copies
from tests.databases.server import url_of_database
from tests.factories import MARKET, NOW, put_market
from tests.waiting import wait_until

REASONS = ("not_json", "bad_field", "unknown_scale")
MIGRATIONS = Path(__file__).parents[2] / "db" / "migrations"
#: Every group there is, counted the slow way: by what a count must agree with.
ONE_BY_ONE = """
    SELECT reason, market_id, scale_id, count(*) FROM quarantine
    WHERE state = ANY (%s) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def message(n: int, *, market_id: str | None = MARKET, scale: int | None = 1, reason: str = "not_json") -> HeldMessage:
    return HeldMessage(
        topic="t",
        payload=str(n).encode(),
        reason=reason,
        explanation="e",
        received_at=NOW + timedelta(seconds=n),
        market_id=market_id,
        scale_id=None if scale is None else f"S-{scale}",
    )


def counted(conn: Connection, *states: HeldState) -> list[tuple[str, str | None, str | None, int]]:
    found = quarantine_counts.tally(conn, None, states)
    return sorted(
        ((one.reason, one.market_id, one.scale_id, one.messages) for one in found),
        key=lambda one: (one[0], one[1] is None, one[1], one[2] is None, one[2]),
    )


def assert_exact(conn: Connection) -> None:
    for state in HeldState:
        assert counted(conn, state) == conn.execute(ONE_BY_ONE, [[state]]).fetchall()
    for where, condition in (
        (Where(), "true"),
        (Where(market_id=MARKET), "market_id = 'sanya-1'"),
        (Where(scale_id=ScaleId("S-2")), "scale_id = 'S-2'"),
        (Where(scale_id=ScaleId("S-2"), market_id=MarketId("m")), "scale_id = 'S-2' AND market_id = 'm'"),
    ):
        slow = conn.execute(f"SELECT state, reason, count(*) FROM quarantine WHERE {condition} GROUP BY 1, 2".encode())
        assert quarantine_counts.counts(conn, where) == {(HeldState(state), why): n for state, why, n in slow}


def take_a_step(conn: Connection, dice: random.Random, n: int) -> None:
    """One of all that is done to held messages, by the functions that do it."""
    found = quarantine_pages.listed(conn, Where(), {HeldState.HELD}, limit=20)
    ids = [one.quarantine_id for one in found if one.may_be_replayed]
    choice = dice.randrange(7) if ids else 0
    if choice <= 1:
        several = [
            message(
                dice.randrange(n + 10),  # some of it came before
                market_id=dice.choice([MARKET, "m", None]),
                scale=dice.choice([1, 2, None]),
                reason=dice.choice(REASONS),
            )
            for _ in range(dice.randrange(1, 30))
        ]
        quarantine.hold_all(conn, several)
    elif choice == 2:
        quarantine.hold(conn, message(dice.randrange(n + 10), reason=dice.choice(REASONS)))
    elif choice == 3:
        quarantine_steps.end_replayed(conn, dice.choice(ids), ReplayOutcome.STORED, "a", NOW)
    elif choice == 4:
        why = dice.choice([*REASONS, CONFLICT])
        quarantine_steps.refuse_again(conn, dice.choice(ids), why, "again", "a", NOW)
    elif choice == 5:
        quarantine_steps.settle(conn, dice.choice(ids), "noise", "a", NOW)
    else:
        quarantine_steps.request_replay(conn, dice.choice(ids), "a", NOW)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_in_whatever_order_and_whenever_it_is_added_up_it_is_exact(
    conn: Connection, seed: int
) -> None:
    dice = random.Random(seed)
    for n in range(120):
        take_a_step(conn, dice, n)
        if dice.random() < 0.2:
            conn.rollback()
        elif dice.random() < 0.3:
            conn.commit()
        if dice.random() < 0.2:
            quarantine_counts.fold(conn)
        if n % 10 == 0:
            assert_exact(conn)
    quarantine_counts.fold(conn)
    assert_exact(conn)
    assert conn.execute("SELECT count(*) FROM quarantine_count_changes").fetchone() == (0,)


def test_a_span_is_of_all_that_was_held_since_there_was_none(conn: Connection) -> None:
    def span() -> list[tuple[int, int, int]]:
        found = quarantine_counts.tally(conn, None)
        return [(one.messages, (one.first_at - NOW).seconds, (one.last_at - NOW).seconds) for one in found]

    quarantine.hold_all(conn, [message(5), message(9), message(7)])
    assert span() == [(3, 5, 9)]
    first, *others = sorted(one.quarantine_id for one in quarantine_pages.listed(conn, Where(), {HeldState.HELD}))
    again = HeldMessage(topic="t", payload=b"7", reason="not_json", explanation="", received_at=NOW + timedelta(0, 60))
    quarantine.hold(conn, again)  # the same content: counted as come again, under what it was held for
    quarantine_counts.fold(conn)
    assert span() == [(3, 5, 60)]
    quarantine_steps.settle(conn, first, "noise", "a", NOW)
    quarantine_counts.fold(conn)
    assert span() == [(2, 5, 60)]
    for other in others:
        quarantine_steps.settle(conn, other, "noise", "a", NOW)
    quarantine_counts.fold(conn)
    assert span() == []
    quarantine.hold(conn, message(30))
    quarantine_counts.fold(conn)
    assert span() == [(1, 30, 30)]


def test_nobody_who_writes_waits_for_another_or_for_who_adds_up(conn: Connection, database_url: str) -> None:
    """Each is in the middle of a transaction about the same group; a lock would make the second wait for ever."""
    with psycopg.connect(database_url) as one, psycopg.connect(database_url) as other:
        for n, each in enumerate((one, other)):
            each.execute("SET lock_timeout = '5s'")
            quarantine.hold_all(each, [message(n)])
        quarantine_counts.fold(conn)
        conn.commit()
        with one.transaction():
            quarantine_counts.fold(one)  # folds within a transaction that goes on: who writes and reads goes on too
            quarantine.hold_all(other, [message(3)])
            assert [n for *_, n in counted(other, HeldState.HELD)] == [2]
        one.commit()
        other.commit()
        quarantine_counts.fold(conn)
        assert [n for *_, n in counted(conn, HeldState.HELD)] == [3]
        assert_exact(conn)


def test_it_is_exact_for_everybody_while_four_write_and_two_add_up(conn: Connection, database_url: str) -> None:
    stop, wrong = threading.Event(), list[str]()
    writers = [threading.Thread(target=_hold_many, args=(database_url, n)) for n in range(4)]
    others = [threading.Thread(target=_add_up, args=(database_url, stop)) for _ in range(2)]
    others.append(threading.Thread(target=_compare, args=(database_url, stop, wrong)))
    for thread in (*others, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in others:
        thread.join()
    assert wrong == []
    assert sum(quarantine_counts.counts(conn, Where()).values()) == 4 * 600
    assert_exact(conn)


def _hold_many(database_url: str, worker: int) -> None:
    with psycopg.connect(database_url) as conn:
        for n in range(60):
            quarantine.hold_all(conn, [message(worker * 1000 + n * 10 + m, scale=m % 3) for m in range(10)])
            conn.commit()


def _add_up(database_url: str, stop: threading.Event) -> None:
    with psycopg.connect(database_url) as conn:
        while not stop.is_set():
            quarantine_counts.fold(conn)
            conn.commit()


def _compare(database_url: str, stop: threading.Event, wrong: list[str]) -> None:
    with psycopg.connect(database_url) as conn:
        while not stop.is_set():
            # One snapshot for both: what is counted and what is there.
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            row = conn.execute("SELECT count(*) FROM quarantine").fetchone()
            by_count = sum(quarantine_counts.counts(conn, Where()).values())
            conn.rollback()
            if row != (by_count,):
                wrong.append(f"{by_count} are counted and {row} are there")


#: Holds and settles for ever, and adds up at every second step.
_BUSY = """
import sys, psycopg
from db import quarantine, quarantine_counts
from tests.integration.test_quarantine_counts import message
with psycopg.connect(sys.argv[1]) as conn:
    n = 0
    while True:
        quarantine.hold_all(conn, [message(n + m, scale=m % 3) for m in range(50)])
        conn.execute("UPDATE quarantine SET state = 'settled', ended_at = now(), ended_by = 'a'"
                     " WHERE quarantine_id IN (SELECT quarantine_id FROM quarantine WHERE state = 'held' LIMIT 20)")
        conn.commit()
        quarantine_counts.fold(conn)
        conn.commit()
        n += 50
        print(n, flush=True)
"""


def test_killed_in_the_middle_of_anything_it_is_exact(conn: Connection, database_url: str) -> None:
    dice = random.Random(7)
    for _ in range(4):
        busy = subprocess.Popen(
            [sys.executable, "-c", _BUSY, database_url], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
        )
        assert busy.stdout is not None
        for _ in range(dice.randrange(2, 30)):
            busy.stdout.readline()
        os.kill(busy.pid, signal.SIGKILL)
        busy.wait()
        busy.stdout.close()
        wait_until(lambda: _others(conn) == 0, what="the server has noticed")
        assert_exact(conn)
        conn.commit()
    quarantine_counts.fold(conn)
    assert_exact(conn)
    assert sum(quarantine_counts.counts(conn, Where()).values()) > 100


def _others(conn: Connection) -> int:
    row = conn.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    ).fetchone()
    conn.commit()
    return int(row[0]) if row else 0


def test_the_migration_counts_what_is_there(plain_server: str) -> None:
    with copies.database(plain_server, copies.new_name("counted")) as name:
        url = url_of_database(plain_server, name)
        backend = get_backend(url.replace("postgresql://", "postgresql+psycopg://"))
        every = read_whole(MIGRATIONS)
        backend.apply_migrations(backend.to_apply(every.filter(lambda one: one.id < "0015")))
        with psycopg.connect(url) as conn:
            dice = random.Random(1)
            for n in range(300):
                scale, market_id = dice.choice([1, 2, None]), dice.choice([MARKET, "m", None])
                quarantine.hold(conn, message(n, scale=scale, market_id=market_id, reason=dice.choice(REASONS)))
            conn.execute(
                "UPDATE quarantine SET state = 'settled', ended_at = now(), ended_by = 'a' WHERE quarantine_id % 3 = 0"
            )
        backend.apply_migrations(backend.to_apply(every))
        backend.connection.close()
        with psycopg.connect(url) as conn:
            assert_exact(conn)
            quarantine.hold(conn, message(999))
            assert_exact(conn)


def test_what_is_held_is_told_by_registered_device_and_of_all_others_together(conn: Connection) -> None:
    put_market(conn)
    several = [message(n, scale=n, market_id=MARKET) for n in (1, 2, 900, 901)]
    quarantine.hold_all(conn, [*several, message(7, market_id=None, scale=None), message(8, reason="bad_field")])
    quarantine_counts.fold(conn)
    assert quarantine_counts.held_by_device(conn) == {
        ("not_json", "S-1"): 1,
        ("not_json", "S-2"): 1,
        ("not_json", None): 3,
        ("bad_field", "S-1"): 1,
        ("bad_field", None): 0,
    }
