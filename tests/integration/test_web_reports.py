"""Credit reports in a browser: asked for, read, taken away, and verified by a stranger."""

import hashlib
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from openpyxl import load_workbook
from psycopg import Connection

from domain.alert import AlertKind
from domain.alert_step import AlertAction
from supervision.alerts.handling import Actor
from supervision.alerts.states import Authority
from tests.alert_acts import act
from tests.web_service import furnished_service, visiting
from tests.web_world import ELSEWHERE, HERE, HOSTILE_VENDOR, VENDOR, Visitor, raise_alert, sign_in

Furnished = tuple[str, Connection]
SOON = {"period": "this_cycle", "variant": "inner"}
HERES = Actor(username="manager", authority=Authority.MARKET, market_id=HERE, origin="127.0.0.1")


@pytest.fixture
def furnished(database_url: str) -> Iterator[Furnished]:
    with furnished_service(database_url) as (address, conn):
        yield address, conn


def post(client: httpx.Client, visitor: Visitor, **fields: str) -> httpx.Response:
    return client.post("/reports", data={"csrf_token": visitor.csrf, **SOON, **fields})


def issue(client: httpx.Client, visitor: Visitor, **fields: str) -> str:
    answer = post(client, visitor, **{"about": "vendor", "market": HERE, "vendor": VENDOR, **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def code_of(client: httpx.Client, report: str) -> str:
    return str(json.loads(client.get(f"{report}/file/json").content)["code"])


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_report_is_issued_read_and_taken_away_in_every_form(furnished: Furnished) -> None:
    address, conn = furnished
    act(conn, raise_alert(conn), AlertAction.CONFIRM, by=HERES, now=datetime.now(UTC))
    visitor = sign_in(conn, "manager")
    with visiting(address, visitor) as client:
        report = issue(client, visitor)
        page = client.get(report).text
        pdf, xlsx, csv, data = (client.get(f"{report}/file/{form}") for form in ("pdf", "xlsx", "csv", "json"))
        again = client.get(f"{report}/file/pdf")
    points = json.loads(data.content)["lines"][0]["points"]
    assert "阿海海鲜档" in page
    assert f"−{-points}" in page
    assert pdf.content.startswith(b"%PDF")
    assert pdf.content == again.content
    assert f"{points}" in csv.text
    assert csv.text.startswith("\ufeff")
    sheet = load_workbook(io.BytesIO(xlsx.content))["每一分的来源"]
    assert sheet.cell(2, 4).value == points
    assert "attachment" in pdf.headers["content-disposition"]


def test_a_manager_reports_on_the_market_and_not_on_others_or_the_city(furnished: Furnished) -> None:
    address, conn = furnished
    manager, regulator = sign_in(conn, "manager"), sign_in(conn, "regulator")
    with visiting(address, regulator) as client:
        elsewhere = issue(client, regulator, market=ELSEWHERE, vendor=HOSTILE_VENDOR)
        city = issue(client, regulator, about="city")
        assert client.get(city).status_code == 200
    with visiting(address, manager) as client:
        assert client.get(issue(client, manager, about="market", vendor="")).status_code == 200
        assert post(client, manager, about="city").status_code == 403
        assert post(client, manager, about="market", market=ELSEWHERE).status_code == 404
        for report in (elsewhere, city):
            for path in (report, f"{report}/file/json", f"{report}/file/pdf", f"{report}/qr.svg"):
                assert client.get(path).status_code == 404
        listed = client.get("/reports").text
    assert "/reports/3" in listed
    assert "/reports/1" not in listed
    assert "/reports/2" not in listed


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"vendor": "V 404"}, "本市场没有商户 V 404。"),
        ({"vendor": " "}, "请填写商户编号。"),
        ({"period": "days", "first": "2026-13-01", "last": "2026-10-02"}, "2026-13-01"),
        ({"period": "days", "first": "2026-10-05", "last": "2026-10-02"}, "晚于截止日"),
        ({"period": "days", "first": "2026-10-05", "last": "2999-10-02"}, "不能晚于今天"),
        ({"period": "days", "first": "2020-10-05", "last": "2026-10-02"}, "超过一年"),
        ({"period": "days", "first": "0001-01-01", "last": "0001-01-02"}, "请选择更晚的日期"),
    ],
    ids=["no such vendor", "no vendor", "no day", "turned round", "to come", "too long", "too early"],
)
def test_what_cannot_be_reported_on_is_told_and_nothing_typed_is_lost(
    furnished: Furnished, fields: dict[str, str], said: str
) -> None:
    address, conn = furnished
    visitor = sign_in(conn, "regulator")
    with visiting(address, visitor) as client:
        answer = post(client, visitor, **{"about": "vendor", "market": HERE, "vendor": VENDOR, **fields})
    assert answer.status_code == 422
    assert said in answer.text
    for value in fields.values():
        assert value in answer.text
    assert conn.execute("SELECT count(*) FROM credit_reports").fetchone() == (0,)


def test_a_hostile_name_is_text_in_every_form(furnished: Furnished) -> None:
    address, conn = furnished
    conn.execute("UPDATE vendors SET name = '=cmd|''x''!A1' WHERE vendor_id = %s", [VENDOR])
    conn.commit()
    visitor = sign_in(conn, "regulator")
    with visiting(address, visitor) as client:
        hostile = issue(client, visitor, market=ELSEWHERE, vendor=HOSTILE_VENDOR)
        assert "<script>alert" not in client.get(hostile).text
        assert client.get(f"{hostile}/file/pdf").content.startswith(b"%PDF")
        formula = issue(client, visitor, about="market")
        assert "\r\n=cmd" not in client.get(f"{formula}/file/csv").text
        book = load_workbook(io.BytesIO(client.get(f"{formula}/file/xlsx").content))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


def test_a_stranger_verifies_a_report_by_its_code_and_its_files(furnished: Furnished) -> None:
    address, conn = furnished
    visitor = sign_in(conn, "regulator")
    with visiting(address, visitor) as client:
        report = issue(client, visitor)
        code = code_of(client, report)
        files = {form: client.get(f"{report}/file/{form}").content for form in ("pdf", "xlsx", "csv", "json")}
    with visiting(address) as stranger:
        typed = stranger.get("/verify", params={"code": f"{code[:4]} {code[4:8].lower()}-{code[8:]}"})
        assert typed.headers["location"] == f"/verify/{code}"
        page = stranger.get(f"/verify/{code}")
        assert (page.status_code, page.headers["x-robots-tag"]) == (200, "noindex, nofollow, noarchive")
        assert "阿海海鲜档" in page.text
        token = token_of(page.text)

        def compared(content: bytes = b"", digest: str = "") -> str:
            sent = {"file": ("f", content)} if content else None
            fields = {"csrf_token": token, "digest": digest}
            return stranger.post(f"/verify/{code}", data=fields, files=sent).text

        assert "与本报告内容一致" in compared(files["json"])
        for form in ("pdf", "xlsx", "csv"):
            assert "与本系统交付的本报告文件一致" in compared(files[form])
        assert "可能被改动" in compared(files["pdf"] + b"\n")
        assert "不是本报告的文件或摘要" in compared(files["json"].replace(b'"score":100', b'"score":101'))
        assert "不是 SHA-256" in compared(digest="abc")
        assert stranger.post(f"/verify/{code}", data={"digest": "0" * 64}).status_code == 403


def test_a_code_that_was_never_issued_says_so_and_guessing_ends(furnished: Furnished) -> None:
    address, _ = furnished
    with visiting(address) as stranger:
        answers = [stranger.get(f"/verify/{n:012d}").status_code for n in range(25)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_what_is_pending_is_not_told_to_a_stranger(furnished: Furnished) -> None:
    address, conn = furnished
    visitor = sign_in(conn, "regulator")
    with visiting(address, visitor) as client:
        report = issue(client, visitor)
        code = code_of(client, report)
        with visiting(address) as stranger:
            before = stranger.get(f"/verify/{code}").text
            alert_id = raise_alert(conn, kind=AlertKind.TARE_ABUSE)
            act(conn, alert_id, AlertAction.CONFIRM, by=HERES, now=datetime.now(UTC))
            after = stranger.get(f"/verify/{code}").text
        inside = client.get(report).text
    same = re.compile(r'name="csrf_token" value="[^"]+"')
    assert same.sub("", before) == same.sub("", after)
    assert "尚无已生效的变化" in inside


def test_a_final_decision_since_is_told_to_everybody(furnished: Furnished) -> None:
    address, conn = furnished
    visitor = sign_in(conn, "regulator")
    alert_id = raise_alert(conn)
    long_ago = datetime.now(UTC) - timedelta(days=60)
    with visiting(address, visitor) as client:
        report = issue(client, visitor)
        code = code_of(client, report)
    act(conn, alert_id, AlertAction.CONFIRM, by=HERES, now=long_ago)
    with visiting(address) as stranger:
        assert "与现状不符" in stranger.get(f"/verify/{code}").text


def test_a_program_issues_a_report_and_takes_it_away(furnished: Furnished) -> None:
    address, conn = furnished
    regulator, manager = sign_in(conn, "regulator"), sign_in(conn, "manager")
    new = {"about": "vendor", "market_id": ELSEWHERE, "vendor_id": HOSTILE_VENDOR, "period": "last_month"}
    with visiting(address) as client:
        issued = client.post("/api/v1/reports", json=new, headers=regulator.bearer)
        assert issued.status_code == 201
        report = f"/api/v1/reports/{issued.json()['report_id']}"
        content = client.get(f"{report}/file/json", headers=regulator.bearer).content
        assert hashlib.sha256(content).hexdigest() == issued.json()["sha256"]
        seen = client.get(report, headers=regulator.bearer).json()
        assert (seen["final_changed"], seen["anything_changed"]) == (False, False)
        assert seen["verify_at"].endswith(f"/verify/{seen['code']}")
        page = client.get("/api/v1/reports", params={"limit": 1}, headers=regulator.bearer).json()
        assert ([one["code"] for one in page["reports"]], page["next_before"]) == ([seen["code"]], None)
        assert client.get(report, headers=manager.bearer).status_code == 404
        assert client.get(f"{report}/file/pdf", headers=manager.bearer).status_code == 404
        assert client.get("/api/v1/reports", headers=manager.bearer).json()["reports"] == []
        city = client.post("/api/v1/reports", json={"about": "city", "period": "last_month"}, headers=manager.bearer)
        assert city.status_code == 403
        days = {**new, "period": "", "first": "2026-02-30", "last": "2026-03-01"}
        refused = client.post("/api/v1/reports", json=days, headers=regulator.bearer)
        assert refused.status_code == 422
        assert "first is 2026-02-30; expected a day as YYYY-MM-DD" in refused.text
