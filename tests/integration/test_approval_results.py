"""What checks after approvals come to: done by one person at a time, sent back once, late ones first."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection, errors

from db.approvals import checks
from domain.approval import CheckAction, CheckResult
from domain.errors import IllegalTransition, NotFound, RuleViolation
from supervision.approvals import checking, exporting
from supervision.approvals.states import Move
from tests.approval_acts import CODE, FEEDING, OTHER_CODE, done, give, register
from tests.commands import run_here
from tests.factories import MARKET, NOW, put_market
from tests.waiting import wait_until
from tests.web_world import furnish


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    return conn


def test_two_checks_of_one_approval_are_not_reopened_at_once(database_url: str) -> None:
    again = Move(action=CheckAction.REOPEN, note="by mistake")

    def reopened(check_id: int) -> None:
        with psycopg.connect(database_url) as other:
            checking.act(other, check_id, again, actor="wang", now=NOW)

    with psycopg.connect(database_url) as one, psycopg.connect(database_url, autocommit=True) as watching:
        put_market(one)
        first, second = _two_done(one)
        one.commit()
        with ThreadPoolExecutor(1) as pool:
            with one.transaction():
                checking.act(one, first, again, actor="li", now=NOW)
                doing = pool.submit(reopened, second)
                waits = """SELECT count(*) FROM pg_locks JOIN pg_stat_activity a USING (pid)
                           WHERE NOT granted AND a.datname = current_database()"""
                wait_until(lambda: watching.execute(waits).fetchone() == (1,), what="the other to wait")
            with pytest.raises(IllegalTransition, match="another check"):
                doing.result(30)


def _two_done(conn: Connection) -> tuple[int, int]:
    first = give(conn).check_id
    assert first is not None
    done(conn, first)
    second = give(conn, scope="冷藏冷冻食品销售", changed_at="2026-11-12", act="changed").check_id
    assert second is not None
    done(conn, second)
    return first, second


def test_a_result_goes_back_once_and_corrected_it_goes_again(market: Connection) -> None:
    first, second = give(market), give(market, number="=N-2", subject_name="乙")
    assert first.check_id is not None
    assert second.check_id is not None
    with pytest.raises(RuleViolation, match="no result"):
        exporting.export(market, by="li", origin="", now=NOW)
    done(market, first.check_id)
    assert exporting.export(market, by="li", origin="", now=NOW) == 1
    done(market, second.check_id, CheckResult.DEVIATES, "卖的不是所批的")
    assert exporting.export(market, by="li", origin="", now=NOW) == 2
    with pytest.raises(RuleViolation, match="no result"):
        exporting.export(market, by="li", origin="", now=NOW)
    before = exporting.exported(market, 1)
    reason = Move(action=CheckAction.REOPEN, note="it was the wrong stall")
    checking.act(market, first.check_id, reason, actor="li", now=NOW)
    done(market, first.check_id, CheckResult.NOT_FOUND, "空摊")
    assert exporting.export(market, by="li", origin="", now=NOW) == 3
    assert exporting.exported(market, 1) == before
    told = [json.loads(exporting.exported(market, number).json)["results"] for number in (1, 2, 3)]
    assert [[(one["check_id"], one["result"], one["corrects"]) for one in export] for export in told] == [
        [(first.check_id, "conforms", None)],
        [(second.check_id, "deviates", None)],
        [(first.check_id, "not_found", 1)],
    ]
    [row] = csv.DictReader(io.StringIO(exporting.exported(market, 2).csv.decode("utf-8-sig")))
    assert (row["number"], row["note"]) == ("'=N-2", "卖的不是所批的")
    with pytest.raises(NotFound):
        exporting.exported(market, 4)
    with pytest.raises(errors.RestrictViolation), market.transaction():
        market.execute("UPDATE approval_exports SET csv = ''")


def test_two_who_export_at_once_share_nothing(database_url: str) -> None:
    with psycopg.connect(database_url) as one, psycopg.connect(database_url) as other:
        put_market(one)
        taken = give(one)
        assert taken.check_id is not None
        done(one, taken.check_id)
        one.commit()
        with one.transaction():
            assert exporting.export(one, by="li", origin="", now=NOW) == 1
            other.execute("SET lock_timeout = '200ms'")
            with pytest.raises(errors.LockNotAvailable), other.transaction():
                exporting.export(other, by="wang", origin="", now=NOW)
        with pytest.raises(RuleViolation, match="no result"):
            exporting.export(other, by="wang", origin="", now=NOW)


def test_what_is_overdue_comes_first_and_by_its_market(market: Connection) -> None:
    register(market, CODE)
    soon = give(market, kind="告知承诺")
    give(market, number="N-2", credit_code=OTHER_CODE)
    due = FEEDING.calendar.after(FEEDING.policy.today(NOW), 10)
    assert checks.awaited(market, checks.Which())[0] == (soon.check_id, soon.approval_id)
    assert checks.awaited(market, checks.Which(overdue_on=due)) == []
    assert len(checks.awaited(market, checks.Which(overdue_on=due + timedelta(days=1)))) == 1
    assert checks.counts(market, None, due + timedelta(days=1)) == (2, 1)
    assert checks.counts(market, MARKET, date(2027, 12, 1)) == (1, 1)
    assert checks.finished(market, checks.Which()) == []


def test_the_command_line_does_the_same(database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(database_url) as conn:
        furnish(conn)
    given = tmp_path / "周报.csv"
    given.write_text(
        f"发证机关,编号,类型,主体名称,信用代码,执照号,发证日期\n局,A-1,许可,甲,{CODE},110108000000016,2026-01-02\n",
        encoding="utf-8",
    )

    def run(*words: str) -> tuple[int, str, str]:
        ran = run_here("approvals", *words, environment={"STEELYARD_DATABASE_URL": database_url})
        return ran.returncode, ran.stdout, ran.stderr

    code, out, _ = run("import", str(given), "--as", "regulator", "--dry-run", "--json")
    assert (code, json.loads(out)["counts"]["new"]) == (0, 1)
    code, _, err = run("import", str(given), "--as", "manager")
    assert (code, "a manager, who may not handle approvals" in err) == (2, True)
    code, out, _ = run("import", str(given), "--as", "regulator")
    assert (code, "taken over; 1 checks" in out) == (0, True)
    code, out, _ = run("list", "--json")
    [check] = json.loads(out)["checks"]
    assert (code, check["number"], check["state"]) == (0, "A-1", "open")
    assert check["licence_no"] == "1101*******0016"
    with psycopg.connect(database_url) as conn:
        done(conn, check["check_id"])
    assert run("match")[1] == "0 matched\n"
    assert run("export", str(tmp_path), "--as", "regulator")[0] == 0
    written = tmp_path / "approval-check-results-000001.json"
    before = written.read_bytes()
    code, _, err = run("export", str(tmp_path), "--as", "regulator")
    assert (code, "no result" in err) == (2, True)
    assert run("export", str(tmp_path), "--number", "1", "--as", "regulator")[0] == 0
    assert written.read_bytes() == before
    given.write_text("发证机关,编号,主体名称\n局,A-1,\n", encoding="utf-8")
    code, _, err = run("import", str(given), "--as", "regulator")
    assert (code, "row 2, column C (subject_name): is missing" in err, "Traceback" in err) == (2, True, False)
