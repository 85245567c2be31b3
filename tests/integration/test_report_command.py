"""`steelyard report`: issued, listed, written and verified from the command line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection

from tests.commands import run_here
from tests.web_world import HERE, VENDOR, furnish

Market = tuple[Connection, Mapping[str, str]]
OF_VENDOR = ("vendor", "--market", HERE, "--vendor", VENDOR)


@pytest.fixture
def market(database_url: str) -> Iterator[Market]:
    with psycopg.connect(database_url, autocommit=True) as conn:
        furnish(conn)
        yield conn, {"STEELYARD_DATABASE_URL": database_url, "STEELYARD_PUBLIC_URL": "https://console.example"}


def test_a_report_goes_from_the_command_line_to_a_file_and_back(market: Market, tmp_path: Path) -> None:
    _, environment = market
    issued = json.loads(
        run_here(
            "report", "issue", *OF_VENDOR, "--public", "--as", "regulator", "--json", environment=environment
        ).stdout
    )
    assert (issued["about"], issued["variant"], issued["issued_by"]) == ("vendor", "public", "regulator")
    for form in ("pdf", "xlsx", "csv", "json"):
        file = tmp_path / f"report.{form}"
        assert run_here("report", "write", "1", str(file), environment=environment).returncode == 0
        checked = run_here("report", "verify", issued["code"], str(file), environment=environment)
        assert checked.returncode == 0, checked.stdout
    (tmp_path / "report.csv").write_text("altered")
    altered = run_here("report", "verify", issued["code"], str(tmp_path / "report.csv"), environment=environment)
    assert (altered.returncode, "other" in altered.stdout) == (1, True)
    by_digest = run_here("report", "verify", issued["code"], "--digest", issued["sha256"], environment=environment)
    assert "content" in by_digest.stdout
    listed = json.loads(run_here("report", "list", "--json", environment=environment).stdout)
    assert [one["code"] for one in listed["reports"]] == [issued["code"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("issue", "vendor", "--market", "nowhere", "--vendor", "V001"), "--market"),
        (("issue", "vendor", "--market", HERE), "--vendor"),
        (("issue", "vendor", "--market", HERE, "--vendor", "V404"), "no vendor V404"),
        (("issue", "city", "--as", "manager"), "may not report on city"),
        (("issue", *OF_VENDOR, "--first", "2026-02-30", "--last", "2026-03-01"), "2026-02-30"),
        (("write", "1", "report.docx"), ".docx"),
        (("write", "1", "report.json"), "no report 1"),
        (("write", "1", "report.pdf", "--language", "fr"), "'fr'"),
        (("verify", "000000000000"), "no report with the code"),
        (("verify", "short"), "no report with the code"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_done_is_said(market: Market, words: tuple[str, ...], said: str) -> None:
    _, environment = market
    ran = run_here("report", *words, environment=environment)
    assert ran.returncode != 0
    assert said in ran.stderr
