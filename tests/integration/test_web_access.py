"""Every route with every role, and every route that changes something without its token."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from psycopg import Connection

from tests.integration.route_roles import ALL
from tests.integration.web_routes import ASKING, CHANGING, PHOTO, ROUTES
from tests.web_service import config_for, furnished_service, visiting
from tests.web_world import (
    ELSEWHERE,
    HERE,
    HOSTILE_VENDOR,
    USERS,
    VENDOR,
    enter_purchase,
    file_one,
    hold_message,
    publish,
    raise_alert,
    sign_in,
)
from web.app import create_app


def addressed(
    path: str,
    *,
    alert_id: int = 1,
    held: int = 1,
    replay: int = 1,
    purchase: int = 1,
    market: str = HERE,
    vendor: str = VENDOR,
    cap_list: int = 1,
    complaint: int = 1,
) -> str:
    ids = {"alert_id": alert_id, "quarantine_id": held, "replay_id": replay, "market_id": market, "vendor_id": vendor}
    ids |= {
        "cap_list_id": cap_list,
        "file_id": 1,
        "purchase_id": purchase,
        "exemption_id": 1,
        "scale_id": "S-1",
        "photo_id": 1,
    }
    ids |= {"complaint_id": complaint, "journal_id": "j", "seq": 1, "code": "x", "token": "t" * 32}
    action = "accept" if "complain" in path else "withdraw" if path.startswith("/c/") else "acknowledge"
    ids |= {"endpoint_id": 1, "letter_id": 1}
    ids |= {"destination_id": 1, "batch_id": 1, "token_id": 1}
    ids |= {"stall_id": "A-01", "import_id": 1}
    ids |= {"round_id": 1, "number": 1}
    ids |= {"catalogue_id": 1, "code": "P99", "kind": "cap_list_missing"}
    ids |= {"plan_id": 1, "inspection_id": 1, "user_id": 1, "conflict_id": 1}
    ids |= {"approval_id": 1, "check_id": 1, "receipt_id": 1, "export_no": 1, "form": "csv"}
    if "/approvals/checks/" in path:
        action = "take_up"
    ids |= {"promise_id": 1, "report_id": 1, "version": "next", "day": "2026-10-01"}
    if "promises" in path:
        action = "decline"
    if "/act/" in path:
        action = "close"
    if "destination_id" in path:
        action = "enable"
    ids |= {"axis": "volume"}
    ids |= {"case_id": 1, "bundle_id": 1, "entry_id": 1, "repair_id": 1, "record_id": 1}
    if "/cases/" in path:
        action = "investigate"
    if path.startswith(("/repairs/", "/api/v1/repairs/")):
        action = "withdraw"
    return path.format(action=action, language="en", **ids)


BODIES: dict[str, dict[str, Any]] = {
    "/links": {"scale_id": "S-1", "journal_id": "j", "seq": 1, "weighed_at": "2026-11-22T02:11:08Z"},
    "/repairs": {"event_id": 1, "effort": "training", "document_no": "N-1", "document": "said why"},
    "/repairs/{repair_id}/{action}": {"reason": "said why"},
    "/records": {"name": "no_price_tag", "document_no": "N-1", "evidence": "said why", "happened_on": "2026-11-22"},
}


def body_of(path: str) -> dict[str, Any]:
    known = next((body for ending, body in BODIES.items() if path.endswith(ending)), None)
    if known is not None:
        return known
    if "/approvals" in path:
        match = {"market_id": HERE, "vendor_id": VENDOR, "because": "said why", "item": "M01"}
        return {"records": [{"number": "N-1"}], "assigned_to": "regulator", "note": "said why", **match}
    if path.endswith(("settle", "withdraw")):
        return {"because": "said why"}
    if path.endswith(("previews", "caps/lists")):
        return {"file_name": "f.csv", "content": "YQ==", "area": "sanya", "source": "a test"}
    return {"reason": "device_fault"} if path.endswith("dismiss") else {"note": "said why"}


def sent_to(method: str, path: str) -> dict[str, Any]:
    """What a request carries, as httpx takes it."""
    if not path.startswith("/api/") or method != "POST":
        return {}
    if path.endswith("/photos"):
        return {"files": {"photo": ("p.jpg", PHOTO, "image/jpeg")}}
    return {"json": body_of(path)}


def test_every_route_stands_in_the_table() -> None:
    app = create_app(config_for("postgresql:///unused"))
    routes = {
        (method, route.path)
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert routes == set(ROUTES)


@pytest.mark.timeout(900)  # hundreds of routes: how fast the machine is decides nothing
@pytest.mark.parametrize("role", USERS)
def test_the_matrix_of_routes_and_roles(database_url: str, role: str) -> None:
    """A refusal by role is 403; whatever else a route answers here, it has let the person through."""
    with furnished_service(database_url) as (address, conn):
        answers: dict[tuple[str, str], bool] = {}
        for method, path in ASKING:
            if path.endswith("/stream"):
                continue  # never ends; its own tests read it
            visitor = sign_in(conn, role)
            target = addressed(path, alert_id=raise_alert(conn), held=hold_message(conn))
            with visiting(address) as client:
                answer = client.request(method, target, headers=visitor.bearer, **sent_to(method, path))
            assert answer.status_code < 500, (method, path, answer.text)
            answers[method, path] = answer.status_code != 403
            _forget_alerts(conn)
        assert answers == {key: role in (ROUTES[key] or ALL) for key in answers}


def test_nothing_but_the_door_answers_a_stranger(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn), visiting(address) as client:
        alert_id = raise_alert(conn)
        for method, path in ASKING:
            answer = client.request(method, addressed(path, alert_id=alert_id))
            expected = 401 if path.startswith("/api/") else 303
            assert answer.status_code == expected, (method, path)


@pytest.fixture
def furnished(database_url: str) -> Iterator[tuple[str, Connection]]:
    with furnished_service(database_url) as world:
        yield world


@pytest.mark.parametrize("token", [None, "", "wrong"], ids=["none", "empty", "wrong"])
def test_a_cookie_without_the_forms_token_changes_nothing(furnished: tuple[str, Connection], token: str | None) -> None:
    """One service for all routes: to furnish one for each would take most of the time of all tests."""
    address, conn = furnished
    headers = {} if token is None else {"x-csrf-token": token}
    alert_id, held = raise_alert(conn), hold_message(conn)
    with visiting(address, sign_in(conn, "admin")) as client:
        for method, path in CHANGING:
            json = {"username": "x", "password": "y"} if path.endswith("sessions") else body_of(path)
            target = addressed(path, alert_id=alert_id, held=held)
            as_json = client.request(method, target, headers=headers, json=json)
            as_form = client.request(method, target, headers=headers, data={"csrf_token": token or ""})
            assert as_json.status_code == 403, (method, path)
            # A form is no JSON: where JSON is asked for, it may be refused as that before it is refused for its token.
            assert as_form.status_code in ({403, 422} if path.startswith("/api/") else {403}), (method, path)
        still = client.get(f"/api/v1/alerts/{alert_id}").json()
        still_held = client.get(f"/api/v1/quarantine/{held}").json()
        asked_for = client.get("/api/v1/quarantine/replays").json()
    assert (still["state"], still_held["state"], still_held["replay_requested_at"]) == ("open", "held", None)
    assert (still["steps"], asked_for) == ([], [])
    _forget_alerts(conn)


def test_the_token_of_another_session_does_not_help(furnished: tuple[str, Connection]) -> None:
    address, conn = furnished
    alert_id = raise_alert(conn)
    other = sign_in(conn, "regulator")
    with visiting(address, sign_in(conn, "admin")) as client:
        answer = client.post(f"/alerts/{alert_id}/acknowledge", data={"csrf_token": other.csrf})
    assert answer.status_code == 403
    _forget_alerts(conn)


@pytest.mark.timeout(900)
def test_a_manager_meets_nothing_of_another_market(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        theirs = raise_alert(conn, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
        held = hold_message(conn, market_id=ELSEWHERE)
        purchase = enter_purchase(conn, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
        complaint = file_one(conn, market_id=ELSEWHERE)
        nobodys = hold_message(conn, market_id=None, topic="elsewhere")
        their_list = publish(conn, datetime.now(UTC), market_id=ELSEWHERE)
        conn.commit()
        visitor = sign_in(conn, "manager")
        ids: dict[str, Any] = {"alert_id": theirs, "held": held, "market": ELSEWHERE, "vendor": HOSTILE_VENDOR}
        with visiting(address) as client:
            of_theirs = {"market": ELSEWHERE}
            asked = client.post(
                "/api/v1/quarantine/replays", json=of_theirs, headers=sign_in(conn, "admin").bearer
            ).json()["replay_id"]
            for method, path in ASKING:
                if "{" not in path or "manager" not in (ROUTES[method, path] or ()):
                    continue
                target = addressed(
                    path, **ids, replay=asked, cap_list=their_list, purchase=purchase, complaint=complaint
                )
                answer = client.request(method, target, headers=visitor.bearer, **sent_to(method, path))
                expected = 404 if "manager" in (ROUTES[method, path] or ALL) else 403
                assert answer.status_code == expected, (method, path)
                assert "alert(" not in answer.text
            assert client.get(f"/quarantine/{nobodys}", headers=visitor.bearer).status_code == 404
            listing = ("/", "/alerts/list", "/vendors", "/quarantine", "/api/v1/alerts", "/api/v1/vendors")
            api = ("/api/v1/caps", "/api/v1/quarantine", "/api/v1/quarantine/reasons", "/api/v1/purchases")
            of_complaints = ("/complaints", "/api/v1/complaints", "/api/v1/complaints/figures")
            for path in (
                *listing,
                *api,
                "/quarantine/replays/new",
                "/caps/purchases",
                "/caps/exemptions",
                *of_complaints,
            ):
                assert client.get(path, params={"market": ELSEWHERE}, headers=visitor.bearer).status_code == 404
                assert ELSEWHERE not in client.get(path, headers=visitor.bearer).text
            assert client.get("/api/v1/quarantine/replays", headers=visitor.bearer).json() == []
            answer = client.post("/api/v1/quarantine/replays", json=of_theirs, headers=visitor.bearer)
            assert answer.status_code == 404
        with visiting(address) as client:
            regulator = sign_in(conn, "regulator")
            assert client.get(f"/alerts/{theirs}", headers=regulator.bearer).status_code == 200


def _forget_alerts(conn: Connection) -> None:
    """So that the next one is a new alert, and not another occurrence of this."""
    conn.execute("UPDATE alerts SET business_day = date '1990-01-01' + alert_id::int")
    conn.commit()
