"""Complaints for the market's people and the regulator: pages and API."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from psycopg import Connection

from db import complaints, credit
from domain.alert import AlertKind
from domain.alert_step import AlertAction
from domain.errors import IllegalTransition
from domain.ids import VendorId
from tests.alert_acts import act, someone
from tests.at_once import crossing
from tests.complaint_acts import entry, file, sell
from tests.web_service import furnished_service, visiting
from tests.web_world import ELSEWHERE, HERE, SHANGHAI, Visitor, file_one, raise_alert, sign_in

NOW = datetime.now(UTC).replace(microsecond=412_000)
HOTLINE = {
    "channel": "hotline_12345",
    "channel_no": "SY2026112700017",
    "reason": "short_weight",
    "words": "游客称少二两",
    "contact": "",
    "stall": "A-01",
}


@pytest.fixture
def world(database_url: str) -> Iterator[tuple[httpx.Client, Connection, Visitor]]:
    with furnished_service(database_url) as (address, conn):
        manager = sign_in(conn, "manager")
        with visiting(address, manager) as client:
            yield client, conn, manager


def send(client: httpx.Client, manager: Visitor, path: str, **fields: Any) -> httpx.Response:
    return client.post(path, data={"csrf_token": manager.csrf, **fields})


def once_of(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def about_a_sale(conn: Connection) -> int:
    """A complaint about a sale that was above the cap; committed."""
    filed = file(conn, entry(ticket=sell(conn, 7)))
    conn.commit()
    return filed.complaint_id


def test_a_hotlines_complaint_is_typed_in_once(world: tuple[httpx.Client, Connection, Visitor]) -> None:
    client, conn, manager = world
    once = once_of(client.get("/complaints/new").text)
    kept = send(client, manager, "/complaints", once=once, **HOTLINE)
    assert kept.status_code == 303
    page = client.get(kept.headers["location"])
    assert f"/c/{once}" in page.text, "the number and the address are for the complainant"
    assert "SY2026112700017" in page.text
    again = send(client, manager, "/complaints", once=once_of(client.get("/complaints/new").text), **HOTLINE)
    assert again.headers["location"] == "/complaints/1?known=1"
    conflict = send(
        client, manager, "/complaints", once=once_of(client.get("/complaints/new").text), **HOTLINE | {"words": "别的"}
    )
    assert conflict.status_code == 409
    assert 'href="/complaints/1"' in conflict.text
    assert "别的" in conflict.text, "what was typed stays"
    assert conn.execute("SELECT count(*), min(entered_by) FROM complaints").fetchone() == (1, "manager")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"channel": ""}, "请选择投诉来源"),
        ({"channel": "ticket"}, "请选择投诉来源"),
        ({"channel_no": ""}, "请填写热线工单编号"),
        ({"reason": "moon"}, "请选择投诉事项"),
        ({"words": " "}, "请简单说明情况"),
        ({"stall": "Z-1"}, "没有“Z-1”摊位"),
        ({"occurred": "gestern"}, "“gestern”不是有效的日期时间"),
        ({"contact": "x"}, "“x”不是电话号码或电子邮箱"),
        ({"channel": "counter", "channel_no": ""}, "请留下电话或电子邮箱"),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_in_the_form(
    world: tuple[httpx.Client, Connection, Visitor], wrong: dict[str, str], said: str
) -> None:
    client, conn, manager = world
    fields = HOTLINE | {"words": "少<二>两"} | wrong
    answer = send(client, manager, "/complaints", once=once_of(client.get("/complaints/new").text), **fields)
    assert answer.status_code == 422
    assert said in answer.text
    if wrong.get("words") != " ":
        assert "少&lt;二&gt;两" in answer.text
    assert conn.execute("SELECT count(*) FROM complaints").fetchone() == (0,)


def test_the_hotlines_own_date_goes_before_ours(world: tuple[httpx.Client, Connection, Visitor]) -> None:
    client, conn, manager = world
    due = (datetime.now(SHANGHAI) + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    once = once_of(client.get("/complaints/new").text)
    send(client, manager, "/complaints", once=once, channel_due=due, **HOTLINE)
    complaint = complaints.by_id(conn, 1)
    assert complaint is not None
    assert complaint.due_at is not None
    assert complaint.due_at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M") == due


def test_a_complaint_is_worked_through_on_its_page(world: tuple[httpx.Client, Connection, Visitor]) -> None:
    client, conn, manager = world
    complaint_id = about_a_sale(conn)
    where = f"/complaints/{complaint_id}"
    page = client.get(where).text
    for shown in ("价格高于当时的调控价", "¥86.40", "证据清楚，先行赔付", "/alerts/1"):
        assert shown in page, shown
    assert "138" not in page, "the contact is asked for apart"
    assert send(client, manager, f"{where}/accept").status_code == 303
    late = send(client, manager, f"{where}/accept")
    assert late.status_code == 409
    assert "您此前已完成此操作" in late.text
    assert "先行处理" not in late.text
    assert send(client, manager, f"{where}/investigate").status_code == 303
    assert "您此前已作其他处理" in send(client, manager, f"{where}/accept").text
    regulator = sign_in(conn, "regulator")
    with visiting(str(client.base_url), regulator) as colleague:
        assert "已有他人先行处理，您的操" in send(colleague, regulator, f"{where}/accept").text
    bad = send(client, manager, f"{where}/answer", outcome="settled", note="已退差价", settled="x")
    assert bad.status_code == 422
    assert "请填写先行赔付的金额" in bad.text
    assert "已退差价" in bad.text
    done = send(client, manager, f"{where}/answer", outcome="settled", note="已退差价", settled="23.40")
    assert done.status_code == 303
    row = conn.execute("SELECT state, outcome, settled_fen FROM complaints").fetchone()
    assert row == ("answered", "settled", 2340)
    assert conn.execute("SELECT state FROM alerts").fetchone() == ("open",), "settled leaves the lead to be looked at"


@pytest.mark.parametrize(
    ("outcome", "decide", "state", "points"),
    [
        ("upheld", "true", "confirmed", [(-3,)]),
        ("upheld", "", "open", []),
        ("not_upheld", "true", "dismissed", []),
        ("not_upheld", "", "open", []),
    ],
)
def test_an_answer_decides_the_alert_only_where_that_is_asked_for(
    world: tuple[httpx.Client, Connection, Visitor], outcome: str, decide: str, state: str, points: list[tuple[int]]
) -> None:
    client, conn, manager = world
    where = f"/complaints/{about_a_sale(conn)}"
    send(client, manager, f"{where}/accept")
    fields = {"decide_alerts": decide} if decide else {}
    answer = send(client, manager, f"{where}/answer", outcome=outcome, note="查实", **fields)
    assert answer.status_code == 303
    assert conn.execute("SELECT state FROM alerts").fetchone() == (state,)
    assert conn.execute("SELECT points FROM credit_events").fetchall() == points


def test_an_answer_that_decides_two_alerts_and_somebody_who_decides_on_the_second(
    world: tuple[httpx.Client, Connection, Visitor], database_url: str
) -> None:
    client, conn, manager = world
    complaint_id = about_a_sale(conn)
    (key,) = conn.execute("SELECT scale_id, journal_id, seq FROM complaint_weighings").fetchall()
    second = raise_alert(conn, kind=AlertKind.SHORT_WEIGHT)
    conn.execute(
        "INSERT INTO complaint_weighings (complaint_id, market_id, scale_id, journal_id, seq, weighed_at, alert_id,"
        " linked_at, linked_by) VALUES (%s, %s, %s, %s, %s, now(), %s, now(), 'm')",
        [complaint_id, HERE, key[0], key[1], key[2] + 1, second],
    )
    conn.commit()
    (whose,) = conn.execute("SELECT array_agg(DISTINCT vendor_id) FROM alerts").fetchone() or ((),)
    where = f"/complaints/{complaint_id}"
    send(client, manager, f"{where}/accept")

    def hold_vendor(gate: Connection) -> None:
        credit.lock_vendor(gate, HERE, VendorId(whose[0]))

    def answer(_conn: Connection) -> None:
        said = send(client, manager, f"{where}/answer", outcome="upheld", note="查实", decide_alerts="true")
        assert said.status_code == 303

    def confirm(other: Connection) -> None:
        with pytest.raises(IllegalTransition):
            act(other, second, AlertAction.CONFIRM, by=someone("regulator"))
        other.rollback()

    assert crossing(database_url, hold_vendor, answer, confirm) == []
    assert conn.execute("SELECT DISTINCT state FROM alerts").fetchall() == [("confirmed",)]


def test_an_alert_that_nobody_can_answer_for_leaves_the_answer_unsent(
    world: tuple[httpx.Client, Connection, Visitor],
) -> None:
    client, conn, manager = world
    filed = file(conn, entry(ticket=sell(conn, 7, vendor_id=None, stall_id=None)))
    conn.commit()
    where = f"/complaints/{filed.complaint_id}"
    send(client, manager, f"{where}/accept")
    answer = send(client, manager, f"{where}/answer", outcome="upheld", note="查实了", decide_alerts="true")
    assert answer.status_code == 422
    assert "请先绑定该秤" in answer.text
    assert "查实了" in answer.text
    assert conn.execute("SELECT state FROM complaints").fetchone() == ("accepted",), "all of it or nothing"


def test_who_looks_at_a_contact_is_written_down(world: tuple[httpx.Client, Connection, Visitor]) -> None:
    client, conn, manager = world
    complaint_id = file_one(conn)
    shown = send(client, manager, f"/complaints/{complaint_id}/contact")
    assert "+8613800138000" in shown.text
    assert "查看联系方式" in shown.text
    admin = sign_in(conn, "admin")
    assert client.post(f"/api/v1/complaints/{complaint_id}/contact", headers=admin.bearer).status_code == 403
    regulator = sign_in(conn, "regulator")
    answer = client.post(f"/api/v1/complaints/{complaint_id}/contact", headers=regulator.bearer)
    assert answer.json() == {"kind": "phone", "contact": "+8613800138000"}
    lookers = [one.actor for one in complaints.steps_of(conn, complaint_id) if one.action == "show_contact"]
    assert lookers == ["manager", "regulator"]


def test_sales_are_searched_and_linked(world: tuple[httpx.Client, Connection, Visitor]) -> None:
    client, conn, manager = world
    complaint_id = file_one(conn)
    ticket = sell(conn, 7)
    conn.commit()
    local = NOW.astimezone(SHANGHAI)
    span = {
        name: (local + timedelta(minutes=m)).strftime("%Y-%m-%dT%H:%M") for name, m in (("since", -5), ("until", 5))
    }
    found = client.get(f"/complaints/{complaint_id}", params={**span, "stall": "A-01", "amount": "86.4"}).text
    fields = dict(re.findall(r'name="(scale|journal|seq|weighed_at)" value="([^"]+)"', found))
    assert fields["seq"] == "7"
    linked = send(client, manager, f"/complaints/{complaint_id}/links", **fields)
    assert linked.status_code == 303
    again = client.get(f"/complaints/{complaint_id}", params={**span, "stall": "A-01"}).text
    assert "已关联" in again
    (link,) = complaints.links_of(conn, complaints.by_id(conn, complaint_id) or pytest.fail("gone"))
    assert (link.key.seq, link.key.scale_id) == (7, ticket.scale_id)
    for wrong in ({"seq": "x"}, {"weighed_at": "gestern"}, {"seq": "9" * 5000}):
        assert send(client, manager, f"/complaints/{complaint_id}/links", **fields | wrong).status_code == 422
    assert send(client, manager, f"/complaints/{complaint_id}/links", **fields | {"seq": "8"}).status_code == 404
    too_long = span | {"since": "2020-01-01T00:00"}
    assert "最长两天" in client.get(f"/complaints/{complaint_id}", params=too_long).text


def test_the_list_is_filtered_and_overdue_comes_first(world: tuple[httpx.Client, Connection, Visitor]) -> None:
    client, conn, _ = world
    first, second = file_one(conn), file_one(conn, contact="13900139000")
    file_one(conn, market_id=ELSEWHERE)
    conn.execute("UPDATE complaints SET due_at = now() - interval '1 hour' WHERE complaint_id = %s", [second])
    conn.commit()
    page = client.get("/complaints").text
    assert re.findall(r'class="row-link" href="/complaints/(\d+)"', page) == [str(second), str(first)]
    assert "1 件超期" in page
    assert "红沙码头" not in page
    for query, shown in (
        ({"state": "received"}, 2),
        ({"state": "closed"}, 0),
        ({"channel": "counter"}, 0),
        ({"stall": "A-01"}, 2),
        ({"stall": "A-02"}, 0),
        ({"channel": "moon"}, 2),
    ):
        found = client.get("/complaints", params=query).text
        assert len(re.findall(r'class="row-link" href="/complaints/', found)) == shown, query


def test_the_api_tells_the_whole_of_it_and_takes_steps(world: tuple[httpx.Client, Connection, Visitor]) -> None:
    client, conn, _ = world
    complaint_id = about_a_sale(conn)
    client.cookies.clear()
    bearer = sign_in(conn, "regulator").bearer
    (listed,) = client.get("/api/v1/complaints", headers=bearer).json()
    assert (listed["complaint_id"], listed["linked"], listed["actions"]) == (
        complaint_id,
        1,
        ["accept", "refuse", "withdraw"],
    )
    assert "contact" not in listed
    whole = client.get(f"/api/v1/complaints/{complaint_id}", headers=bearer).json()
    assert [one["name"] for one in whole["clocks"]] == ["respond", "settle", "verify", "close"]
    assert [(one["seq"], one["verdict"]) for one in whole["sales"]] == [(7, "over")]
    where = f"/api/v1/complaints/{complaint_id}"
    refused = client.post(f"{where}/refuse", json={"note": "n"}, headers=bearer)
    assert (refused.status_code, refused.json()["type"]) == (422, "rule_violation")
    assert "not_ours" in refused.json()["detail"]
    assert client.post(f"{where}/accept", json={}, headers=bearer).json()["state"] == "accepted"
    again = client.post(f"{where}/accept", json={}, headers=bearer)
    assert (again.status_code, again.json()["type"]) == (409, "illegal_transition")
    assert client.post(f"{where}/file", json={}, headers=bearer).status_code == 409
    (figures,) = client.get("/api/v1/complaints/figures", headers=bearer).json()
    assert (figures["market_id"], figures["received"]) == (HERE, 1)


def test_the_api_keeps_a_number_once_and_is_loud_on_conflict(world: tuple[httpx.Client, Connection, Visitor]) -> None:
    client, conn, _ = world
    client.cookies.clear()
    bearer = sign_in(conn, "manager").bearer
    body = {
        "market_id": HERE,
        "channel": "hotline_12315",
        "channel_no": "12315-7",
        "reason": "over_cap",
        "words": "贵",
    }
    first = client.post("/api/v1/complaints", json=body, headers=bearer)
    assert (first.status_code, first.json()["is_new"]) == (201, True)
    assert client.get(first.json()["status_path"]).status_code == 200
    second = client.post("/api/v1/complaints", json=body, headers=bearer).json()
    assert (second["is_new"], second["status_path"]) == (False, None)
    conflict = client.post("/api/v1/complaints", json=body | {"words": "更贵"}, headers=bearer)
    assert conflict.status_code == 409
    assert "12315-7" in conflict.json()["detail"]
    assert client.post("/api/v1/complaints", json=body | {"channel": "ticket"}, headers=bearer).status_code == 422
    elsewhere = client.post("/api/v1/complaints", json=body | {"market_id": ELSEWHERE}, headers=bearer)
    assert elsewhere.status_code == 404
