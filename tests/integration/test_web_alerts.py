"""The list and the page of an alert: what they show, what their buttons do, and what is refused."""

import csv
import io

import pytest
from psycopg import Connection

from db import accounts
from domain.alert import AlertKind
from domain.ids import VendorId
from domain.price_cap import CapUnit
from tests.web_service import furnished_service, visiting
from tests.web_world import (
    CRAB,
    ELSEWHERE,
    HERE,
    HOSTILE_NAME,
    HOSTILE_VENDOR,
    VENDOR,
    Visitor,
    password_hash,
    place,
    raise_alert,
    sign_in,
)

HTMX = {"hx-request": "true"}


def score(address: str, visitor: Visitor) -> int:
    with visiting(address) as client:
        report = client.get(f"/api/v1/vendors/{HERE}/{VENDOR}/credit", headers=visitor.bearer).json()
    return int(report["score"])


def test_the_list_shows_both_units_and_the_money(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        raise_alert(conn)
        with visiting(address, sign_in(conn, "manager")) as client:
            page = client.get("/").text
        for shown in (
            "阿海海鲜档",
            "东星斑",
            "432.00",
            "864.00",
            "315.00",
            "630.00",
            "+37.2%",
            "¥234.00",
            "较重",
            "1 次",
        ):
            assert shown in page, shown
        assert 'role="status"' in page
        assert "演示用，非现行规定" in page
        assert 'data-awaiting="1"' in page


def test_a_cap_by_the_piece_is_not_shown_by_weight(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        raise_alert(conn, species=CRAB, unit=CapUnit.PIECE, cap_fen=9900, excess_fen=100)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            page = client.get("/alerts/list").text
            api = client.get("/api/v1/alerts", headers=visitor.bearer).json()["alerts"][0]
        assert "100.00</b> 元/个" in page
        assert "元/公斤" not in page
        assert (api["cap_unit"], api["worst_price_fen"], api["worst_cap_fen"]) == ("piece", 10_000, 9_900)


def test_an_empty_list_says_why(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn), visiting(address, sign_in(conn, "manager")) as client:
        assert "现行调控价清单共 2 项" in client.get("/").text
        assert "尚未收到称重数据" in client.get("/").text
        withdrawn = "withdrawn_by = 'r', withdrawn_at = now(), withdrawn_because = 'a mistake'"
        conn.execute(f"UPDATE cap_lists SET status = 'withdrawn', {withdrawn}".encode())
        conn.commit()
        assert "没有生效的调控价清单" in client.get("/").text


def test_the_worst_stands_first_and_the_tabs_filter(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        slight = raise_alert(conn, excess_fen=100)
        grave = raise_alert(conn, kind=AlertKind.EFFECTIVE_PRICE_OVER_CAP, excess_fen=90_000)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            listed = client.get("/api/v1/alerts?state=open", headers=visitor.bearer).json()
            assert [one["alert_id"] for one in listed["alerts"]] == [grave, slight]
            assert [one["severity"] for one in listed["alerts"]] == ["critical", "low"]
            client.post(f"/alerts/{grave}/acknowledge", data={"csrf_token": visitor.csrf})
            assert f'data-alert="{grave}"' in client.get("/").text
            assert f'data-alert="{grave}"' not in client.get("/?show=open").text
            part = client.get("/api/v1/alerts?state=open&state=confirmed&limit=1", headers=visitor.bearer).json()
            assert (part["total"], [one["alert_id"] for one in part["alerts"]]) == (1, [slight])


def test_what_was_decided_stands_newest_first_page_by_page(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        decided = [raise_alert(conn)]
        visitor = sign_in(conn, "regulator")
        with visiting(address, visitor) as client:
            for _ in range(3):
                client.post(f"/api/v1/alerts/{decided[-1]}/confirm", headers=visitor.bearer).raise_for_status()
                decided.append(raise_alert(conn))
            asked = {"state": "confirmed", "limit": "2"}
            first = client.get("/api/v1/alerts", params=asked, headers=visitor.bearer).json()
            second = client.get("/api/v1/alerts", params={**asked, "offset": "2"}, headers=visitor.bearer).json()
            assert (first["total"], second["total"], first["is_more"]) == (3, 3, False)
            listed = [one["alert_id"] for one in first["alerts"] + second["alerts"]]
            assert listed == [decided[2], decided[1], decided[0]]
            page = client.get("/?show=confirmed").text
            assert page.index(f'data-alert="{decided[2]}"') < page.index(f'data-alert="{decided[0]}"')


def test_the_api_describes_itself(database_url: str) -> None:
    with furnished_service(database_url) as (address, _), visiting(address) as client:
        document = client.get("/api/v1/openapi.json").json()
        assert document["paths"].keys() >= {"/api/v1/alerts", "/api/v1/vendors/{market_id}/{vendor_id}/credit"}
        assert not [path for path in document["paths"] if not path.startswith("/api/v1/")]
        assert "HTTPBearer" in document["components"]["securitySchemes"]


def test_one_tap_acknowledges_and_brings_the_new_list(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            headers = {**HTMX, "x-csrf-token": visitor.csrf}
            answer = client.post(f"/alerts/{alert_id}/acknowledge?from_list=true", headers=headers)
            assert answer.status_code == 200
            assert 'data-state="acknowledged"' in answer.text
            assert "<html" not in answer.text
            without_scripts = client.post(
                f"/alerts/{raise_alert(conn, excess_fen=1, species=CRAB)}/acknowledge?from_list=true&show=open",
                data={"csrf_token": visitor.csrf},
            )
            assert without_scripts.headers["location"] == "/?show=open"


def test_the_second_of_two_people_is_told_what_the_first_did(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        first, second = sign_in(conn, "regulator"), sign_in(conn, "manager")
        with visiting(address, first) as client:
            done = client.post(f"/alerts/{alert_id}/confirm", data={"csrf_token": first.csrf, "note": "看过现场"})
            assert (done.status_code, done.headers["location"]) == (303, f"/alerts/{alert_id}")
        with visiting(address, second) as client:
            page = client.post(
                f"/alerts/{alert_id}/dismiss", data={"csrf_token": second.csrf, "reason": "device_fault"}
            )
            assert page.status_code == 409
            for shown in ("已有人先行处理", "regulator", "确认属实", "看过现场"):
                assert shown in page.text
            headers = {**HTMX, "x-csrf-token": second.csrf}
            part = client.post(f"/alerts/{alert_id}/acknowledge?from_list=true", headers=headers)
            assert part.status_code == 409
            assert "<html" not in part.text
            api = client.post(f"/api/v1/alerts/{alert_id}/confirm", headers=second.bearer)
            assert (api.status_code, api.json()["type"]) == (409, "illegal_transition")


def test_who_clicked_twice_is_told_so_and_not_that_somebody_was_faster(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "regulator")
        with visiting(address, visitor) as client:
            form = {"csrf_token": visitor.csrf}
            for _ in range(2):
                again = client.post(f"/alerts/{alert_id}/confirm", data=form)
            other = client.post(f"/alerts/{alert_id}/acknowledge?from_list=true", data=form)
    assert (again.status_code, other.status_code) == (409, 409)
    assert ("您此前已完成此操作" in again.text, "您此前已作其他处理" in other.text) == (True, True)
    assert "先行处理" not in again.text + other.text


def test_only_a_confirmed_alert_moves_the_score_and_an_overturned_one_gives_it_back(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "manager")
        with visiting(address) as client:
            alert = f"/api/v1/alerts/{alert_id}"
            assert client.post(f"{alert}/acknowledge", headers=visitor.bearer).json()["state"] == "acknowledged"
            assert score(address, visitor) == 100
            confirmed = client.post(f"{alert}/confirm", headers=visitor.bearer, json={"note": "n"}).json()
            assert (confirmed["state"], confirmed["decided_by"]) == ("confirmed", "manager")
            assert score(address, visitor) == 94
            silent = client.post(f"{alert}/overturn", headers=visitor.bearer, json={})
            assert (silent.status_code, silent.json()["type"]) == (422, "rule_violation")
            client.post(f"{alert}/overturn", headers=visitor.bearer, json={"note": "申诉成立"}).raise_for_status()
            assert score(address, visitor) == 100


def test_a_dismissal_needs_a_reason(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            form = {"csrf_token": visitor.csrf, "note": "x"}
            refused = client.post(f"/alerts/{alert_id}/dismiss", data=form)
            assert refused.status_code == 422
            assert "排除预警必须说明原因" in refused.text
            unknown = client.post(f"/alerts/{alert_id}/dismiss", data={**form, "reason": "because"})
            assert unknown.status_code == 422
            assert client.post(f"/api/v1/alerts/{alert_id}/dismiss", headers=visitor.bearer, json={}).status_code == 422
            done = client.post(f"/alerts/{alert_id}/dismiss", data={**form, "reason": "list_error"})
            assert done.status_code == 303
            assert "调控价清单有误" in client.get(f"/alerts/{alert_id}").text
        assert score(address, visitor) == 100


def test_the_page_shows_the_evidence_and_what_judged_it(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        with visiting(address, sign_in(conn, "manager")) as client:
            page = client.get(f"/alerts/{alert_id}").text
        for shown in ("1.000 kg", "864.00 元/公斤", "《价格法》第三十条", "最高销售价格", "这是线索，不是处罚"):
            assert shown in page, shown


def test_what_others_wrote_is_shown_and_not_run(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
        visitor = sign_in(conn, "regulator")
        with visiting(address, visitor) as client:
            client.post(f"/alerts/{alert_id}/confirm", data={"csrf_token": visitor.csrf, "note": "<img src=x>"})
            for path in ("/?show=all", f"/alerts/{alert_id}", "/vendors", f"/vendors/{ELSEWHERE}/{HOSTILE_VENDOR}"):
                page = client.get(path).text
                assert "&lt;script&gt;" in page, path
                assert HOSTILE_NAME not in page
                assert "<img src=x>" not in page
            assert "<i>" not in client.get("/?market=%3Ci%3E").text


def test_the_ledger_is_a_file_that_a_spreadsheet_does_not_run(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        name_with_formula = "=HYPERLINK(1)"
        conn.execute("UPDATE vendors SET name = %s WHERE vendor_id = %s", [name_with_formula, VENDOR])
        conn.commit()
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            client.post(f"/alerts/{alert_id}/confirm", data={"csrf_token": visitor.csrf})
            for path in (f"/vendors/{HERE}/{VENDOR}/credit.csv", f"/api/v1/vendors/{HERE}/{VENDOR}/credit.csv"):
                answer = client.get(path)
                assert answer.headers["content-type"] == "text/csv; charset=utf-8"
                assert answer.headers["content-disposition"] == 'attachment; filename="credit-first-V001.csv"'
                head, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
                assert head[0] == ("event_id" if path.startswith("/api") else "编号")
                assert {f"'{name_with_formula}", "-6", str(alert_id)} <= set(row)


def test_the_report_explains_every_point(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        visitor = sign_in(conn, "manager")
        grave = raise_alert(conn, excess_fen=90_000)
        slight = raise_alert(conn, excess_fen=100, species=CRAB)
        with visiting(address, visitor) as client:
            for alert_id in (grave, slight):
                client.post(f"/alerts/{alert_id}/confirm", data={"csrf_token": visitor.csrf})
            page = client.get(f"/vendors/{HERE}/{VENDOR}").text
            for shown in (
                "标价超过调控价",
                "标价超过调控价；严重：−10分",
                "参考样式",
                f"/alerts/{grave}",
                "manager",
            ):
                assert shown in page, shown
            assert "100 −10 = 90" in page
            assert page.count("同一类别每日只计最重的一次扣分") == 1
            client.get("/language/en")
            assert "declared price above the cap" in client.get(f"/vendors/{HERE}/{VENDOR}").text


@pytest.mark.parametrize("path", ["/alerts/99999999999999999999", "/alerts/x", "/vendors/%00/%00", "/nowhere"])
def test_an_address_of_nothing_is_a_page_and_not_a_fault(database_url: str, path: str) -> None:
    with furnished_service(database_url) as (address, conn), visiting(address, sign_in(conn, "admin")) as client:
        answer = client.get(path)
        assert answer.status_code in (404, 422)
        assert "<html" in answer.text


def test_a_vendor_may_have_any_number_and_name(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        odd = VendorId("企业 码#1?")
        _place_odd(conn, odd)
        with visiting(address, sign_in(conn, "manager")) as client:
            page = client.get("/vendors").text
            link = next(part.split('"')[0] for part in page.split('href="') if part.startswith(f"/vendors/{HERE}/%E4"))
            assert client.get(link).status_code == 200
            name = client.get(f"{link}/credit.csv").headers["content-disposition"]
            assert name == 'attachment; filename="credit-first-_1_.csv"'


def test_a_request_may_not_carry_too_much(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        visitor = sign_in(conn, "manager")
        with visiting(address) as client:
            large = client.post("/api/v1/alerts/1/confirm", headers=visitor.bearer, json={"note": "x" * 70_000})
            assert large.status_code == 413


def test_an_account_made_with_a_password_can_be_used(conn: Connection) -> None:
    accounts.put_user(
        conn, username="u", display_name="U", password_hash=password_hash(), role="regulator", market_id=None
    )
    user = accounts.user_by_name(conn, "u")
    assert user is not None
    assert user.role == "regulator"


def _place_odd(conn: Connection, vendor_id: VendorId) -> None:
    from datetime import UTC, datetime

    place(conn, HERE, vendor_id, "奇名", datetime.now(UTC))
    conn.commit()
