"""The servers that tests run on do what the tests rely on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.databases import copies, debian_folder, postmaster
from tests.databases.chain import Chain
from tests.databases.server import url_of_database
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]


def create_samples(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE EXTENSION timescaledb")
        conn.execute("CREATE TABLE samples (at timestamptz NOT NULL, grams integer NOT NULL)")
        conn.execute("SELECT create_hypertable('samples', 'at')")


@pytest.mark.timescale
def test_a_copy_of_a_template_with_a_hypertable_is_a_hypertable_too(database_server: str) -> None:
    with (
        copies.template(database_server, create_samples) as template,
        copies.fresh_copy(database_server, template) as url,
        psycopg.connect(url) as conn,
    ):
        conn.execute("INSERT INTO samples VALUES ('2026-11-22', 712), ('2026-12-22', 30)")
        chunks = conn.execute("SELECT count(*) FROM show_chunks('samples')").fetchone()
        assert chunks == (2,)


@pytest.mark.timescale
def test_a_template_can_be_copied_while_another_copy_is_in_use(database_server: str) -> None:
    with (
        copies.template(database_server, create_samples) as template,
        copies.fresh_copy(database_server, template) as first,
        psycopg.connect(first),
        copies.fresh_copy(database_server, template) as second,
    ):
        assert first != second


def test_a_database_is_dropped_although_somebody_is_still_connected(database_server: str) -> None:
    name = copies.new_name("test")
    with copies.database(database_server, name):
        left_open = psycopg.connect(url_of_database(database_server, name))
    with psycopg.connect(database_server) as conn:
        assert conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None
    left_open.close()


def test_the_plain_server_has_no_timescaledb(plain_server: str) -> None:
    with psycopg.connect(plain_server) as conn:
        row = conn.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'").fetchone()
    assert row is None


def test_a_fresh_database_is_migrated(conn: psycopg.Connection) -> None:
    tables = conn.execute("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'").fetchone()
    assert tables is not None
    assert tables[0] > 0


def test_a_server_url_that_is_given_wins(database_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_TEST_DATABASE_URL", database_server)
    chosen = Chain().chosen
    assert chosen.kind == "STEELYARD_TEST_DATABASE_URL"
    with chosen.run() as url:
        assert url == database_server


def test_without_timescaledb_the_reason_names_the_server(plain_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_TEST_DATABASE_URL", plain_server)
    assert "no TimescaleDB" in str(Chain().why_no_timescale())


@pytest.mark.debian_folder
def test_the_folder_is_where_the_script_says() -> None:
    printed = subprocess.run([debian_folder.SCRIPT], capture_output=True, text=True, check=True).stdout
    assert Path(printed.strip()) == debian_folder.folder()


@pytest.mark.debian_folder
def test_a_killed_test_run_leaves_no_server_behind() -> None:
    script = "from tests.databases.debian_folder import run\nwith run() as url: print(url, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        url = run.stdout.readline().strip()
        psycopg.connect(url).close()
        os.kill(run.pid, signal.SIGKILL)
    wait_until(lambda: not is_answering(url), what="the server of the killed run is gone")
    data_parent = debian_folder.folder() / "var/lib/steelyard"
    wait_until(lambda: not list(data_parent.glob(f"tests-{run.pid}-*/postmaster.pid")), what="it has shut down")
    postmaster.sweep(data_parent)
    assert not list(data_parent.glob(f"tests-{run.pid}-*"))


def is_answering(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
