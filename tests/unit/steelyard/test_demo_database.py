"""A demo writes into a database of its own, and deletes only the embedded one."""

import threading
from pathlib import Path

import pytest

from db.timescale import Engine
from domain.errors import RuleViolation, Unavailable
from steelyard.demo import database
from steelyard.demo.database import demo_database
from steelyard.demo.plan import DemoPlan
from steelyard.demo.stack import running_stack
from steelyard.embedded.postgres import EmbeddedPostgres
from steelyard.settings import Settings

TIMESCALE = Engine("17.5", "2.28.3", "apache")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A machine whose local server has TimescaleDB in whatever database it is asked for; the URLs it was asked."""
    urls: list[str] = []

    def engine_of(url: str) -> Engine:
        urls.append(url)
        return TIMESCALE

    monkeypatch.setattr(database, "engine_of", engine_of)
    monkeypatch.delenv("STEELYARD_DATABASE_URL", raising=False)
    return urls


def start_over(state: Path) -> None:
    with running_stack(DemoPlan(state=state), fresh=True, tell=lambda _line: None):
        raise AssertionError("it must not start")


def test_the_local_database_of_a_demo_is_not_the_one_services_use_by_default(tmp_path: Path, asked: list[str]) -> None:
    with demo_database(tmp_path, threading.Event()) as (url, which):
        assert url == "postgresql:///steelyard_demo"
        assert "(the local database 'steelyard_demo')" in which
    assert Settings().database_url not in {url, *asked}


def test_starting_over_spares_the_local_database(tmp_path: Path, asked: list[str]) -> None:
    kept = tmp_path / "kept"
    kept.write_text("from an earlier run")
    with pytest.raises(
        RuleViolation, match=r"--fresh deletes only the embedded .* the local database 'steelyard_demo'"
    ):
        start_over(tmp_path)
    assert kept.exists()


def test_starting_over_spares_a_database_that_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEELYARD_DATABASE_URL", "postgresql:///anything")
    with pytest.raises(RuleViolation, match=r"--fresh deletes only the embedded .* that STEELYARD_DATABASE_URL names"):
        start_over(tmp_path)


def test_a_server_that_cannot_be_put_anywhere_is_told(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_engine(url: str) -> Engine:
        raise Unavailable("none here")

    def read_only(_server: EmbeddedPostgres, _stop: threading.Event) -> None:
        raise PermissionError(30, "Read-only file system", "/var/lib/steelyard")

    monkeypatch.setattr(database, "engine_of", no_engine)
    monkeypatch.setattr(EmbeddedPostgres, "start", read_only)
    with (
        pytest.raises(Unavailable, match=r"the embedded PostgreSQL cannot be started: .* '/var/lib/steelyard'"),
        demo_database(tmp_path, threading.Event()),
    ):
        pass
