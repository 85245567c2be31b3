"""Deciding: what it will mean, what it meant, and that nobody decides on what they have not seen."""

from datetime import UTC, datetime

import pytest
from psycopg import Connection

from db import quarantine
from db.quarantine import HeldMessage
from domain.alert import AlertKind
from domain.ids import SpeciesCode
from tests.web_service import furnished_service, visiting
from tests.web_world import CRAB, HERE, VENDOR, raise_alert, sign_in

LEAD = "这是线索，不是处罚"


def raise_device_alert(conn: Connection, kind: AlertKind = AlertKind.SEQUENCE_CONFLICT) -> int:
    """An alert about the device, of a weighing that is above the cap as well."""
    alert_id = raise_alert(conn, kind=kind, species=SpeciesCode(""))
    conn.execute(
        "UPDATE alerts SET worst_cap_fen = NULL, worst_cap_unit = NULL, worst_excess_fen = 0,"
        " worst_excess_permille = 0, overcharge_fen = 0, note = 'seq 5 of journal j1 came again with other content'"
        " WHERE alert_id = %s",
        [alert_id],
    )
    conn.commit()
    return alert_id


def test_the_page_says_what_confirming_takes_and_then_what_it_took(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            before = client.get(f"/alerts/{alert_id}").text
            for shown in ("确认将扣 6 分", "100 → 94", LEAD):
                assert shown in before, shown
            client.post(f"/alerts/{alert_id}/confirm", data={"csrf_token": visitor.csrf})
            confirmed = client.get(f"/alerts/{alert_id}").text
            for shown in ("已扣 6 分", "现信用分：", "<b>94</b>", f"/vendors/{HERE}/{VENDOR}", "将退还 6 分"):
                assert shown in confirmed, shown
            assert LEAD not in confirmed
            client.post(f"/alerts/{alert_id}/overturn", data={"csrf_token": visitor.csrf, "note": "申诉"})
            overturned = client.get(f"/alerts/{alert_id}").text
            for shown in ("已扣 6 分", "已退还 6 分", "<b>100</b>"):
                assert shown in overturned, shown


def test_a_second_breach_of_the_day_says_that_the_worse_one_counts(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        grave, slight = raise_alert(conn), raise_alert(conn, species=CRAB, excess_fen=100)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            client.post(f"/alerts/{grave}/confirm", data={"csrf_token": visitor.csrf})
            assert "信用分仍为 94" in client.get(f"/alerts/{slight}").text
            client.post(f"/alerts/{slight}/confirm", data={"csrf_token": visitor.csrf})
            assert "同一类别每日只计最重的一次扣分" in client.get(f"/alerts/{slight}").text
            client.post(f"/alerts/{grave}/overturn", data={"csrf_token": visitor.csrf, "note": "申诉"})
            report = client.get(f"/vendors/{HERE}/{VENDOR}").text
        for shown in ("100 −1 = 99", "不计分：认定或登记已撤销", "撤回原扣分"):
            assert shown in report, shown


def test_nothing_is_said_of_points_where_there_are_none(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        device = raise_device_alert(conn)
        nobody = raise_alert(conn, vendor_id=None)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            page = client.get(f"/alerts/{device}").text
            assert "分。" not in page.replace("信用分。", "")
            assert "确认后记录在案" in page
            assert "称重时该秤未绑定商户" in client.get(f"/alerts/{nobody}").text
            client.post(f"/alerts/{device}/confirm", data={"csrf_token": visitor.csrf})
            assert "已扣" not in client.get(f"/alerts/{device}").text


@pytest.mark.parametrize("kind", [AlertKind.SEQUENCE_CONFLICT, AlertKind.UNBOUND_SCALE])
def test_an_alert_about_the_device_says_nothing_of_prices(database_url: str, kind: AlertKind) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_device_alert(conn, kind)
        visitor = sign_in(conn, "regulator")
        with visiting(address, visitor) as client:
            page = client.get(f"/alerts/{alert_id}").text
            assert "0.00 元" not in page
            assert "¥0.00" not in page + client.get("/").text
            assert "came again" not in page
            assert ("流水 j1 第 5 号" in page) == (kind is AlertKind.SEQUENCE_CONFLICT)
            api = client.get(f"/api/v1/alerts/{alert_id}", headers=visitor.bearer).json()
        names = ("worst_cap_fen", "worst_price_fen", "worst_excess_fen", "worst_excess_permille", "overcharge_fen")
        assert {api[name] for name in names} == {None}
        assert {api["weighings"][0][name] for name in ("cap_fen", "cap_unit", "excess_fen", "overcharge_fen")} == {None}


def test_the_price_really_paid_stands_beside_the_declared_one(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn, kind=AlertKind.EFFECTIVE_PRICE_OVER_CAP)
        conn.execute("UPDATE weighings SET net_g = 900, unit_price_fen_per_kg = 63000")
        conn.commit()
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            page = client.get(f"/alerts/{alert_id}").text
            weighing = client.get(f"/api/v1/alerts/{alert_id}", headers=visitor.bearer).json()["weighings"][0]
        assert weighing["paid_price_fen"] == 96_000
        for shown in ("实收单价", "申报单价", "480.00", "960.00", "315.00"):
            assert shown in page, shown


def test_who_has_not_seen_the_newest_weighings_is_told_and_nothing_is_done(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            assert '<input type="hidden" name="seen" value="1">' in client.get(f"/alerts/{alert_id}").text
            for _ in range(3):
                assert raise_alert(conn) == alert_id
            form = {"csrf_token": visitor.csrf, "seen": "1", "note": "看过现场"}
            for action, more in (("confirm", {}), ("dismiss", {"reason": "list_error"})):
                refused = client.post(f"/alerts/{alert_id}/{action}", data={**form, **more})
                assert refused.status_code == 409
                assert "此后又有 3 次称重，请查看后再决定" in refused.text
                assert "看过现场</textarea>" in refused.text
                assert 'name="seen" value="4"' in refused.text
            assert client.get(f"/api/v1/alerts/{alert_id}", headers=visitor.bearer).json()["state"] == "open"
            assert client.post(f"/alerts/{alert_id}/confirm", data={**form, "seen": "4"}).status_code == 303


def test_open_alerts_stand_worst_or_newest_first(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        grave = raise_alert(conn, kind=AlertKind.EFFECTIVE_PRICE_OVER_CAP, excess_fen=90_000)
        slight = raise_alert(conn, excess_fen=100)
        with visiting(address, sign_in(conn, "manager")) as client:
            worst, newest = client.get("/").text, client.get("/?order=newest").text
            decided = client.get("/?show=confirmed").text
        rows = [f'data-alert="{alert_id}"' for alert_id in (grave, slight)]
        assert worst.index(rows[0]) < worst.index(rows[1])
        assert newest.index(rows[1]) < newest.index(rows[0])
        assert "/?show=open&amp;order=newest" in newest
        assert 'id="order-newest"' in worst
        assert 'id="order-newest"' not in decided
        assert 'id="tab-open"' in worst


def test_people_are_named_with_their_login(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        conn.execute("UPDATE users SET display_name = '李管理' WHERE username = 'manager'")
        alert_id = raise_alert(conn)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            client.post(f"/alerts/{alert_id}/confirm", data={"csrf_token": visitor.csrf})
            for path in (f"/alerts/{alert_id}", f"/vendors/{HERE}/{VENDOR}"):
                assert '李管理 <span class="login mono">manager</span>' in client.get(path).text, path


def test_why_a_message_is_held_stands_in_the_language_of_the_page(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        for number, reason in enumerate(("unknown_scale", "never_heard_of")):
            held = HeldMessage(
                topic="t",
                payload=str(number).encode(),
                reason=reason,
                explanation="scale_id is 'x'",
                received_at=datetime.now(UTC),
            )
            quarantine.hold(conn, held)
        conn.commit()
        with visiting(address, sign_in(conn, "admin")) as client:
            page = client.get("/quarantine").text
        for shown in ("该市场没有登记此编号的秤。", "消息未能接收。", "unknown_scale", "scale_id is"):
            assert shown in page, shown


def test_a_species_without_an_english_name_is_called_by_its_pinyin(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        conn.execute("UPDATE species SET name_en = '(local)', pinyin = 'hélèxiè' WHERE species_code = %s", [CRAB])
        raise_alert(conn, species=CRAB)
        with visiting(address, sign_in(conn, "manager")) as client:
            client.get("/language/en")
            for path in ("/", "/caps", f"/vendors/{HERE}/{VENDOR}"):
                page = client.get(path).text
                assert "hélèxiè" in page, path
                assert "(local)" not in page, path
