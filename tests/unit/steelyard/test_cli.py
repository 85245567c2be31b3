"""The command line as a stranger meets it."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.journal.outbox import Outbox
from messages.events import decode_event
from steelyard.resources import policy_directory
from tests.commands import Ran, run_here
from tests.unit.edge_agent.test_config import SMALLEST

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "COLUMNS": "200"}
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"


def steelyard(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "steelyard", *words],
        env=ENVIRONMENT | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def here(*words: str, stdin: str = "", **environment: str) -> Ran:
    """In this process."""
    return run_here(*words, environment=ENVIRONMENT | environment, stdin=stdin)


def test_the_version_is_told_without_a_command() -> None:
    ran = steelyard("--version")
    assert (ran.returncode, ran.stdout.strip()) == (0, "0.1.0")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("migrate",), "steelyard: the database is away: "),
        (("edge", "check", "nowhere.toml"), "nowhere.toml"),
        (
            ("caps", "import", "no.csv", "--area", "a", "--source", "s", "--effective-from", "noon"),
            "is 'noon'; expected a",
        ),
        (("user", "add", "x", "--role", "manager"), "--market goes with --role manager, and only with it"),
        (("simulate", "market", "--shortest-pause", "9"), "--shortest-pause is 9.0; expected at most --longest-pause"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_told_in_a_sentence_and_status_2(words: tuple[str, ...], says: str) -> None:
    ran = here(*words, STEELYARD_DATABASE_URL=NO_DATABASE)
    assert ran.returncode == 2
    assert says in ran.stderr


def test_a_service_without_its_database_is_told_in_a_sentence_and_status_2() -> None:
    ran = steelyard("ingest", STEELYARD_DATABASE_URL=NO_DATABASE)
    assert ran.returncode == 2
    assert "steelyard: the database is away: " in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("words", [("web",), ("ingest",)], ids=" ".join)
def test_a_policy_that_is_not_there_is_told_with_its_setting(tmp_path: Path, words: tuple[str, ...]) -> None:
    nowhere = tmp_path / "nowhere"
    ran = steelyard(*words, STEELYARD_POLICY_DIR=str(nowhere))
    assert ran.returncode == 2
    assert f"{nowhere / 'rules.toml'}: 1 problem(s)" in ran.stderr
    assert "STEELYARD_POLICY_DIR names its folder" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_one_policy_file_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text((policy_directory() / "rules.toml").read_text(encoding="utf-8"), "utf-8")
    ran = steelyard("web", STEELYARD_POLICY_DIR=str(tmp_path))
    assert ran.returncode == 2
    assert f"{tmp_path / 'credit.toml'}: 1 problem(s)" in ran.stderr


def test_a_connection_string_that_is_no_url_is_told_without_its_password() -> None:
    ran = steelyard("migrate", STEELYARD_DATABASE_URL="host=localhost dbname=steelyard password=s3cret")
    assert ran.returncode == 2
    assert "STEELYARD_DATABASE_URL: expected a URL, as postgresql://user@host:5432/name" in ran.stderr
    assert "s3cret" not in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_state_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for state in (tmp_path / "file", tmp_path / "file" / "below"):
        ran = steelyard("demo", "--state", str(state))
        assert ran.returncode == 2
        assert f"{state} cannot be written" in ran.stderr
        assert "Traceback" not in ran.stderr


def test_an_error_with_brackets_is_shown_as_it_is(tmp_path: Path) -> None:
    ran = here("edge", "check", str(tmp_path / "[/red].toml"))
    assert ran.returncode == 2
    assert "[/red].toml" in ran.stderr


def test_a_short_password_is_refused() -> None:
    ran = here("user", "add", "x", "--role", "admin", stdin="short\n")
    assert ran.returncode == 2
    assert "the password has 5 characters; expected at least 8" in ran.stderr


def test_a_configuration_with_mistakes_names_them_all(tmp_path: Path) -> None:
    config = tmp_path / "agent.toml"
    config.write_text('agent_id = "a b"\n[broker]\nport = 0\n', encoding="utf-8")
    ran = here("edge", "check", str(config))
    assert ran.returncode == 2
    for field in ("agent_id", "market_id", "outbox", "broker.host", "broker.port", "scales"):
        assert field in ran.stderr


def test_an_agent_with_a_bad_file_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "agent.toml").write_text("", encoding="utf-8")
    ran = steelyard("edge", "run", str(tmp_path / "agent.toml"))
    assert ran.returncode == 2
    assert "agent_id" in ran.stderr
    assert steelyard("edge", "run").returncode == 2


def test_an_agent_whose_outbox_is_another_programs_names_it(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "agent-1.sqlite")) as db:
        db.execute("CREATE TABLE accounts (name TEXT)")
    (tmp_path / "agent.toml").write_text(SMALLEST, encoding="utf-8")
    ran = steelyard("edge", "run", str(tmp_path / "agent.toml"))
    assert ran.returncode == 2
    assert "is another program's database; expected a journal" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_agent_whose_outbox_is_damaged_goes_on_with_a_new_one_and_says_so(tmp_path: Path) -> None:
    content = b"SQLite format 3\x00" + b"\xff" * 4096
    (tmp_path / "agent-1.sqlite").write_bytes(content)
    (tmp_path / "agent.toml").write_text(SMALLEST, encoding="utf-8")
    agent = subprocess.Popen(
        [sys.executable, "-m", "steelyard", "edge", "run", str(tmp_path / "agent.toml")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert agent.stdout is not None
    said = [agent.stdout.readline()]
    while "agent_started" not in said[-1]:
        assert agent.poll() is None, said
        said.append(agent.stdout.readline())
    agent.terminate()
    agent.communicate(timeout=30)
    (aside,) = tmp_path.glob("agent-1.sqlite.damaged-*")
    assert aside.read_bytes() == content
    (loud,) = [line for line in said if "journal_damaged" in line]
    assert aside.name in loud
    outbox = Outbox(tmp_path / "agent-1.sqlite")
    (begun,) = outbox.pending_events(9)
    assert decode_event(begun.body).event.detail == {"because": f"damaged_file, moved to {aside.name}"}
    outbox.close()
