"""Approvals against a real register: taken in, matched, checked, and their results sent back."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from psycopg import Connection, errors

from db.approvals import checks, records
from domain.approval import CheckAction, CheckState, Feed
from domain.errors import BadFile, IllegalTransition, RuleViolation
from supervision.alerts.handling import SYSTEM
from supervision.approvals import checking
from supervision.approvals.judging import Arrival
from supervision.approvals.receiving import PlanChanged, preview, take_file, take_records
from supervision.approvals.states import Move
from tests.approval_acts import CODE, FEEDING, OTHER_CODE, RECORD, done, give
from tests.factories import NOW, put_market


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    return conn


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
