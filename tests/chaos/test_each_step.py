"""A fault at each step on the way of a weighing, hit exactly and not by chance."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.brokers import RealBroker
from tests.chaos.oracle import check
from tests.chaos.rig import Rig, running_rig
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)

WEIGHINGS = 400
_GATE = 4711
#: Whoever commits weighings waits at a gate that the test holds: all is inserted, and nothing is committed.
_GATE_AT_COMMIT = f"""
CREATE FUNCTION wait_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared({_GATE});
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON weighings DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION wait_at_the_gate();
"""
_AT_THE_GATE = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {_GATE} AND NOT granted"


@pytest.fixture
def rig() -> Iterator[Rig]:
    with running_rig(RealBroker(), WEIGHINGS, agents=False) as one:
        yield one


@contextmanager
def gate_closed(rig: Rig) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with psycopg.connect(rig.database.url(), autocommit=True) as conn:
        conn.execute(_GATE_AT_COMMIT.encode())
        conn.execute(f"SELECT pg_advisory_lock({_GATE})".encode())
        yield conn


def at_the_gate(conn: "psycopg.Connection[tuple[object, ...]]") -> list[tuple[object, ...]]:
    return conn.execute(_AT_THE_GATE.encode()).fetchall()


def finish(rig: Rig) -> None:
    """Let the agents come to their end, and see that nothing is missing or doubled."""
    while len(rig.agents) < 2:
        rig.agents.append(rig.start_agent(len(rig.agents)))
    for agent in rig.agents:
        wait_until(lambda agent=agent: agent.poll() is not None, what="all is receipted", within_s=120)  # type: ignore[misc]
    assert len(rig.recorded()) == WEIGHINGS
    check(rig, [])


def test_killed_with_all_inserted_and_nothing_committed(rig: Rig) -> None:
    with gate_closed(rig) as conn:
        rig.agents.extend(rig.start_agent(n) for n in range(2))
        wait_until(lambda: at_the_gate(conn), what="a worker is about to commit", within_s=60)
        assert rig.stored() == 0
        kill_all(rig.workers)
        for (pid,) in at_the_gate(conn):
            conn.execute("SELECT pg_terminate_backend(%s)", (pid,))
        wait_until(lambda: not at_the_gate(conn), what="its transaction is gone")
        assert rig.stored() == 0
    rig.workers[:] = [rig.start_worker(n) for n in range(2)]
    finish(rig)


def test_killed_with_all_committed_and_nothing_acknowledged(rig: Rig) -> None:
    with gate_closed(rig) as conn:
        rig.agents.extend(rig.start_agent(n) for n in range(2))
        wait_until(lambda: at_the_gate(conn), what="a worker is about to commit", within_s=60)
        kill_all(rig.workers)
    # The server has the order to commit, and nobody is left to hear that it did.
    wait_until(lambda: rig.stored() > 0, what="it is committed")
    rig.workers[:] = [rig.start_worker(n) for n in range(2)]
    finish(rig)


def test_a_worker_that_is_frozen_keeps_nothing_from_the_others(rig: Rig) -> None:
    """It is there and does nothing, as a machine that swaps: the agents send its share again, to the other one."""
    rig.agents.extend(rig.start_agent(n) for n in range(2))
    os.kill(rig.workers[0].pid, signal.SIGSTOP)
    try:
        finish(rig)
    finally:
        os.kill(rig.workers[0].pid, signal.SIGCONT)
    time.sleep(1)
    check(rig, [])  # what it had in hand it finishes now, and that changes nothing


def test_killed_with_the_receipts_on_their_way(rig: Rig) -> None:
    """Committed and acknowledged, and the agents never hear of it: they ask again, and nothing counts twice."""
    rig.agents.extend(rig.start_agent(n) for n in range(2))
    wait_until(lambda: rig.stored() > 0, what="the first are stored", within_s=60)
    rig.agents_proxy.fall_silent()
    kill_all(rig.agents)
    rig.agents.clear()
    finish(rig)


def test_a_full_disk_loses_nothing_that_was_recorded(rig: Rig) -> None:
    agent = rig.start_agent(0, max_file_bytes=256 * 1024)
    wait_until(lambda: agent.poll() is not None, what="its disk is full", within_s=60)
    said = (rig.folder / "agent-0.log").read_text(encoding="utf-8").splitlines()
    assert agent.returncode == 3
    recorded = max(int(line.split()[1]) for line in said if line.startswith("recorded"))
    assert 0 < recorded < WEIGHINGS // 2
    assert len(rig.recorded_of(0)) >= recorded
    finish(rig)


def kill_all(processes: "list[subprocess.Popen[bytes]]") -> None:
    for process in processes:
        process.kill()
    for process in processes:
        process.wait()
