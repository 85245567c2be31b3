"""Which scales hold which caps, what happened to them, and who works on them: on pages and through the API."""

from datetime import UTC, datetime, timedelta

import httpx
from psycopg import Connection

from db import device_events, scale_caps
from domain.alert import AlertKind
from domain.ids import ScaleId
from ingest.batch import take_batch
from ingest.reading import Delivery
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from tests.integration.test_device_events import event
from tests.integration.test_web_stream import expect, listening
from tests.web_service import furnished_service, visiting
from tests.web_world import ELSEWHERE, HERE, POLICY, Visitor, sign_in

RULES = read_rules_policy(POLICY / "rules.toml")
SCALE = ScaleId(f"{HERE}-s01")


def happen(conn: Connection, *payloads: bytes, market: str = HERE) -> None:
    """Let events arrive as ingest takes them; commit."""
    now = datetime.now(UTC)
    arrived = [Delivery(f"steelyard/v1/{market}/{market}-s01/events", payload, now) for payload in payloads]
    take_batch(conn, arrived, books=BookKeeper(), policy=RULES, now=now)
    conn.commit()


def said(number: int, version: str) -> bytes:
    return event(number, "caps_applied", at=datetime.now(UTC), detail={"version": version})


def counts(client: httpx.Client, visitor: Visitor, market: str) -> dict[str, int]:
    found = client.get("/api/v1/caps/scales", params={"market": market}, headers=visitor.bearer).json()[0]
    return {name: found[name] for name in ("count", "current", "old", "silent")}


def test_a_scale_goes_from_silent_to_current_to_old(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn), visiting(address, sign_in(conn, "manager")) as client:
        visitor = sign_in(conn, "manager")
        assert "尚未向该市场下发任何调控价表" in client.get("/caps/scales").text
        long_ago = datetime.now(UTC) - timedelta(hours=3)
        scale_caps.note_announced(conn, HERE, "1-aaa", 1, long_ago)
        conn.commit()
        assert counts(client, visitor, HERE) == {"count": 1, "current": 0, "old": 0, "silent": 1}
        happen(conn, said(1, "1-aaa"))
        assert counts(client, visitor, HERE) == {"count": 1, "current": 1, "old": 0, "silent": 0}
        assert 'data-state="current"' in client.get("/caps/scales").text
        scale_caps.note_announced(conn, HERE, "2-bbb", 2, long_ago + timedelta(hours=1))
        conn.commit()
        page = client.get("/caps/scales?show=old").text
        assert 'data-state="old"' in page
        assert "1-aaa" in page
        assert "2:00:0" in page  # how long it is outdated
        assert 'data-scale="' not in client.get("/caps/scales?show=current").text
        overview = client.get("/").text
        assert "已用此表的秤：0/1" in overview
        assert "1 台仍用旧表" in overview


def test_a_manager_sees_the_own_market_only_and_a_regulator_every_one(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        happen(conn, said(1, "1-theirs"), market=ELSEWHERE)
        with visiting(address, sign_in(conn, "manager")) as client:
            assert f"{ELSEWHERE}-s01" not in client.get("/caps/scales").text
            assert client.get(f"/caps/scales?market={ELSEWHERE}").status_code == 404
            assert client.get(f"/scales/{ELSEWHERE}/{ELSEWHERE}-s01").status_code == 404
            assert client.get(f"/api/v1/scales/{ELSEWHERE}/{ELSEWHERE}-s01/events").status_code == 404
            assert client.get(f"/scales/{HERE}/nothing").status_code == 404
        with visiting(address, sign_in(conn, "regulator")) as client:
            page = client.get("/caps/scales").text
            assert f'data-scale="{HERE}-s01"' in page
            assert f'data-scale="{ELSEWHERE}-s01"' in page
            listed = client.get(f"/api/v1/scales/{ELSEWHERE}/{ELSEWHERE}-s01/events").json()
            assert [(one["kind"], one["detail"]) for one in listed] == [("caps_applied", {"version": "1-theirs"})]


def test_an_open_page_is_told_when_a_scale_applied_caps(database_url: str) -> None:
    where = "/caps/scales/stream"
    with (
        furnished_service(database_url) as (address, conn),
        listening(address, sign_in(conn, "manager"), path=where) as lines,
    ):
        expect(lines, "event: scales")
        happen(conn, said(1, "1-aaa"))
        expect(lines, "event: scales")


def test_tampering_stands_on_its_alert_with_what_happened_and_the_legal_basis(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        happen(conn, event(1, "calibration_changed", at=datetime.now(UTC), detail={"value": "<b>8</b>"}))
        row = conn.execute("SELECT alert_id, kind FROM alerts").fetchone()
        assert row is not None
        assert row[1] == AlertKind.CALIBRATION_CHANGED
        with visiting(address, sign_in(conn, "manager")) as client:
            listed = client.get("/").text
            assert "秤的标定被改变" in listed
            assert "severity-critical" in listed
            page = client.get(f"/alerts/{row[0]}").text
            assert 'data-event="calibration_changed"' in page
            assert "&lt;b&gt;8&lt;/b&gt;" in page
            assert "第四十六条" in page
            assert "severity-critical" in page
            api = client.get(f"/api/v1/alerts/{row[0]}").json()
            assert (api["severity"], api["worst_excess_permille"]) == ("critical", None)
            assert [one["event_no"] for one in api["device_events"]] == [1]


def test_a_ticket_excuses_what_happens_while_it_is_open_and_nothing_before(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        visitor = sign_in(conn, "manager")
        where = f"/scales/{HERE}/{SCALE}"
        with visiting(address, visitor) as client:
            form = {"csrf_token": visitor.csrf, "reason": "", "hours": "2"}
            assert client.post(f"{where}/maintenance", data=form).status_code == 422
            opened = client.post(f"{where}/maintenance", data=form | {"reason": "换弹簧，计量所"})
            assert (opened.status_code, opened.headers["location"]) == (303, where)
            page = client.get(where).text
            assert "维修中" in page
            assert "换弹簧" in page
            happen(conn, event(1, "case_open", at=datetime.now(UTC)))
            assert conn.execute("SELECT count(*) FROM alerts").fetchone() == (0,)
            ended = client.post(f"{where}/maintenance/end", data={"csrf_token": visitor.csrf})
            assert ended.status_code == 303
        ticket = conn.execute("SELECT opened_by, upper(valid) FROM maintenance_tickets").fetchone()
        assert ticket is not None
        assert ticket[0] == "manager"
        after = max(ticket[1], datetime.now(UTC))
        conn.commit()
        happen(conn, event(2, "case_open", at=after))
        assert conn.execute("SELECT kind FROM alerts").fetchall() == [("case_open",)]
        assert [one.event_no for one in device_events.of_scale(conn, HERE, SCALE)] == [2, 1]
