"""`steelyard complaints` and complaining at the fair scale, from the command line."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import Connection

from db import complaints
from tests.commands import Ran, run_here
from tests.complaint_acts import NOW, sell
from tests.web_world import HERE, file_one, furnish


@pytest.fixture
def market(database_url: str) -> Iterator[tuple[Connection, Mapping[str, str]]]:
    with psycopg.connect(database_url, autocommit=True) as conn:
        furnish(conn)
        yield conn, {"STEELYARD_DATABASE_URL": database_url}


def reweigh(environment: Mapping[str, str], actual_g: int, *more: str) -> Ran:
    words = ("--market", HERE, "--scale", f"{HERE}-s01", "--seq", "7", "--actual-g", str(actual_g))
    return run_here("reweigh", *words, "--fair-scale", "FS-1", "--by", "service desk", *more, environment=environment)


def test_complaints_are_listed_shown_and_tended(market: tuple[Connection, Mapping[str, str]]) -> None:
    conn, environment = market
    complaint_id = file_one(conn)
    listed = json.loads(run_here("complaints", "list", "--json", environment=environment).stdout)
    assert [one["complaint_id"] for one in listed["complaints"]] == [complaint_id]
    assert "138" not in json.dumps(listed), "contacts are never listed"
    shown = run_here("complaints", "show", str(complaint_id), environment=environment)
    assert "少了二两" in shown.stdout
    assert "complainant file short_weight" in shown.stdout
    assert run_here("complaints", "list", environment=environment).returncode == 0
    tended = run_here("complaints", "tend", environment=environment).stdout
    assert tended == "0 closed, 0 contacts removed, 0 sales linked, 0 told of as overdue\n"
    figures = json.loads(run_here("complaints", "figures", "--json", environment=environment).stdout)
    assert [(one["market_id"], one["received"], one["late"]) for one in figures["markets"]] == [(HERE, 1, 0)]


def test_a_complaint_that_is_not_there_is_one_sentence(market: tuple[Connection, Mapping[str, str]]) -> None:
    ran = run_here("complaints", "show", "4711", environment=market[1])
    assert (ran.returncode, ran.stderr) == (2, "steelyard: there is no complaint 4711\n")


def test_a_short_load_is_complained_about_with_one_key(market: tuple[Connection, Mapping[str, str]]) -> None:
    conn, environment = market
    sell(conn, 7)
    offered = reweigh(environment, 60)
    assert "short weight" in offered.stdout
    assert re.search(r"under /t/first/first-s01/j/7/[0-9A-Z]{22}$", offered.stdout.strip())
    filed = reweigh(environment, 60, "--contact", "13800138000", "--words", "少得太多")
    assert re.search(r"complaint \d+; the customer sees the answer under /c/\S{32}", filed.stdout)
    row = conn.execute(
        "SELECT c.channel, c.words, c.entered_by, r.actual_g, w.seq FROM complaints c"
        " JOIN reweighings r USING (reweighing_id) JOIN complaint_weighings w USING (complaint_id)"
    ).fetchall()
    assert row == [("fair_scale", "少得太多\nFS-1: 100 g → 60 g", "service desk", 60, 7)]


def test_a_load_within_the_tolerance_offers_nothing(market: tuple[Connection, Mapping[str, str]]) -> None:
    conn, environment = market
    sell(conn, 7)
    ran = reweigh(environment, 100, "--contact", "13800138000")
    assert "within the tolerance" in ran.stdout
    assert "complain" not in ran.stdout
    assert complaints.counts(conn, HERE, datetime.now(UTC)) == (0, 0)
    assert NOW.tzinfo is not None


def test_a_contact_that_is_none_is_refused_and_the_weighing_stays(
    market: tuple[Connection, Mapping[str, str]],
) -> None:
    conn, environment = market
    sell(conn, 7)
    ran = reweigh(environment, 60, "--contact", "nobody")
    assert ran.returncode == 2
    assert "contact is 'nobody'; expected a phone number" in ran.stderr
    assert conn.execute("SELECT count(*) FROM reweighings").fetchone() == (1,), "what was weighed is evidence"
