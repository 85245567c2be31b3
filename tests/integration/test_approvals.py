"""Approvals against a real register: taken in, matched, checked, and their results sent back."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection, errors

from db.approvals import checks, records
from db.register.events import Change
from domain.approval import CheckAction, CheckResult, CheckState, Feed
from domain.errors import BadFile, IllegalTransition, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from domain.register.records import Source, VendorIdentity
from supervision.alerts.handling import SYSTEM
from supervision.approvals import checking, exporting
from supervision.approvals.judging import Arrival
from supervision.approvals.policy import read_approvals_policy
from supervision.approvals.receiving import Feeding, PlanChanged, Taken, preview, take_file, take_records
from supervision.approvals.states import Move
from supervision.policy import read_supervision_policy
from supervision.register import changing
from tests.commands import run_here
from tests.factories import MARKET, NOW, put_market
from tests.waiting import wait_until
from tests.web_world import furnish

POLICY = Path(__file__).parents[2] / "policy"
CODE, OTHER_CODE = "91350100M000100Y43", "92460200MA5T1CXY0M"
FEEDING = Feeding(
    policy=read_approvals_policy(POLICY / "approvals.toml"),
    calendar=read_supervision_policy(POLICY / "supervision.toml").working_calendar,
    feed=Feed.API,
    by="office",
    now=NOW,
)
RECORD = {
    "authority": "三亚市行政审批服务局",
    "number": "JY14602000012345",
    "kind": "permit",
    "subject_name": "三亚阿海海鲜有限公司",
    "credit_code": CODE,
    "issued_on": "2026-11-02",
    "scope": "预包装食品销售",
    "changed_at": "2026-11-02 09:00",
}


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    return conn


def give(conn: Connection, **changed: str) -> Taken:
    [taken] = take_records(conn, [RECORD | changed], FEEDING)
    return taken


CHANGE = Change(by="li", at=NOW, because="a contract", source=Source.PAGE)


def register(
    conn: Connection, code: str, vendor_id: str = "V-77", *, market_id: MarketId = MARKET, licence_no: str = ""
) -> VendorId:
    identity = VendorIdentity(name="阿海", credit_code=code, licence_no=licence_no)
    changing.register_vendor(conn, market_id, VendorId(vendor_id), identity, CHANGE)
    return VendorId(vendor_id)


def done(conn: Connection, check_id: int, result: CheckResult = CheckResult.CONFORMS, note: str = "") -> None:
    checking.act(conn, check_id, Move(action=CheckAction.TAKE_UP), actor="wang", now=NOW)
    checking.act(conn, check_id, Move(action=CheckAction.CHECK, result=result, note=note), actor="wang", now=NOW)


def test_a_new_approval_opens_a_check_and_told_again_nothing(market: Connection) -> None:
    first = give(market)
    assert (first.planned.judged.arrival, first.version) == (Arrival.NEW, 1)
    assert first.check_id is not None
    check = checks.by_id(market, first.check_id)
    assert check is not None
    assert (check.state, check.due_on) == (CheckState.OPEN, FEEDING.calendar.after(FEEDING.policy.today(NOW), 20))
    again = give(market)
    assert (again.planned.judged.arrival, again.approval_id, again.check_id) == (
        Arrival.UNCHANGED,
        first.approval_id,
        None,
    )
    assert first.approval_id is not None
    assert len(records.versions(market, first.approval_id)) == 1
    [step] = checks.steps(market, first.check_id)
    assert (step.action, step.actor, step.origin) == (CheckAction.OPENED, SYSTEM, "api")


def test_a_change_is_a_version_whose_check_goes_on_without_more_time(market: Connection) -> None:
    first = give(market)
    later = replace(FEEDING, now=NOW + timedelta(days=5))
    [second] = take_records(
        market, [RECORD | {"act": "变更", "scope": "散装食品销售", "changed_at": "2026-11-10"}], later
    )
    assert (second.version, second.check_id) == (2, first.check_id)
    assert second.check_id is not None
    assert second.approval_id is not None
    check, [newest, _] = checks.by_id(market, second.check_id), records.versions(market, second.approval_id)
    assert check is not None
    assert (check.version, check.due_on) == (2, FEEDING.calendar.after(FEEDING.policy.today(NOW), 20))
    assert newest.changes["scope"] == ("预包装食品销售", "散装食品销售")
    done(market, check.check_id)
    third = give(market, scope="冷藏冷冻食品销售", changed_at="2026-11-12", act="changed")
    assert third.check_id not in (None, check.check_id)


def test_what_came_late_is_kept_and_never_holds(market: Connection) -> None:
    give(market, changed_at="2026-11-10")
    late = give(market, scope="older", changed_at="2026-11-05")
    assert (late.planned.judged.arrival, late.version, late.check_id) == (Arrival.LATE, 2, None)
    assert late.approval_id is not None
    stored = records.by_id(market, late.approval_id)
    assert stored is not None
    assert (stored.version, stored.approval.scope) == (1, RECORD["scope"])
    assert records.versions(market, late.approval_id)[0].is_late
    assert give(market, scope="older", changed_at="2026-11-05").planned.judged.arrival is Arrival.UNCHANGED
    newer = give(market, scope="newer", changed_at="2026-11-11")
    assert (newer.version, newer.planned.judged.arrival) == (3, Arrival.CHANGED)


def test_told_again_as_of_a_later_moment_what_lies_between_is_late(market: Connection) -> None:
    give(market)
    give(market, changed_at="2026-11-20")
    assert give(market, scope="between", changed_at="2026-11-10").planned.judged.arrival is Arrival.LATE


def test_other_content_of_the_same_moment_is_refused_and_nothing_overwritten(market: Connection) -> None:
    first = give(market)
    refused = give(market, scope="another")
    assert (refused.planned.judged.arrival, refused.approval_id) == (Arrival.REFUSED, None)
    assert "changed_at is 2026-11-02T09:00:00+08:00, as what is known" in str(refused.planned.problems[0])
    assert "changed_at is missing, while" in str(give(market, scope="another", changed_at="").planned.problems[0])
    assert first.approval_id is not None
    assert len(records.versions(market, first.approval_id)) == 1


def test_an_immaterial_change_is_a_version_without_a_check(market: Connection) -> None:
    first = give(market)
    assert first.check_id is not None
    done(market, first.check_id)
    second = give(market, issued_on="2026-11-01", changed_at="2026-11-10")
    assert (second.version, second.check_id) == (2, None)


def test_a_cancelled_approval_withdraws_its_check(market: Connection) -> None:
    first = give(market)
    assert first.check_id is not None
    cancelled = give(market, act="注销", changed_at="2026-11-12")
    check = checks.by_id(market, first.check_id)
    assert check is not None
    assert (cancelled.check_id, check.state) == (None, CheckState.WITHDRAWN)
    assert "cancelled by 三亚市行政审批服务局: version 2" in checks.steps(market, first.check_id)[-1].note
    assert give(market, number="N-2", act="cancelled").check_id is None
    back = give(market, changed_at="2026-11-13")
    assert back.check_id not in (None, first.check_id)
    with pytest.raises(IllegalTransition, match="another check"):
        checking.act(market, first.check_id, Move(action=CheckAction.REOPEN, note="by mistake"), actor="wang", now=NOW)


def test_one_number_of_two_offices_is_two_approvals(market: Connection) -> None:
    assert give(market).approval_id != give(market, authority="海口市市场监督管理局").approval_id


def test_a_wrong_record_keeps_no_other_out_and_a_number_twice_is_refused(market: Connection) -> None:
    taken = take_records(
        market,
        [RECORD, RECORD | {"scope": "x"}, RECORD | {"number": "N-2", "credit_code": "91350100M000100Y44"}],
        FEEDING,
    )
    assert [one.planned.judged.arrival for one in taken] == [Arrival.NEW, Arrival.REFUSED, Arrival.REFUSED]
    assert "stands in the file twice, first in row 1" in str(taken[1].planned.problems[0])
    assert str(taken[2].planned.problems[0]).startswith("credit_code ends in 4")
    for count in (0, 501):
        with pytest.raises(RuleViolation, match=f"records has {count}; expected 1 to 500"):
            take_records(market, [RECORD] * count, FEEDING)


@pytest.mark.parametrize("field", ["number", "subject_name", "scope", "licence_no"])
def test_the_number_of_an_identity_card_is_refused_in_every_field_and_not_kept(market: Connection, field: str) -> None:
    card = "11010119900307 4477"
    refused, taken = take_records(market, [RECORD | {field: card}, RECORD | {"number": "N-2"}], FEEDING)
    assert (refused.approval_id, taken.version) == (None, 1)
    assert str(refused.planned.problems[0]) == f"{field} is the number of an identity card, which is not kept"
    [content] = market.execute("SELECT convert_from(content, 'UTF8') FROM approval_receipts").fetchall()
    assert "N-2" in content[0]
    assert card not in content[0]


def test_a_file_is_looked_at_taken_over_whole_and_the_same_again_changes_nothing(market: Connection) -> None:
    content = (
        "三亚市审批结果公示,,,,,,\n发证机关,许可证编号,许可类型,主体名称,统一社会信用代码,发证日期,备注\n"
        f"审批局,A-1,食品经营许可证,甲,{CODE},2026/11/2,x\n审批局,A-2,备案,乙,{OTHER_CODE},2026年11月3日,\n"
    ).encode("gb18030")
    feeding = replace(FEEDING, feed=Feed.FILE)
    plan = preview(market, "周报.csv", content, feeding)
    assert (plan.counts[Arrival.NEW], [one.title for one in plan.ignored]) == (2, ["备注"])
    assert records.receipts(market) == []
    taken = take_file(market, "周报.csv", content, feeding, expected=plan.digest)
    assert [one.version for one in taken] == [1, 1]
    with pytest.raises(PlanChanged):
        take_file(market, "周报.csv", content, feeding, expected=plan.digest)
    take_file(market, "周报.csv", content, feeding, expected=None)
    [again, first] = records.receipts(market)
    assert ((first.added, first.unchanged), (again.added, again.unchanged)) == ((2, 0), (0, 2))
    assert first.digest == again.digest
    wrong = f"发证机关,编号,类型,主体名称,信用代码,发证日期\n局,B-1,许可,甲,{CODE},2026-11-02\n局,B-2,牌照,乙,,\n"
    with pytest.raises(BadFile) as refused:
        take_file(market, "w.csv", wrong.encode(), feeding, expected=None)
    told = str(refused.value)
    assert "row 3, column C (kind): is 牌照; expected licence (营业执照)" in told
    assert "row 3, column F (issued_on): is missing" in told
    assert "row 3, column E (credit_code): is missing, and so is the licence number" in told
    assert checks.by_number(market, "B-", None) == []


def test_what_a_program_tells_again_leaves_nothing(market: Connection) -> None:
    give(market)
    for _ in range(3):
        give(market)
        give(market, kind="no kind")
    [receipt] = records.receipts(market)
    assert (receipt.added, receipt.unchanged) == (1, 0)


def test_whoever_takes_a_file_over_holds_up_nobody_who_hands_in(database_url: str) -> None:
    with psycopg.connect(database_url) as person, psycopg.connect(database_url) as program:
        put_market(person)
        old = records.put_receipt(person, Feed.FILE, "w.csv", b"x", by="li", at=NOW - timedelta(days=2))
        person.commit()
        with person.transaction():
            assert records.waiting(person, old, by="li") is not None
            program.execute("SET lock_timeout = '200ms'")
            assert give(program).version == 1
            program.commit()


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


def test_what_was_received_and_told_stays(market: Connection) -> None:
    give(market)
    for statement in (
        "UPDATE approval_versions SET scope = ''",
        "DELETE FROM approval_check_steps",
        "DELETE FROM approval_receipts",
        "UPDATE approval_receipts SET name = 'x'",
    ):
        with pytest.raises(errors.RestrictViolation), market.transaction():
            market.execute(statement)


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
