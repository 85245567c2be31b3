"""`steelyard credit`: putting on record, withdrawing, asking for repair and deciding, from the command line."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import Connection

from db import credit
from tests.commands import Ran, run_here
from tests.web_world import HERE, SHANGHAI, VENDOR, furnish

TODAY = datetime.now(UTC).astimezone(SHANGHAI).date().isoformat()
TAG = ("record", HERE, VENDOR, "no_price_tag", "--document", "巡-7", "--evidence", "未标价", "--day", TODAY)


@pytest.fixture
def world(database_url: str) -> Iterator[tuple[Connection, str]]:
    with psycopg.connect(database_url, autocommit=True) as conn:
        furnish(conn)
        yield conn, database_url


def steelyard(url: str, *words: str) -> Ran:
    return run_here("credit", *words, environment={"STEELYARD_DATABASE_URL": url})


def test_something_is_put_on_record_once_listed_and_withdrawn_by_another_person(world: tuple[Connection, str]) -> None:
    conn, url = world
    first = steelyard(url, *TAG, "--as", "manager")
    assert (first.returncode, first.stdout) == (0, f"1  put on record: no_price_tag -2 for {VENDOR}\n")
    again = json.loads(steelyard(url, *TAG, "--as", "manager", "--json").stdout)
    assert (again["record_id"], again["is_new"]) == (1, False)
    listed = json.loads(steelyard(url, "records", HERE, VENDOR, "--json").stdout)["records"]
    assert [(one["name"], one["recorded_by"]) for one in listed] == [("no_price_tag", "manager")]
    assert "巡-7 未标价" in steelyard(url, "records", HERE, VENDOR).stdout
    refused = steelyard(url, "withdraw", "1", "--reason", "x", "--as", "manager")
    assert (refused.returncode, "may not decide credit" in refused.stderr) == (2, True)
    done = steelyard(url, "withdraw", "1", "--reason", "写错了", "--as", "regulator")
    assert done.stdout == f"1  withdrawn: +2 for {VENDOR}\n"
    assert sum(one.points for one in credit.of_vendor(conn, HERE, VENDOR)) == 0
    assert "withdrawn by regulator" in steelyard(url, "records", HERE, VENDOR).stdout
    assert steelyard(url, "records", HERE, "V999").stdout == "nothing is on record\n"


def test_what_is_refused_names_field_value_and_expectation(world: tuple[Connection, str]) -> None:
    ran = steelyard(world[1], *TAG[:-1], "soon")
    assert (ran.returncode, ran.stderr) == (
        2,
        "steelyard: happened_on is 'soon'; expected a day like 2026-11-27\n",
    )


def test_repair_is_explained_asked_for_and_decided(world: tuple[Connection, str]) -> None:
    conn, url = world
    assert steelyard(url, "repairable", HERE, VENDOR).stdout == "no deduction counts\n"
    steelyard(url, *TAG, "--as", "manager")
    told = steelyard(url, "repairable", HERE, VENDOR).stdout
    assert "1  no_price_tag -2" in told
    assert "no   clean_days: not_" in told
    rows = json.loads(steelyard(url, "repairable", HERE, VENDOR, "--json").stdout)["repairable"]
    assert (rows[0]["event_id"], rows[0]["most"], len(rows[0]["conditions"])) == (1, 1, 6)
    asked = steelyard(url, "repair", HERE, VENDOR, "1", "--effort", "training", "--document", "培-7", "--about", "一天")
    assert asked.returncode == 2
    assert "clean_days" in asked.stderr
    assert steelyard(url, "repairs").stdout == "nothing stands so\n"
    conn.execute(
        "INSERT INTO credit_repairs (market_id, vendor_id, event_id, effort, document_no, document, words, applied_by,"
        " applied_at) VALUES (%s, %s, 1, 'training', 'n', 'd', '', 'v', now())",
        [HERE, VENDOR],
    )
    assert "no_price_tag -2" in steelyard(url, "repairs", "--market", HERE).stdout
    assert json.loads(steelyard(url, "repairs", "--json").stdout)["repairs"][0]["state"] == "applied"
    denied = steelyard(url, "decide", "1", "refuse", "--reason", "x", "--as", "manager")
    assert (denied.returncode, "only a regulator" in denied.stderr) == (2, True)
    assert steelyard(url, "decide", "1", "refuse", "--reason", "x", "--as", "regulator").stdout == "1  refused\n"
    assert steelyard(url, "repairable", "nowhere", VENDOR).returncode == 2
