"""`steelyard quarantine`, as a person types it, on a real database."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from psycopg import Connection

from db import quarantine_pages
from domain.quarantine import HeldState
from ingest.batch import take_batch
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from tests.commands import run_here
from tests.factories import MARKET, NOW, delivery, message, over, place, put_market, weighing

ESCAPE, BIDI = "\x1b", "\u202e"


class Shell:
    """The command line, on one database."""

    def __init__(self, database_url: str) -> None:
        self._environment = os.environ | {"STEELYARD_DATABASE_URL": database_url, "COLUMNS": "200", "NO_COLOR": "1"}

    def run(self, *words: str, status: int = 0) -> str:
        done = run_here("quarantine", *words, environment=self._environment)
        assert done.returncode == status, done.stderr
        return done.stdout if status == 0 else done.stderr

    def run_apart(self, *words: str) -> str:
        """In a process of its own, with streams of its own."""
        command = [sys.executable, "-m", "steelyard", "quarantine", *words]
        done = subprocess.run(command, env=self._environment, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def asked(self, *words: str) -> dict[str, Any]:
        answer = json.loads(self.run(*words, "--json"))
        assert isinstance(answer, dict)
        return answer


@pytest.fixture
def shell(conn: Connection, database_url: str) -> Shell:
    put_market(conn)
    policy = read_rules_policy(policy_directory() / "rules.toml")
    held = [
        delivery(message(over(1)), scale="S-3"),
        delivery(message(weighing(1), weighing(2, net_g="x"))),
        delivery(message(weighing(1, net_g=999))),
        delivery(f"{ESCAPE}[2J {BIDI} [bold]and some more words".encode(), on=f"t{ESCAPE}{BIDI}"),
    ]
    for one in held:
        take_batch(conn, [one], books=BookKeeper(), policy=policy, now=NOW)
    conn.commit()
    return Shell(database_url)


def test_listed_counted_shown_and_nothing_acts_on_the_terminal(shell: Shell) -> None:
    listed = shell.asked("list")["messages"]
    assert [one["reason"] for one in listed] == ["bad_topic", "conflict", "bad_field", "unknown_scale"]
    assert [one["scale_id"] for one in shell.asked("list", "--scale", "S-1", "--reason", "conflict")["messages"]] == [
        "S-1"
    ]
    first = shell.asked("list", "--limit", "1")
    assert first["next_before"] == listed[0]["quarantine_id"]
    assert len(shell.asked("list", "--before", str(first["next_before"]))["messages"]) == 3
    assert shell.asked("list", "--since", "2030-01-01T00:00:00+08:00")["messages"] == []
    assert shell.asked("reasons", "--market", MARKET)["reasons"] == {"bad_field": 1, "conflict": 1, "unknown_scale": 1}
    hostile = str(listed[0]["quarantine_id"])
    for said in (shell.run("list"), shell.run("show", hostile), shell.run_apart("show", hostile), shell.run("reasons")):
        assert not {ESCAPE, BIDI} & set(said)
    assert r"\x1b[2J \u202e [bold]and some more words" in shell.run("show", hostile)
    assert shell.run_apart("show", hostile, "--raw").startswith(f"{ESCAPE}[2J {BIDI}")
    assert '"net_g": "x"' in shell.run("show", str(listed[2]["quarantine_id"]))
    assert "expected a time with its offset" in shell.run("list", "--since", "yesterday", status=2)
    assert "there is no held message 99" in shell.run("show", "99", status=2)


def test_read_again_after_the_scale_is_registered_and_settled_with_a_reason(conn: Connection, shell: Shell) -> None:
    place(conn, 3)
    conn.commit()
    trial = shell.asked("replay", "--all", "--dry-run")
    assert (trial["outcomes"], trial["refused_for"]) == (
        {"stored": 1, "refused": 2},
        {"bad_field": 1, "bad_topic": 1},
    )
    assert conn.execute("SELECT count(*) FROM weighings WHERE scale_id = 'S-3'").fetchone() == (0,)
    refused = shell.asked("replay", "--reason", "bad_field")
    assert (refused["outcomes"], refused["refused_for"]) == ({"refused": 1}, {"bad_field": 1})
    said = shell.run("replay", "--reason", "unknown_scale", "--by", "ayu")
    assert [line.partition(": ")[2] for line in said.splitlines()] == ["stored", ""]
    assert said.splitlines()[-1] == "1 stored"
    assert conn.execute("SELECT count(*) FROM weighings WHERE scale_id = 'S-3'").fetchone() == (1,)
    conflict = shell.asked("list", "--reason", "conflict")["messages"][0]["quarantine_id"]
    assert "never stored, another content is the record" in shell.run("replay", str(conflict))
    assert "--because is empty" in shell.run("settle", str(conflict), "--because", " ", status=2)
    shell.run("settle", str(conflict), "--because", "the battery was flat", "--by", "ayu")
    assert f"message {conflict} is settled already" in shell.run("settle", str(conflict), "--because", "x", status=2)
    assert "say which" in shell.run("replay", status=2)
    settled = quarantine_pages.one(conn, conflict)
    assert settled is not None
    assert (settled.state, settled.ended_by) == (HeldState.SETTLED, "ayu")
    [*_, last] = shell.asked("show", str(conflict))["steps"]
    assert (last["step"], last["actor"], last["note"]) == ("settled", "ayu", "the battery was flat")
