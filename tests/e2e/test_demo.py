"""`steelyard demo` as a stranger uses it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from tests.factories import put_market
from tests.waiting import wait_until


@pytest.fixture
def state() -> Iterator[Path]:
    """A folder that the database's user can reach too, when root runs the tests."""
    with tempfile.TemporaryDirectory(prefix="steelyard-demo-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def command(state: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "steelyard", "demo", "--state", str(state), "--port", "0", *words]


def marked(state: Path) -> dict[str, str]:
    """An environment that every part of this demo inherits, so that none can hide."""
    return {**os.environ, "STATE_OF_THIS_TEST": str(state), "PYTHONUNBUFFERED": "1"}


def demo(state: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(state, *words),
        env=marked(state),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=150,
        check=False,
    )


def headless(state: Path, *words: str) -> dict[str, Any]:
    ran = demo(state, "--headless", "--json", *words)
    assert ran.returncode == 0, ran.stderr + ran.stdout
    assert ran.stdout.count("\n") == 1, "standard output holds the object and nothing else"
    outcome: dict[str, Any] = json.loads(ran.stdout)
    return outcome


def parts_of(state: Path) -> list[str]:
    """Command lines of the living processes of a demo."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if f"STATE_OF_THIS_TEST={state}".encode() in environment:
            found.append(words)
    return found


def test_a_headless_run_finds_everything_and_a_second_one_keeps_the_data(state: Path, tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"
    first = headless(state, "--weighings", "120", "--seed", "7", "--stalls", "12", "--truth", str(truth))
    sold = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    assert first["published"] == first["stored"] == first["sold"] == len(sold) == 120
    assert first["over_cap_found"] == first["over_cap_expected"] == sum(sale["over_cap"] is True for sale in sold) > 0
    assert (first["duplicates"], first["quarantined"], first["missing"], first["ok"]) == (0, 0, 0, True)
    assert 0 < first["latency_ms"]["p50"] <= first["latency_ms"]["p99"]

    second = headless(state, "--weighings", "60", "--seed", "8", "--stalls", "12")
    assert second["stored"] == 60
    assert second["alerts_open"] >= first["alerts_open"]

    fresh = headless(state, "--weighings", "60", "--seed", "8", "--stalls", "12", "--fresh")
    assert fresh["alerts_open"] <= fresh["over_cap_found"]
    assert parts_of(state) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_a_demo_that_is_ended_leaves_no_process_behind(state: Path, how: signal.Signals) -> None:
    with subprocess.Popen(
        command(state, "--stalls", "4"),
        env=marked(state),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if "weighings stored, " in line:  # the status line, which a pipe gets too
                break
        running = parts_of(state)
        process.send_signal(how)
        said += process.stderr.read()
    for part in ("demo", "postgres", "iotcore", "ingest", "web", "agent-1.toml", "simulate market"):
        assert any(part in words for words in running), (part, running)
    assert "database: " in said
    assert "sign in as manager" in said
    assert "customer display  http://127.0.0.1:" in said
    assert "Ctrl-C stops everything" in said
    wait_until(lambda: parts_of(state) == [], what="every part has ended", within_s=60)
    assert process.returncode == (0 if how is signal.SIGINT else -signal.SIGKILL)
    assert headless(state, "--weighings", "8", "--stalls", "4")["ok"] is True


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
@pytest.mark.parametrize("moment", ["database: ", "scales on "], ids=["starting", "running"])
def test_a_headless_run_that_is_ended_early_stops_everything_and_has_no_outcome(
    state: Path, how: signal.Signals, moment: str
) -> None:
    with subprocess.Popen(
        command(state, "--headless", "--json", "--weighings", "100000", "--stalls", "4"),
        env=marked(state),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        for line in process.stderr:
            if moment in line:
                break
        process.send_signal(how)
        said, outcome = process.stderr.read(), process.stdout.read()
        process.wait(120)
    assert (process.returncode, outcome) == (130, ""), said
    assert said.splitlines()[-1].startswith("steelyard: ended before the demo was through; everything is stopped")
    assert "Traceback" not in said
    assert parts_of(state) == []


def foreign(conn: Connection) -> tuple[object, ...]:
    """What a demo would change first."""
    row = conn.execute(
        "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM scales), (SELECT count(*) FROM yoyo_lock),"
        " (SELECT count(*) FROM _yoyo_log), (SELECT count(*) FROM cap_lists WHERE NOT upper_inf(effective))"
    ).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize("words", [("demo", "--headless"), ("simulate", "register")], ids=" ".join)
def test_a_database_with_a_market_of_its_own_is_refused_and_left_as_it_is(
    state: Path, database_url: str, conn: Connection, words: tuple[str, ...]
) -> None:
    put_market(conn)
    conn.execute("DELETE FROM _yoyo_migration WHERE migration_id LIKE '0006%'")  # not even its schema is moved on
    conn.commit()
    before = foreign(conn)
    conn.commit()
    ran = subprocess.run(
        [sys.executable, "-m", "steelyard", *words, *(["--state", str(state)] if words[0] == "demo" else [])],
        env={**marked(state), "STEELYARD_DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "this one holds another market (sanya-1 in sanya)" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert foreign(conn) == before


def test_wrong_use_is_told_in_one_sentence(state: Path) -> None:
    ran = demo(state, "--json")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--json goes with --headless" in ran.stderr
