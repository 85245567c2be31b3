"""`steelyard risk`: computing, explaining and trying out from the command line."""

import json
from collections.abc import Iterator, Mapping
from datetime import date

import psycopg
import pytest
from psycopg import Connection

from tests.commands import run_here
from tests.factories import MARKET
from tests.risk_acts import confirm, settle, traded


@pytest.fixture
def market(database_url: str) -> Iterator[tuple[Connection, Mapping[str, str]]]:
    with psycopg.connect(database_url, autocommit=True) as conn:
        settle(conn)
        traded(conn, "V-1")
        for day in range(1, 9):
            confirm(conn, "V-1", date(2026, 10, day), permille=1500)
        yield conn, {"STEELYARD_DATABASE_URL": database_url}


def test_a_month_is_computed_once_and_a_dry_run_keeps_nothing(market: tuple[Connection, Mapping[str, str]]) -> None:
    conn, environment = market
    words = ("risk", "compute", "--month", "2026-10", "--json")
    tried = json.loads(run_here(*words, "--dry-run", environment=environment).stdout)
    assert tried == {
        "dry_run": True,
        "markets": [
            {
                "market_id": MARKET,
                "month": "2026-10",
                "computed": "now",
                "vendors": 3,
                "A": 0,
                "B": 2,
                "C": 0,
                "D": 1,
                "warnings": 1,
            }
        ],
    }
    kept = conn.execute(
        "SELECT (SELECT count(*) FROM risk_runs) + (SELECT count(*) FROM risk_classes)"
        " + (SELECT count(*) FROM risk_months) + (SELECT count(*) FROM risk_counted)"
        " + (SELECT count(*) FROM happenings WHERE kind = 'risk_turned')"
    ).fetchone()
    assert kept == (0,)
    assert json.loads(run_here(*words, environment=environment).stdout)["markets"] == tried["markets"]
    again = json.loads(run_here(*words, environment=environment).stdout)["markets"]
    assert again == [{"market_id": MARKET, "month": "2026-10", "computed": "before"}]
    said = run_here("risk", "compute", "--month", "2026-09", environment=environment).stdout
    assert said == f"{MARKET} 2026-09: computed now, vendors 3, A 1, B 2, C 0, D 0, warnings 0\n"


def test_a_class_is_explained_to_its_alerts(market: tuple[Connection, Mapping[str, str]]) -> None:
    conn, environment = market
    run_here("risk", "compute", "--month", "2026-10", environment=environment)
    asked = ("risk", "explain", "--market", MARKET, "--vendor", "V-1")
    found = json.loads(run_here(*asked, "--json", environment=environment).stdout)
    numbers = {row[0] for row in conn.execute("SELECT alert_id FROM alerts")}
    (part,) = found["parts"]
    assert (found["risk_class"], found["points"], part["uncut"]) == ("D", 40, 80)
    assert {fact["number"] for fact in part["facts"]} == numbers
    said = run_here(*asked, "--month", "2026-10", environment=environment).stdout
    assert "D for 2026-11, from 2026-10; 40 points" in said
    assert f"{min(numbers)} critical, 0 months before: 10.00" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("compute", "--month", "october"), "--month is october; expected a month as 2026-10"),
        (("compute", "--market", "nowhere"), "there is no market nowhere"),
        (("explain", "--market", MARKET, "--vendor", "V-2"), "no class was computed of vendor V-2"),
        (("compute", "--month", "2999-01"), "expected a month that is over"),
        (("backtest", "--vendors", "3"), "vendors is 3; expected 20 at least"),
        (("backtest", "--months", "5"), "months is 5; expected 16 at least"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    market: tuple[Connection, Mapping[str, str]], words: tuple[str, ...], said: str
) -> None:
    ran = run_here("risk", *words, environment=market[1])
    assert ran.returncode == 2
    assert said in ran.stderr


def test_the_back_test_needs_no_database_and_says_the_same_again() -> None:
    words = ("risk", "backtest", "--vendors", "60", "--months", "18", "--seed", "4")
    first = run_here(*words, "--json", environment={})
    assert (first.returncode, first.stderr) == (0, "")
    assert json.loads(first.stdout)["ranked"]["classed"] == 120
    assert run_here(*words, "--json", environment={}).stdout == first.stdout
    assert "in the worst decile" in run_here(*words, environment={}).stdout
