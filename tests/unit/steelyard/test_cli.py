"""The command line as a stranger meets it."""

import subprocess
import sys
from pathlib import Path

import pytest


def steelyard(*words: str, stdin: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "steelyard", *words],
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200", **environment},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_version_is_told_without_a_command() -> None:
    ran = steelyard("--version")
    assert (ran.returncode, ran.stdout.strip()) == (0, "0.1.0")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("migrate",), "steelyard: the database is away: "),
        (("ingest",), "steelyard: the database is away: "),
        (("edge", "check", "nowhere.toml"), "nowhere.toml"),
        (
            ("caps", "publish", "no.csv", "--area", "a", "--source", "s", "--effective-from", "noon"),
            "is 'noon'; expected a",
        ),
        (("user", "add", "x", "--role", "manager"), "--market goes with --role manager, and only with it"),
        (("simulate", "market", "--shortest-pause", "9"), "--shortest-pause is 9.0; expected at most --longest-pause"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_told_in_a_sentence_and_status_2(words: tuple[str, ...], says: str) -> None:
    ran = steelyard(*words, STEELYARD_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert ran.returncode == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_short_password_is_refused() -> None:
    ran = steelyard("user", "add", "x", "--role", "admin", stdin="short\n")
    assert ran.returncode == 2
    assert "the password has 5 characters; expected at least 8" in ran.stderr


def test_a_configuration_with_mistakes_names_them_all(tmp_path: Path) -> None:
    config = tmp_path / "agent.toml"
    config.write_text('agent_id = "a b"\n[broker]\nport = 0\n', encoding="utf-8")
    ran = steelyard("edge", "check", str(config))
    assert ran.returncode == 2
    for field in ("agent_id", "market_id", "outbox", "broker.host", "broker.port", "scales"):
        assert field in ran.stderr
