"""Quarantine on pages and through the API: filtered, counted, paged, shown safely, read again by a worker, settled."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from db import registry
from domain.ids import ScaleId, StallId, VendorId
from ingest.batch import take_batch
from ingest.replay_watcher import ReplayWatcher
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from tests.factories import delivery, message, weighing
from tests.waiting import wait_until
from tests.web_service import furnished_service, visiting
from tests.web_world import ELSEWHERE, HERE, POLICY, hold_message, sign_in

RULES = read_rules_policy(POLICY / "rules.toml")
BIDI, ESCAPE = "\u202e", "\x1b[2J"


def held_ids(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="held-(\d+)"', page)]


def test_the_list_is_filtered_counted_and_paged(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        ours = [hold_message(conn) for _ in range(55)]
        theirs = hold_message(conn, market_id=ELSEWHERE, reason="not_json")
        nobodys = hold_message(conn, market_id=None, reason="bad_topic")
        with visiting(address, sign_in(conn, "admin")) as client:
            first = client.get("/quarantine").text
            assert held_ids(first) == [nobodys, theirs, *reversed(ours[7:])]
            older = re.search(r'rel="next" href="([^"]+)"', first)
            assert older is not None
            assert held_ids(client.get(older[1].replace("&amp;", "&")).text) == ours[6::-1]
            assert '该市场没有登记此编号的秤。</span> <b class="count">55</b>' in first
            assert held_ids(client.get("/quarantine?reason=not_json").text) == [theirs]
            assert held_ids(client.get(f"/quarantine?market={ELSEWHERE}").text) == [theirs]
            assert held_ids(client.get(f"/quarantine?scale={ELSEWHERE}-s01").text) == [theirs]
            assert "暂无记录" in client.get("/quarantine?state=settled").text
            api = client.get("/api/v1/quarantine", params={"state": "held", "limit": 2, "before": nobodys}).json()
            assert [one["quarantine_id"] for one in api] == [theirs, ours[-1]]
            counts = client.get("/api/v1/quarantine/reasons").json()
            assert (counts[0]["reason"], counts[0]["messages"]) == ("unknown_scale", 55)
        with visiting(address, sign_in(conn, "manager")) as client:
            page = client.get("/quarantine").text
            assert not {theirs, nobodys} & set(held_ids(page))
            assert '<span class="count">55</span>' in page


@pytest.mark.parametrize("payload", [f'{{"name":"{BIDI}<script>"}}', f"plain {BIDI}{ESCAPE}<script> and more words"])
def test_whatever_was_sent_is_shown_safely_and_saved_as_it_came(database_url: str, payload: str) -> None:
    with furnished_service(database_url) as (address, conn):
        topic = f"steelyard/{BIDI}{ESCAPE}<script>"
        held = hold_message(conn, payload=payload.encode(), topic=topic, reason="not_json")
        with visiting(address, sign_in(conn, "manager")) as client:
            for page in (client.get(f"/quarantine/{held}").text, client.get("/quarantine").text):
                assert not set(BIDI + ESCAPE[0]) & set(page)
                assert "<script>" not in page
            shown = client.get(f"/api/v1/quarantine/{held}").json()
            saved = client.get(f"/api/v1/quarantine/{held}/payload")
        assert r"\u202e" in shown["payload_text"]
        assert saved.content == payload.encode()
        assert saved.headers["content-disposition"].startswith("attachment")
        assert saved.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("reason", ["unknown_scale", "conflict", "never_heard_of"])
def test_its_page_says_why_and_what_to_do_and_offers_what_may_be_done(
    database_url: str, language: str, reason: str
) -> None:
    todo = {
        ("unknown_scale", "zh"): "请在该市场登记此秤",
        ("unknown_scale", "en"): "Register the scale in the market",
        ("conflict", "zh"): "以先到的内容为准",
        ("conflict", "en"): "it is never stored",
        ("never_heard_of", "zh"): "原因消除后重新读取",
        ("never_heard_of", "en"): "When its cause is mended",
    }
    with furnished_service(database_url) as (address, conn):
        held = hold_message(conn, reason=reason)
        for role in ("manager", "regulator"):
            with visiting(address, sign_in(conn, role)) as client:
                client.get(f"/language/{language}")
                page = client.get(f"/quarantine/{held}").text
            assert todo[reason, language] in page
            assert (f"/quarantine/{held}/replay" in page) == (role == "manager" and reason != "conflict")
            assert (f"/quarantine/{held}/settle" in page) == (role == "manager")


def test_what_is_asked_for_on_the_page_is_read_again_by_a_worker_and_the_page_says_so(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        held = _hold_of_unknown_scale(conn)
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            answer = client.post(f"/quarantine/{held}/replay", data={"csrf_token": visitor.csrf})
            assert (answer.status_code, answer.headers["location"]) == (303, f"/quarantine/{held}")
            waiting = client.get(f"/quarantine/{held}").text
            assert "正在重新读取" in waiting
            assert 'http-equiv="refresh"' in waiting
            watcher = ReplayWatcher(database_url, RULES, lambda: datetime.now(UTC), lambda _: None, look_every_s=0.05)
            watcher.start()
            try:
                wait_until(lambda: "已入库" in client.get(f"/quarantine/{held}").text, what="it is stored")
            finally:
                watcher.stop()
            page = client.get(f"/quarantine/{held}").text
            for shown in ("申请重新读取", "重新读取后已接收", "manager"):
                assert shown in page, shown
            assert 'http-equiv="refresh"' not in page
            late = client.post(f"/quarantine/{held}/settle", data={"csrf_token": visitor.csrf, "because": "x"})
            assert (late.status_code, "已有他人先行处理" in late.text) == (409, True)
        assert conn.execute("SELECT count(*) FROM weighings").fetchone() == (1,)


def test_a_person_settles_with_a_reason_and_it_stays_on_record(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        held = hold_message(conn, reason="conflict")
        visitor = sign_in(conn, "admin")
        with visiting(address) as client:
            for path, body, status in (
                ("replay", None, 422),
                ("settle", {"because": "  "}, 422),
                ("settle", {"because": "电池没电，已更换"}, 200),
                ("settle", {"because": "再次"}, 409),
            ):
                answer = client.post(f"/api/v1/quarantine/{held}/{path}", json=body, headers=visitor.bearer)
                assert answer.status_code == status, (path, body)
            found = client.get(f"/api/v1/quarantine/{held}", headers=visitor.bearer).json()
            assert (found["state"], found["ended_by"], found["payload_bytes"] > 0) == ("settled", "admin", True)
            assert [(one["step"], one["actor"], one["note"]) for one in found["steps"]] == [
                ("settled", "admin", "电池没电，已更换")
            ]
            assert "电池没电，已更换" in client.get(f"/quarantine/{held}", headers=visitor.bearer).text


def test_half_a_megabyte_of_anything_is_a_page_of_bounded_length(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        held = hold_message(conn, payload=b"\xff" * 500_000, reason="too_large")
        with visiting(address, sign_in(conn, "manager")) as client:
            page = client.get(f"/quarantine/{held}").text
        assert len(page) < 150_000
        assert "此处仅显示开头部分" in page


def _hold_of_unknown_scale(conn: Connection) -> int:
    """A weighing of a scale that is registered right after it."""
    now = datetime.now(UTC)
    sent = delivery(message(weighing(1, weighed_at=now.isoformat())), scale="late", market=HERE, at=now)
    take_batch(conn, [sent], books=BookKeeper(), policy=RULES, now=now)
    registry.place_scale(
        conn,
        registry.Placement(
            market_id=HERE,
            scale_id=ScaleId("late"),
            stall_id=StallId("A-07"),
            place="",
            vendor_id=VendorId("V007"),
            vendor_name="阿明",
            serial_number="",
            valid_from=now - timedelta(days=1),
        ),
    )
    conn.commit()
    row = conn.execute("SELECT quarantine_id FROM quarantine").fetchone()
    return int(row[0]) if row else 0


def test_many_are_asked_for_followed_and_stopped_through_the_api(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        ours = [hold_message(conn) for _ in range(3)]
        hold_message(conn, reason="not_json")
        hold_message(conn, market_id=ELSEWHERE)
        hold_message(conn, reason="conflict")
        manager, admin = sign_in(conn, "manager"), sign_in(conn, "admin")
        with visiting(address) as client:
            path = "/api/v1/quarantine/replays"
            for body, status in (({"reason": "never"}, 422), ({"since": "2026-11-22T00:00:00"}, 422)):
                assert client.post(path, json=body, headers=manager.bearer).status_code == status, body
            meant = {"reason": "unknown_scale", "up_to": ours[1]}
            asked = client.post(path, json=meant, headers=manager.bearer)
            assert asked.status_code == 202
            found = asked.json()
            assert (found["expected"], found["waiting"], found["is_going_on"]) == (2, 2, True)
            assert (found["market_id"], found["asked_by"]) == (HERE, "manager")
            assert client.post(path, json=meant, headers=manager.bearer).json() == found
            everything = client.post(path, json={}, headers=admin.bearer).json()
            assert (everything["market_id"], everything["expected"]) == (None, 5)
            ids = [one["replay_id"] for one in client.get(path, headers=admin.bearer).json()]
            assert ids == [everything["replay_id"], found["replay_id"]]
            assert [one["replay_id"] for one in client.get(path, headers=manager.bearer).json()] == ids[1:]
            stopped = client.post(f"{path}/{ids[1]}/stop", headers=manager.bearer).json()
            assert (stopped["stopped_by"], stopped["left_out"], stopped["is_going_on"]) == ("manager", 2, False)
            assert client.post(f"{path}/{ids[1]}/stop", headers=manager.bearer).status_code == 409


def test_what_is_not_there_any_more_is_not_asked_for_and_times_are_the_markets(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        held = hold_message(conn)
        conn.execute("UPDATE quarantine SET received_at = '2026-11-22T00:30:00Z'")
        conn.commit()
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            shown = {"since": "2026-11-22T08:30", "until": "2026-11-22T08:31"}
            assert held_ids(client.get("/quarantine", params=shown).text) == [held]
            assert "1 条消息" in client.get("/quarantine/replays/new", params=shown).text
            later = {"since": "2026-11-22T08:31"}
            assert held_ids(client.get("/quarantine", params=later).text) == []
            assert "没有可重新读取的消息" in client.get("/quarantine/replays/new", params=later).text
            assert client.get("/quarantine?since=yesterday").status_code == 422
            form = {"csrf_token": visitor.csrf, "up_to": str(held), **later}
            nothing = client.post("/quarantine/replays", data=form)
            assert nothing.headers["location"].startswith("/quarantine/replays/new?")
            form |= shown
            assert client.post("/quarantine/replays", data=form).headers["location"] == "/quarantine/replays/1"
            assert "<dt>申请读取</dt>" in client.get("/quarantine/replays/1").text
        assert conn.execute("SELECT expected, asked_by FROM quarantine_replays").fetchall() == [(1, "manager")]
