"""Versions of the rules: proposed by one person, put in force by another, from a day still to come."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from credit.rules import enacting
from credit.rules.book import rulebook, rules_now
from credit.rules.enacting import Problem
from db import credit_rules
from domain.errors import BadFile, FieldRefused, NotFound
from steelyard.resources import policy_directory
from tests.alert_acts import POLICIES
from tests.commands import Ran, run_here
from tests.factories import NOW
from tests.web_world import furnish

SHIPPED = POLICIES.credit
TEXT = (policy_directory() / "credit.toml").read_text(encoding="utf-8")
TO_COME = date(2027, 1, 1)


def version(name: str, begins: date = TO_COME, base: int = 100) -> str:
    """Return the shipped file as another version."""
    text = TEXT.replace('version = "2026-11-28"', f'version = "{name}"', 1).replace("base = 100", f"base = {base}", 1)
    return text.replace("in_force_from = 2026-01-01", f"in_force_from = {begins}", 1)


def propose(conn: Connection, content: str, by: str = "lin") -> None:
    enacting.propose(conn, content, note="a change", by=by, now=NOW, founding=TEXT, appeal_days=5)


def put_in_force(conn: Connection, name: str, by: str = "wang", now: datetime = NOW) -> None:
    enacting.put_in_force(conn, name, note="agreed", by=by, now=now)


def test_a_version_begins_on_its_day_and_what_was_before_stays(conn: Connection) -> None:
    propose(conn, version("next", base=90))
    assert rulebook(conn, SHIPPED).versions == (SHIPPED,), "a proposal is not in force"
    put_in_force(conn, "next")
    assert rules_now(conn, SHIPPED, NOW).base == 100
    begins = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert rules_now(conn, SHIPPED, begins - timedelta(seconds=1)).version == SHIPPED.version
    assert rules_now(conn, SHIPPED, begins).base == 90, "a day begins at midnight in China"
    other_file = SHIPPED.__class__(**{**{n: getattr(SHIPPED, n) for n in SHIPPED.__struct_fields__}, "base": 50})
    assert rulebook(conn, other_file).at(date(2026, 5, 1)).base == 100, (
        "the file that was there is kept, not read again"
    )


def test_the_person_who_proposed_does_not_put_in_force(conn: Connection) -> None:
    propose(conn, version("next"))
    with pytest.raises(FieldRefused, match="expected somebody else than lin") as refused:
        put_in_force(conn, "next", by="lin")
    assert refused.value.problem == Problem.SAME_PERSON


@pytest.mark.parametrize("begins", [date(2026, 11, 22), date(2026, 1, 1)])
def test_nothing_begins_today_or_before(conn: Connection, begins: date) -> None:
    with pytest.raises(FieldRefused, match="expected a day after today"):
        propose(conn, version("next", begins))


def test_a_proposal_whose_day_has_come_is_not_put_in_force(conn: Connection) -> None:
    propose(conn, version("next", date(2026, 11, 24)))
    with pytest.raises(FieldRefused, match="expected a day after today"):
        put_in_force(conn, "next", now=NOW + timedelta(days=3))


def test_versions_follow_each_other(conn: Connection) -> None:
    for name, begins in (("a", TO_COME), ("b", TO_COME), ("c", TO_COME - timedelta(days=1))):
        propose(conn, version(name, begins))
    put_in_force(conn, "a")
    for name in ("b", "c"):
        with pytest.raises(FieldRefused, match="expected after 2027-01-01"):
            put_in_force(conn, name)


def test_a_version_is_named_once_and_decided_once(conn: Connection) -> None:
    propose(conn, version("next"))
    with pytest.raises(FieldRefused, match="version is next; expected a version that no proposal had"):
        propose(conn, version("next", base=90))
    with pytest.raises(FieldRefused, match="version is 2026-11-28"):
        propose(conn, TEXT.replace("in_force_from = 2026-01-01", f"in_force_from = {TO_COME}", 1))
    enacting.withdraw(conn, "next", note="thought better of it", by="lin", now=NOW)
    for step in (
        lambda: put_in_force(conn, "next"),
        lambda: enacting.withdraw(conn, "next", note="n", by="l", now=NOW),
    ):
        with pytest.raises(FieldRefused, match="expected a proposal that is undecided; this one is withdrawn"):
            step()
    with pytest.raises(NotFound):
        put_in_force(conn, "never")


def test_a_reason_is_given(conn: Connection) -> None:
    with pytest.raises(FieldRefused, match="note is missing"):
        enacting.propose(conn, version("next"), note=" ", by="lin", now=NOW, founding=TEXT, appeal_days=5)


def test_a_file_that_is_wrong_is_no_proposal(conn: Connection) -> None:
    with pytest.raises(BadFile, match="line 9: base is 200"):
        propose(conn, version("next", base=200))
    assert credit_rules.versions(conn) == []


@pytest.mark.parametrize("statement", ["UPDATE credit_rules SET content = ''", "DELETE FROM credit_rules_decisions"])
def test_the_database_refuses_to_change_a_version(conn: Connection, statement: str) -> None:
    propose(conn, version("next"))
    put_in_force(conn, "next")
    conn.commit()
    with pytest.raises(psycopg.Error, match="append"):
        conn.execute(statement.encode())
    conn.rollback()


def credit(environment: Mapping[str, str], *words: str) -> Ran:
    return run_here("credit", *words, environment=environment)


def test_the_command_checks_simulates_proposes_and_a_second_person_puts_in_force(
    database_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(database_url, autocommit=True) as conn:
        furnish(conn)
        conn.execute(
            "INSERT INTO users (username, display_name, password_hash, role) VALUES ('second', 'S', '', 'regulator')"
        )
    environment = {"STEELYARD_DATABASE_URL": database_url}
    file = tmp_path / "next.toml"
    file.write_text(version("next", date(2099, 1, 1), base=85), encoding="utf-8")
    assert "version next, in force from 2099-01-01" in credit(environment, "lint", str(file)).stdout
    days = ("--from", "2026-10-01", "--to", "2026-12-31")
    told = credit(environment, "simulate", "--rules", str(file), *days)
    assert "before: A " in told.stdout
    found = json.loads(credit(environment, "simulate", "--rules", str(file), *days, "--json").stdout)
    assert found["vendors"] == len({one["vendor"] for one in found["changes"]})
    assert {(one["before"]["tier"], one["after"]["tier"]) for one in found["changes"]} == {("A", "B")}
    assert credit(environment, "rules").stdout.count("as shipped") == 1
    by = ("--as", "regulator", "--note", "a lower base")
    assert "a second person" in credit(environment, "propose", "--rules", str(file), *by).stdout
    alone = credit(environment, "put-in-force", "next", *by)
    assert (alone.returncode, "somebody else than regulator" in alone.stderr) == (2, True)
    assert (
        "in force from 2099-01-01 on" in credit(environment, "put-in-force", "next", *by[:1], "second", *by[2:]).stdout
    )
    told = credit(environment, "rules", "--json")
    assert [(one["version"], one["state"]) for one in json.loads(told.stdout)["versions"]] == [
        ("2026-11-28", "in force"),
        ("next", "in force"),
    ]


def test_what_is_wrong_with_a_file_is_told_with_its_lines(tmp_path: Path) -> None:
    good, wrong = tmp_path / "good.toml", tmp_path / "wrong.toml"
    good.write_text(TEXT, encoding="utf-8")
    wrong.write_text(TEXT.replace("base = 100", "base = 200", 1), encoding="utf-8")
    ran = credit({}, "lint", str(good), str(wrong))
    assert ran.returncode == 1
    assert "base is 200; expected between floor 0 and ceiling 110" in ran.stderr
    assert "version 2026-11-28" in ran.stdout
    assert credit({}, "lint", str(tmp_path / "none.toml")).returncode == 1
