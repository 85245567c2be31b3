"""The life of an alert on its page and through the API: what is offered, what is refused, what is kept of it."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
from PIL import Image
from psycopg import Connection

from domain.alert import AlertKind, Severity
from domain.ids import SpeciesCode
from supervision.deadlines.sweep import sweep
from tests.alert_acts import POLICIES
from tests.integration.test_items import published as publish_items
from tests.web_service import furnished_service, visiting
from tests.web_world import SHANGHAI, Visitor, raise_alert, sign_in

PENALTY: dict[str, Any] = {
    "document_no": "琼三市监处罚〔2026〕18号",
    "authority": "三亚市市场监督管理局",
    "decision": "责令改正，罚款五千元",
}


def photo(width: int = 60) -> bytes:
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SECRET-MAKER"
    Image.new("RGB", (width, 40), (10, 120, 120)).save(written, "JPEG", exif=exif.tobytes())
    return written.getvalue()


class Desk:
    """A person at the pages of one alert."""

    def __init__(self, client: httpx.Client, visitor: Visitor, alert_id: int) -> None:
        self.client, self.visitor, self.alert_id = client, visitor, alert_id

    def page(self) -> str:
        return self.client.get(f"/alerts/{self.alert_id}").text

    def take(self, action: str, *, photos: tuple[bytes, ...] = (), **form: Any) -> httpx.Response:
        files = [("photo", (f"{n}.jpg", content, "image/jpeg")) for n, content in enumerate(photos)]
        data = {"csrf_token": self.visitor.csrf, **form}
        return self.client.post(f"/alerts/{self.alert_id}/{action}", data=data, files=files or None)

    def api(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/api/v1/alerts/{self.alert_id}", headers=self.visitor.bearer).json()
        return found


def today() -> date:
    return datetime.now(UTC).astimezone(SHANGHAI).date()


def test_from_a_lead_to_a_closed_breach_on_the_pages(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            desk = Desk(client, visitor, alert_id)
            assert "责令整改" not in desk.page()
            desk.take("acknowledge")
            assert desk.api()["assignee"] == "manager"
            desk.take("confirm")
            page = desk.page()
            for offered in ("责令整改", "移交监管部门", "登记申诉", "截止日期：", "撤销认定", "办结"):
                assert offered in page, offered
            due = (today() + timedelta(days=3)).isoformat()
            assert desk.take("order_rectification", due_on=due, note="退款").status_code == 303
            assert due in desk.page()
            missing = desk.take("report_rectified", note="已退款三位顾客")
            assert missing.status_code == 422
            assert "需要照片证明整改情况" in missing.text
            assert "已退款三位顾客</textarea>" in missing.text
            assert desk.take("report_rectified", photos=(photo(900),), note="已退款三位顾客").status_code == 303
            assert "已整改，待核查" in desk.page()
            [kept] = desk.api()["photos"]
            shown = client.get(f"/alerts/{alert_id}/photos/{kept['photo_id']}")
            assert shown.headers["content-type"] == "image/jpeg"
            assert b"SECRET-MAKER" not in shown.content
            assert client.get(f"/alerts/{alert_id}/photos/{kept['photo_id']}?small=true").content != shown.content
            assert client.get(f"/alerts/{alert_id}/photos/{kept['photo_id'] + 1}").status_code == 404
            desk.take("close")
            steps = [step["action"] for step in desk.api()["steps"]]
        assert steps == ["acknowledge", "confirm", "order_rectification", "attach", "report_rectified", "close"]


def test_a_photo_that_is_none_is_refused_with_what_was_typed_and_nothing_is_done(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            desk = Desk(client, visitor, alert_id)
            refused = desk.take("comment", photos=(photo(), b"GIF89a no photo"), note="看现场")
            assert refused.status_code == 422
            assert "这不是照片" in refused.text
            assert "看现场</textarea>" in refused.text
            assert (desk.api()["photos"], desk.api()["steps"]) == ([], [])
            assert desk.take("comment", photos=(photo(60), photo(70)), note="看现场").status_code == 303
            assert [step["action"] for step in desk.api()["steps"]] == ["attach", "attach", "comment"]
            assert desk.take("comment", photos=(photo(80),)).status_code == 303
            assert desk.take("attach", photos=(photo(90),)).status_code == 303
            assert desk.take("attach").status_code == 422
            assert len(desk.api()["photos"]) == 4
            empty = desk.take("comment")
            assert empty.status_code == 422


def test_the_second_of_two_is_told_who_did_what_and_keeps_what_they_wrote(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        first, second = sign_in(conn, "regulator"), sign_in(conn, "manager")
        with visiting(address, first) as one, visiting(address, second) as other:
            seen = Desk(other, second, alert_id).api()["revision"]
            Desk(one, first, alert_id).take("acknowledge")
            told = Desk(other, second, alert_id).take("confirm", note="现场看过", revision=seen)
            assert told.status_code == 409
            for said in ("有人先行处理", "regulator", "受理", "如仍需执行，请再次提交", "现场看过</textarea>"):
                assert said in told.text, said
            assert f'name="revision" value="{seen + 1}"' in told.text
            Desk(one, first, alert_id).take("dismiss", reason="device_fault")
            lost = Desk(other, second, alert_id).take("confirm", note="现场看过", revision=seen + 1)
            assert lost.status_code == 409
            assert "您填写的内容已保留在下方备注中" in lost.text
            assert "现场看过</textarea>" in lost.text
            api = other.post(
                f"/api/v1/alerts/{alert_id}/reopen", json={"note": "x", "revision": 0}, headers=second.bearer
            )
            assert (api.status_code, api.json()["type"]) == (409, "illegal_transition")


def test_a_refused_field_is_named_and_what_was_typed_stays(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "regulator")
        with visiting(address, visitor) as client:
            desk = Desk(client, visitor, alert_id)
            desk.take("confirm")
            for due in ("2020-01-01", "2026-13-45", "", "next week"):
                refused = desk.take("order_rectification", due_on=due, note="改价签")
                assert refused.status_code == 422, due
                assert "改价签</textarea>" in refused.text
                assert f'value="{due}"' in refused.text


def test_a_penalty_is_recorded_beside_an_alert_that_names_no_vendor(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn, kind=AlertKind.CLOCK_DRIFT, vendor_id=None)
        visitor = sign_in(conn, "regulator")
        with visiting(address, visitor) as client:
            desk = Desk(client, visitor, alert_id)
            desk.take("confirm")
            desk.take("escalate", note="第三次")
            for missing in PENALTY:
                form: dict[str, Any] = {**PENALTY, "decided_on": today().isoformat(), missing: " "}
                refused = desk.take("record_penalty", **form)
                assert refused.status_code == 422, missing
                for name, typed in PENALTY.items():
                    assert name == missing or typed in refused.text, (missing, name)
            assert desk.take("record_penalty", **PENALTY, decided_on="").status_code == 422
            assert desk.take("record_penalty", **PENALTY, decided_on=today().isoformat()).status_code == 303
            page = desk.page()
            for shown in PENALTY.values():
                assert shown in page
            api = desk.api()["steps"][-1]
            assert api["penalty"] == {**PENALTY, "decided_on": today().isoformat()}
            wrong = client.post(f"/api/v1/alerts/{alert_id}/appeal", json={"note": " "}, headers=visitor.bearer)
            assert (wrong.status_code, wrong.json()["field"]) == (422, "note")
            assert wrong.json()["detail"] == "note is missing; expected words that say why"


def test_the_page_of_an_alert_leads_to_the_case_that_decides_on_it(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "regulator")
        with visiting(address, visitor) as client:
            desk = Desk(client, visitor, alert_id)
            desk.take("confirm")
            desk.take("escalate", note="第三次")
            assert desk.api()["actions"] == ["appeal"]
            (listed,) = client.get("/api/v1/alerts?state=escalated", headers=visitor.bearer).json()["alerts"]
            assert listed["actions"] == ["appeal"]
            page = desk.page()
            assert "后续处理在案件中决定：" in page
            assert f"/alerts/{alert_id}/record_penalty" not in page
            refused = desk.take("record_penalty", **PENALTY, decided_on=today().isoformat())
            assert refused.status_code == 422
            for said in ("请在案件中登记决定", "the decision of case", 'href="/cases/'):
                assert said in refused.text, said
            body = {"penalty": {**PENALTY, "decided_on": today().isoformat()}}
            api = client.post(f"/api/v1/alerts/{alert_id}/record_penalty", json=body, headers=visitor.bearer)
            assert (api.status_code, api.json()["field"]) == (422, "action")


def test_words_of_a_step_whose_form_is_gone_stand_as_a_comment_and_photos_are_told_of(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "regulator")
        with visiting(address, visitor) as client:
            desk = Desk(client, visitor, alert_id)
            desk.take("confirm")
            desk.take("escalate", note="第三次")
            in_a_case = desk.take("record_penalty", **PENALTY, decided_on=today().isoformat())
            assert in_a_case.status_code == 422
            comment = in_a_case.text.split('id="note-comment"')[1].split("</textarea>")[0]
            for said in PENALTY.values():
                assert said in comment, said
            assert "您填写的内容已保留在下方备注中" in in_a_case.text
            closed = desk.take("close", note="已赔付", photos=(photo(),))
            assert "已赔付</textarea>" in closed.text
            assert "随附的照片已保存在该预警中" in closed.text
            no_photo = desk.take("comment", note="见附图", photos=(b"no photo",))
            assert "见附图</textarea>" in no_photo.text
            assert "请重新选择照片" in no_photo.text


def test_a_manager_records_an_appeal_and_another_decides_it(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        people = {name: sign_in(conn, name) for name in ("manager", "regulator", "admin")}
        with visiting(address, people["manager"]) as client:
            manager = Desk(client, people["manager"], alert_id)
            manager.take("confirm")
            assert manager.api()["appeal_until"] is not None
            manager.take("appeal", note="价签未及更换")
            page = manager.page()
            assert "申诉中：扣分尚未最终确定" in page
            assert "维持认定</button>" not in page
            assert manager.take("uphold", note="x").status_code == 403
            assert manager.api()["appeal_until"] is None
        with visiting(address, people["regulator"]) as client:
            regulator = Desk(client, people["regulator"], alert_id)
            assert "维持认定</button>" in regulator.page()
            regulator.take("overturn", note="清单公布晚于称重")
            assert "已退还 6 分" in regulator.page()


def test_duplicates_are_offered_shown_and_counted_together(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        other = raise_alert(conn, kind=AlertKind.AMOUNT_MISMATCH, species=SpeciesCode(""))
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            assert f'<option value="{alert_id}"' in Desk(client, visitor, other).page()
            Desk(client, visitor, other).take("merge", into=str(alert_id))
            merged = Desk(client, visitor, other).page()
            assert f'href="/alerts/{alert_id}"' in merged
            desk = Desk(client, visitor, alert_id)
            page = desk.page()
            assert 'name="seen" value="2"' in page
            assert "其中本条 1 次" in page
            assert desk.api()["merged"] == [other]
            listed = client.get("/").text
            assert f'data-alert="{other}"' not in listed
            assert f'data-alert="{other}"' in client.get("/?show=merged").text
            assert desk.take("confirm", seen="1").status_code == 409
            assert desk.take("confirm", seen="2").status_code == 303


def test_the_tabs_group_the_states_and_mine_are_mine(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        mine = raise_alert(conn)
        theirs = raise_alert(conn, kind=AlertKind.AMOUNT_MISMATCH, species=SpeciesCode(""))
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            Desk(client, visitor, mine).take("acknowledge")
            Desk(client, visitor, theirs).take("assign", assignee="regulator")
            Desk(client, visitor, mine).take("confirm")
            rows = {show: client.get(f"/?show={show}").text for show in ("awaiting", "mine", "in_progress", "finished")}
        shown = {show: [n for n in (mine, theirs) if f'data-alert="{n}"' in text] for show, text in rows.items()}
        assert shown == {"awaiting": [theirs], "mine": [mine], "in_progress": [mine], "finished": []}
        assert "regulator" in rows["awaiting"]


def test_the_page_and_the_list_show_what_is_due_and_what_is_overdue(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        people = {name: sign_in(conn, name) for name in ("manager", "regulator")}
        with visiting(address, people["manager"]) as client:
            desk = Desk(client, people["manager"], alert_id)
            assert "应受理" in desk.page()
            assert "剩余" in client.get(f"/alerts/{alert_id}/clock").text
            assert "应受理" in client.get("/").text
            assert [one["deadline"] for one in desk.api()["due"]] == ["respond", "decide"]
            conn.execute("UPDATE alerts SET due_since = now() - interval '9 days'")
            with_sweep(conn)
            assert "已逾期" in desk.page()
            assert f'data-alert="{alert_id}"' in client.get("/?show=overdue").text
            assert client.get("/handling").status_code == 403
            desk.take("dismiss", reason="false_positive")
            assert f'data-alert="{alert_id}"' not in client.get("/?show=overdue").text
        with visiting(address, people["regulator"]) as client:
            page = client.get("/handling").text
            for shown in ("预警处理情况", "三亚第一市场", "manager", "应受理", "100%"):
                assert shown in page, shown
            assert client.get("/handling?first=2026-01-01&last=2020-01-01").status_code == 422
            api = client.get("/api/v1/handling", headers=people["regulator"].bearer).json()
        here = next(one for one in api["markets"] if one["name"] == "三亚第一市场")
        assert (here["missed"], here["people"][0]["dismissed"]) == ({"respond": 1, "decide": 1}, 1)


def with_sweep(conn: Connection) -> None:
    sweep(conn, policy=POLICIES.supervision, severity_of=lambda _: Severity.LOW, now=datetime.now(UTC))
    conn.commit()


def test_an_alert_leads_to_its_item_and_a_regulator_has_it_inspected(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        publish_items(conn, at=datetime.now(UTC) - timedelta(days=3))
        conn.commit()
        people = {name: sign_in(conn, name) for name in ("manager", "regulator")}
        with visiting(address, people["manager"]) as client:
            page = Desk(client, people["manager"], alert_id).page()
            assert "/inspections/items/code/P01" in page
            assert "发起重点检查" not in page
        with visiting(address, people["regulator"]) as client:
            assert "发起重点检查" in Desk(client, people["regulator"], alert_id).page()
            form = {"csrf_token": people["regulator"].csrf}
            opened = client.post(f"/inspections/alerts/{alert_id}", data=form)
            assert opened.status_code == 303
            assert client.get(opened.headers["location"]).status_code == 200
