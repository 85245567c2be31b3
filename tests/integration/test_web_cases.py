"""Cases and the publicity list over HTTP: what each role sees, what a refusal leaves in the form, what anybody sees."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from psycopg import Connection

from db import accounts, cases, notice_people
from domain.alert_step import AlertAction
from steelyard.resources import policy_directory
from supervision.alerts.handling import Actor
from supervision.alerts.states import Authority
from supervision.cases.verifying import verify
from supervision.publicity.policy import read_publicity_policy
from supervision.publicity.publishing import publish_final
from tests.alert_acts import POLICIES, act
from tests.notice_rig import clerk_connection, letters_of, prefer, work
from tests.web_service import furnished_service, visiting
from tests.web_world import ELSEWHERE, HERE, HOSTILE_VENDOR, raise_alert, sign_in
from web.notice_mail import writer
from web.notices import with_digests

PUBLICITY = read_publicity_policy(policy_directory() / "publicity.toml")
DECIDED = {
    "outcome": "penalised",
    "document_no": "琼三市监处罚〔2026〕18号",
    "authority": "三亚市市场监督管理局",
    "decided_on": "2026-11-20",
    "decision": "责令改正，罚款",
    "basis_code": "guided_price",
    "kind": "fine",
    "amount": "5000.00",
}


def escalated(conn: Connection, market_id: object = HERE) -> int:
    alert_id = (
        raise_alert(conn) if market_id == HERE else raise_alert(conn, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
    )
    manager = Actor(username="manager", authority=Authority.MARKET, origin="127.0.0.1")
    now = datetime.now(UTC)
    act(conn, alert_id, AlertAction.CONFIRM, by=manager, now=now)
    act(conn, alert_id, AlertAction.ESCALATE, by=manager, now=now, note="again above the cap")
    case_id = cases.case_of_alert(conn, alert_id)
    conn.commit()
    assert case_id is not None
    return case_id


def test_a_case_is_investigated_told_and_decided_and_nothing_typed_is_lost(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        case_id = escalated(conn)
        visitor = sign_in(conn, "regulator")
        token = {"csrf_token": visitor.csrf}
        with visiting(address, visitor) as client:
            page = client.get(f"/cases/{case_id}").text
            for shown in ("已立案", "《价格违法行为行政处罚规定》第九条", "未收录", "转述，未核对原文"):
                assert shown in page, shown
            early = client.post(f"/cases/{case_id}/decision", data={**token, **DECIDED})
            assert early.status_code == 422
            for shown in ("须先告知当事人", DECIDED["document_no"], "5000.00"):
                assert shown in early.text, shown
            wordless = client.post(f"/cases/{case_id}/steps/comment", data=token)
            assert (wordless.status_code, "<b>备注：" in wordless.text) == (422, True)
            for action in ("investigate", "notify"):
                done = client.post(f"/cases/{case_id}/steps/{action}", data={**token, "note": "已送达告知书"})
                assert done.status_code == 303, done.text
            late = client.post(f"/cases/{case_id}/decision", data={**token, **DECIDED, "revision": "0"})
            assert late.status_code == 409
            assert DECIDED["decision"] in late.text
            wrong = client.post(f"/cases/{case_id}/decision", data={**token, **DECIDED, "amount": "much"})
            assert (wrong.status_code, "much" in wrong.text) == (422, True)
            assert "<b>文书所载金额（元，可选）：金额以元为单位" in wrong.text
            done = client.post(f"/cases/{case_id}/decision", data={**token, **DECIDED})
            assert done.status_code == 303, done.text
            assert "已作出决定" in client.get(f"/cases/{case_id}").text
            assert f"/cases/{case_id}" in client.get("/cases?state=decided").text


def test_a_second_decider_stands_on_the_case_by_name_and_finds_it_below_the_bell_and_in_the_mail(
    database_url: str,
) -> None:
    with furnished_service(database_url) as (address, conn):
        case_id = escalated(conn)
        accounts.put_user(
            conn, username="chen", display_name="陈同志", password_hash="", role="regulator", market_id=None
        )
        conn.commit()
        visitor = sign_in(conn, "regulator")
        with visiting(address, visitor) as client:
            token = {"csrf_token": visitor.csrf, "note": "已送达告知书"}
            for action in ("investigate", "notify"):
                client.post(f"/cases/{case_id}/steps/{action}", data=token)
            done = client.post(f"/cases/{case_id}/decision", data={**token, **DECIDED, "together_with": "chen"})
            assert done.status_code == 303, done.text
            assert '陈同志 <span class="login mono">chen</span>' in client.get(f"/cases/{case_id}").text
        now = datetime.now(UTC)
        prefer(conn, "chen", now, quiet=None)
        conn.commit()
        with clerk_connection(database_url) as clerk:
            work(clerk, now)
            [line] = with_digests(clerk, letters_of(clerk, "chen"), 5)
            person = notice_people.by_username(clerk, "chen")
        colleague = sign_in(conn, "chen")
        with visiting(address, colleague) as client:
            page = client.get("/notices").text
            for shown in (
                f'href="/cases/{case_id}"',
                "案件决定将您列为共同决定人",
                DECIDED["document_no"],
                "已作出决定",
            ):
                assert shown in page, shown
            named = client.get("/api/v1/notices", headers=colleague.bearer).json()["notices"][0]["named"]
            assert case_id in [item["case_id"] for item in named]
        assert person is not None
        mail = writer("https://console.example", "Asia/Shanghai")(line.digest, person, "zh")
        for text in (mail.text, mail.html):
            assert f"https://console.example/cases/{case_id}" in text
            assert DECIDED["document_no"] in text


def test_a_step_that_does_not_follow_is_told_as_that_and_not_as_somebody_faster(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        case_id = escalated(conn)
        visitor = sign_in(conn, "regulator")
        with visiting(address, visitor) as client:
            form = {"csrf_token": visitor.csrf, "note": "退回材料", "revision": "0"}
            late = client.post(f"/cases/{case_id}/steps/close", data=form)
            assert (late.status_code, "已有他人先行处理" in late.text) == (409, True)
            del form["revision"]
            wrong = client.post(f"/cases/{case_id}/steps/close", data=form)
            assert (wrong.status_code, "已有他人先行处理" in wrong.text) == (409, False)
            for said in (
                "案件处于“已立案”时不能“结案”",
                "当前可进行：",
                "开始调查",
                "cannot close a case that is opened",
            ):
                assert said in wrong.text, said
            for action in ("decide", "reopen"):
                answer = client.post(f"/cases/{case_id}/steps/{action}", data=form)
                assert "金额仅" not in answer.text
            api = client.post(f"/api/v1/cases/{case_id}/steps/close", json={}, headers=visitor.bearer)
            assert (api.status_code, "possible: investigate, decide" in api.json()["detail"]) == (409, True)


def test_what_was_typed_into_a_form_that_is_gone_is_not_lost(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        case_id = escalated(conn)
        visitor = sign_in(conn, "regulator")
        token = {"csrf_token": visitor.csrf}
        with visiting(address, visitor) as client:
            for action in ("investigate", "notify"):
                client.post(f"/cases/{case_id}/steps/{action}", data={**token, "note": "已送达告知书"})
            assert client.post(f"/cases/{case_id}/decision", data={**token, **DECIDED}).status_code == 303
            heard = client.post(f"/cases/{case_id}/steps/hear", data={**token, "note": "当事人称秤已送修"})
            assert heard.status_code == 409
            comment = heard.text.split('id="note-comment"')[1].split("</textarea>")[0]
            assert "当事人称秤已送修" in comment
            again = client.post(f"/cases/{case_id}/decision", data={**token, **DECIDED, "document_no": "另一号"})
            assert again.status_code == 409
            for said in ("您填写的内容", "另一号", DECIDED["decision"], DECIDED["authority"]):
                assert said in again.text, said
            repair = {"corrected": "价签已更换", "duties": "罚款已缴", "promise": "不再超价"}
            now = datetime.now(UTC) + timedelta(days=30)
            assert publish_final(conn, now, policy=PUBLICITY, supervision=POLICIES.supervision) == 1
            conn.execute("UPDATE publicity_entries SET taken_off_at = now(), taken_off_why = 'revoked'")
            conn.commit()
            late = client.post("/publicity/1/repairs", data={**token, **repair})
            assert late.status_code == 409
            for said in ("您填写的内容", *repair.values()):
                assert said in late.text, said


def test_a_bundle_is_for_regulators_and_each_download_stands_in_the_log(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        case_id = escalated(conn)
        visitor, manager = sign_in(conn, "regulator"), sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            client.post(f"/cases/{case_id}/bundles", data={"csrf_token": visitor.csrf})
            (line,) = cases.bundles_of(conn, case_id)
            path = f"/cases/{case_id}/bundles/{line.bundle_id}"
            bundle = client.get(path).content
            assert sha256(bundle).hexdigest() == line.sha256
            assert verify(bundle, "b.zip", line.sha256).problems == ()
            assert client.get(f"/cases/{case_id}/bundles/{line.bundle_id + 1}").status_code == 404
        with visiting(address, manager) as client:
            assert client.get(path).status_code == 403
            page = client.get(f"/cases/{case_id}").text
            assert line.sha256 not in page.replace(f"SHA-256 {line.sha256}</p>", "")
        conn.rollback()
        assert [one.by for one in cases.downloads_of(conn, case_id)] == ["regulator"]


def test_a_manager_sees_no_case_of_another_market(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        case_id = escalated(conn, ELSEWHERE)
        with visiting(address, sign_in(conn, "manager")) as client:
            assert client.get(f"/cases/{case_id}").status_code == 404
            assert client.get(f"/api/v1/cases/{case_id}").status_code == 404
            assert f"/cases/{case_id}" not in client.get("/cases").text


@pytest.mark.parametrize("granted", [True, False])
def test_repair_is_asked_for_and_decided_and_anybody_reads_what_is_public(database_url: str, granted: bool) -> None:
    with furnished_service(database_url) as (address, conn):
        case_id = escalated(conn)
        visitor = sign_in(conn, "regulator")
        token = {"csrf_token": visitor.csrf}
        with visiting(address, visitor) as client, visiting(address) as anybody:
            for action in ("investigate", "notify"):
                client.post(f"/cases/{case_id}/steps/{action}", data={**token, "note": "已告知"})
            assert client.post(f"/cases/{case_id}/decision", data={**token, **DECIDED}).status_code == 303
            assert DECIDED["document_no"] not in anybody.get("/penalties").text
            became_final(conn)
            page = anybody.get("/penalties")
            assert page.headers["X-Robots-Tag"]
            for shown in (DECIDED["document_no"], "《价格违法行为行政处罚规定》第九条", DECIDED["decision"]):
                assert shown in page.text, shown
            (entry,) = client.get("/api/v1/publicity").json()
            path = f"/publicity/{entry['entry_id']}/repairs"
            said = {"corrected": "已改正", "duties": "已缴纳", "promise": ""}
            refused = client.post(path, data={**token, **said})
            assert (refused.status_code, "已缴纳" in refused.text) == (422, True)
            assert client.post(path, data={**token, **said, "promise": "不再发生"}).status_code == 303
            assert client.post(path, data={**token, **said, "promise": "不再发生"}).status_code == 409
            repair = conn.execute("SELECT repair_id FROM publicity_repairs").fetchone()
            conn.rollback()
            assert repair is not None
            answer = {**token, "reason": "条件已核实", "grant": str(granted).lower()}
            early = client.post(f"{path}/{repair[0]}", data={**answer, "grant": "true"})
            assert (early.status_code, "尚未到可修复日期" in early.text) == (422, True)
            if granted:
                conn.execute("ALTER TABLE publicity_entries DISABLE TRIGGER publicity_entries_kept")
                conn.execute("UPDATE publicity_entries SET repairable_from = published_from")
                conn.execute("ALTER TABLE publicity_entries ENABLE TRIGGER publicity_entries_kept")
                conn.commit()
            assert client.post(f"{path}/{repair[0]}", data=answer).status_code == 303
            assert (DECIDED["document_no"] in anybody.get("/penalties").text) is not granted
            assert (DECIDED["document_no"] in client.get("/publicity?off=true").text) is granted


def became_final(conn: Connection) -> None:
    """As if the penalty had been recorded a month ago, so that its days of appeal are over today."""
    conn.execute("ALTER TABLE alert_steps DISABLE TRIGGER alert_steps_append_only")
    conn.execute("UPDATE alert_steps SET at = %s WHERE action = 'record_penalty'", [datetime.now(UTC) - timedelta(30)])
    conn.execute("ALTER TABLE alert_steps ENABLE TRIGGER alert_steps_append_only")
    conn.commit()
    policy = read_publicity_policy(policy_directory() / "publicity.toml")
    assert publish_final(conn, datetime.now(UTC), policy=policy, supervision=POLICIES.supervision) == 1
    conn.commit()
