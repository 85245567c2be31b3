"""The clerk computes each month once, and regulators, nobody else, are told of trends that turned."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from psycopg import Connection

from credit.risk.duty import ComputingRisk
from db import letters, notice_people, risk_classes
from domain.errors import RuleViolation
from domain.ids import MarketId
from domain.notice import NewHappening, NoticeKind
from supervision.notices.digest import digest_of
from supervision.notices.telling import tell
from tests.at_once import meanwhile
from tests.notice_rig import clerk_connection, letters_of, prefer, work
from tests.risk_acts import POLICIES, confirm, weigh
from tests.web_world import ELSEWHERE, HERE, VENDOR, furnish
from tests.webhook_acts import register
from web.notice_mail import writer

DUE = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)  # the third of November in Sanya
EVERYBODY = ("manager", "regulator", "admin")


def work_once(conn: Connection, now: datetime) -> datetime | None:
    return ComputingRisk(POLICIES).run_once(conn, now)


def computed(conn: Connection, market: MarketId | None = None) -> list[date]:
    return risk_classes.months(conn, market)


@pytest.fixture
def world(database_url: str) -> Iterator[Connection]:
    with clerk_connection(database_url) as conn:
        furnish(conn)
        conn.execute("UPDATE scale_bindings SET valid = tstzrange('2024-11-01Z', NULL)")
        for month in range(4, 11):
            weigh(conn, VENDOR, date(2026, month, 20), 150, market_id=HERE)
        for day in range(1, 9):
            confirm(conn, VENDOR, date(2026, 10, day), permille=1500, market_id=HERE)
        for username in EVERYBODY:
            prefer(conn, username, DUE, quiet=None)
        yield conn


def test_a_month_is_computed_from_its_day_on_by_the_markets_own_clock(world: Connection) -> None:
    assert work_once(world, DUE - timedelta(seconds=1)) == DUE - timedelta(seconds=1) + timedelta(minutes=10)
    assert computed(world) == []
    work_once(world, DUE)
    assert computed(world, HERE) == computed(world, ELSEWHERE) == [date(2026, 10, 1)]
    work_once(world, DUE + timedelta(days=20))
    assert world.execute("SELECT count(*) FROM risk_runs").fetchone() == (2,)
    work_once(world, datetime(2026, 12, 5, tzinfo=UTC))
    assert computed(world) == [date(2026, 11, 1), date(2026, 10, 1)]


def test_it_looks_every_few_minutes_only(world: Connection) -> None:
    duty = ComputingRisk(POLICIES)
    duty.run_once(world, DUE - timedelta(minutes=5))
    assert duty.run_once(world, DUE) == DUE + timedelta(minutes=5)
    assert computed(world) == []
    duty.run_once(world, DUE + timedelta(minutes=5))
    assert computed(world) == [date(2026, 10, 1)]


def test_two_clerks_compute_it_once(world: Connection, database_url: str) -> None:
    def one(conn: Connection) -> None:
        work_once(conn, DUE)

    with psycopg.connect(database_url) as first:
        assert meanwhile(first, database_url, first=one, second=one) is None
    assert world.execute("SELECT count(*), count(DISTINCT market_id) FROM risk_runs").fetchone() == (2, 2)
    assert world.execute("SELECT count(*) FROM risk_classes").fetchone() == (2,)
    assert world.execute("SELECT count(*) FROM happenings WHERE kind = 'risk_turned'").fetchone() == (1,)


def risk_told(conn: Connection, username: str) -> list[str]:
    work(conn, DUE)
    ids = [letter.letter_id for letter in letters_of(conn, username)]
    return [one.kind for one in letters.counts(conn, ids) if one.kind == "risk_turned"]


def test_regulators_are_told_and_nobody_else(world: Connection) -> None:
    work_once(world, DUE)
    assert [risk_told(world, name) for name in EVERYBODY] == [[], ["risk_turned"], []]
    [letter] = letters_of(world, "regulator")
    (line,) = [one for one in letters.lines(world, [letter.letter_id], 50) if one.kind == "risk_turned"]
    assert (line.risk_month, line.market_id, line.market_name, line.note) == (
        date(2026, 10, 1),
        HERE,
        "三亚第一市场",
        "1",
    )


@pytest.mark.parametrize(("language", "said"), [("zh", "趋势转差"), ("en", "Trend turned")])
def test_an_e_mail_leads_to_the_month(world: Connection, language: str, said: str) -> None:
    work_once(world, DUE)
    risk_told(world, "regulator")
    [letter] = letters_of(world, "regulator")
    counts, lines = letters.counts(world, [letter.letter_id]), letters.lines(world, [letter.letter_id], 50)
    turned = [one for one in lines if one.kind == "risk_turned"]
    digest = digest_of([one for one in counts if one.kind == "risk_turned"], turned, replace(letter, items=1), 5)
    person = notice_people.by_username(world, "regulator")
    assert person is not None
    mail = writer("https://console.example", "Asia/Shanghai")(digest, person, language)
    assert said in mail.subject
    assert "三亚第一市场 · 2026-10" in mail.text
    assert "https://console.example/risk?market=first&month=2026-10" in mail.text
    assert 'href="https://console.example/risk?market=first&amp;month=2026-10"' in mail.html


def test_who_is_no_regulator_any_more_reads_it_no_more(world: Connection) -> None:
    work_once(world, DUE)
    assert risk_told(world, "regulator") == ["risk_turned"]
    world.execute("UPDATE users SET role = 'manager', market_id = %s WHERE username = 'regulator'", [HERE])
    assert risk_told(world, "regulator") == []
    [letter] = letters_of(world, "regulator")
    assert [one for one in letters.lines(world, [letter.letter_id], 50) if one.kind == "risk_turned"] == []


def test_the_database_takes_it_for_regulators_only(world: Connection) -> None:
    work_once(world, DUE)
    for to_role in (None, "manager"):
        wrong = NewHappening(
            kind=NoticeKind.RISK_TURNED,
            market_id=HERE,
            alert_id=None,
            at=DUE,
            to_role=to_role,
            risk_month=date(2026, 10, 1),
        )
        with pytest.raises(psycopg.errors.CheckViolation):
            tell(world, wrong)


def test_no_other_system_is_told(world: Connection) -> None:
    with pytest.raises(RuleViolation, match="risk_turned"):
        register(world, "http://127.0.0.1:9/", kinds=frozenset({NoticeKind.RISK_TURNED}))
