"""Every route with every role, and every route that changes something without its token."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from psycopg import Connection

from domain.alert_step import AlertAction
from supervision.alerts.states import TRANSITIONS
from tests.integration.test_web_world import (
    ELSEWHERE,
    HERE,
    HOSTILE_VENDOR,
    USERS,
    VENDOR,
    config_for,
    enter_purchase,
    file_one,
    furnished_service,
    hold_message,
    publish,
    raise_alert,
    sign_in,
    visiting,
)
from web.app import create_app

ALL, NOBODY = frozenset(USERS), None
NOT_REGULATORS, NOT_MANAGERS = frozenset({"manager", "admin"}), frozenset({"regulator", "admin"})
STEPS = {action for _state, action in TRANSITIONS} | {AlertAction.ASSIGN, AlertAction.COMMENT}
PHOTO = b"\xff\xd8\xff no photo"
NOT_ADMINS = frozenset({"manager", "regulator"})

#: Which roles each route answers; None: no sign-in is asked for. A route that is not here fails the first test.
ROUTES: dict[tuple[str, str], frozenset[str] | None] = {
    ("GET", "/api/v1/openapi.json"): NOBODY,
    ("GET", "/healthz"): NOBODY,
    ("GET", "/readyz"): NOBODY,
    ("GET", "/sign-in"): NOBODY,
    ("POST", "/sign-in"): NOBODY,
    ("GET", "/language/{language}"): NOBODY,
    ("POST", "/api/v1/sessions"): NOBODY,
    ("GET", "/robots.txt"): NOBODY,
    ("GET", "/t"): NOBODY,
    ("GET", "/t/{market_id}/{scale_id}/{journal_id}/{seq}"): NOBODY,
    ("GET", "/t/{market_id}/{scale_id}/{journal_id}/{seq}/{code}"): NOBODY,
    ("GET", "/complain"): NOBODY,
    ("POST", "/complain"): NOBODY,
    ("GET", "/c/{token}"): NOBODY,
    ("POST", "/c/{token}/{action}"): NOBODY,
    ("GET", "/complaints"): ALL,
    ("GET", "/complaints/new"): ALL,
    ("POST", "/complaints"): ALL,
    ("GET", "/complaints/{complaint_id}"): ALL,
    ("POST", "/complaints/{complaint_id}/contact"): NOT_ADMINS,
    ("POST", "/complaints/{complaint_id}/links"): ALL,
    ("POST", "/complaints/{complaint_id}/{action}"): ALL,
    ("GET", "/api/v1/complaints"): ALL,
    ("POST", "/api/v1/complaints"): ALL,
    ("GET", "/api/v1/complaints/figures"): ALL,
    ("GET", "/api/v1/complaints/{complaint_id}"): ALL,
    ("POST", "/api/v1/complaints/{complaint_id}/contact"): NOT_ADMINS,
    ("POST", "/api/v1/complaints/{complaint_id}/links"): ALL,
    ("POST", "/api/v1/complaints/{complaint_id}/{action}"): ALL,
    ("POST", "/sign-out"): ALL,
    ("DELETE", "/api/v1/sessions"): ALL,
    ("GET", "/"): ALL,
    ("GET", "/alerts/list"): ALL,
    ("GET", "/alerts/stream"): ALL,
    ("GET", "/alerts/{alert_id}"): ALL,
    ("POST", "/alerts/{alert_id}/{action}"): ALL,
    ("GET", "/alerts/{alert_id}/photos/{photo_id}"): ALL,
    ("GET", "/alerts/{alert_id}/clock"): ALL,
    ("GET", "/handling"): NOT_MANAGERS,
    ("GET", "/api/v1/handling"): NOT_MANAGERS,
    ("GET", "/api/v1/alerts/{alert_id}/photos/{photo_id}"): ALL,
    ("POST", "/api/v1/alerts/{alert_id}/photos"): ALL,
    **{("POST", f"/api/v1/alerts/{{alert_id}}/{action}"): ALL for action in STEPS},
    ("GET", "/vendors"): ALL,
    ("GET", "/vendors/{market_id}/{vendor_id}"): ALL,
    ("GET", "/vendors/{market_id}/{vendor_id}/credit.csv"): ALL,
    ("GET", "/caps"): ALL,
    ("GET", "/caps/lists"): ALL,
    ("GET", "/caps/lists/{cap_list_id}"): ALL,
    ("GET", "/caps/lists/{cap_list_id}/file"): ALL,
    ("POST", "/caps/lists/{cap_list_id}/publish"): NOT_MANAGERS,
    ("POST", "/caps/lists/{cap_list_id}/withdraw"): NOT_MANAGERS,
    ("GET", "/caps/import"): NOT_MANAGERS,
    ("POST", "/caps/import"): NOT_MANAGERS,
    ("GET", "/caps/imports/{file_id}"): NOT_MANAGERS,
    ("POST", "/caps/imports/{file_id}"): NOT_MANAGERS,
    ("GET", "/caps/daily"): NOT_MANAGERS,
    ("POST", "/caps/daily/references"): NOT_MANAGERS,
    ("POST", "/caps/daily/draft"): NOT_MANAGERS,
    ("GET", "/caps/daily/{cap_list_id}"): NOT_MANAGERS,
    ("POST", "/caps/daily/{cap_list_id}/publish"): NOT_MANAGERS,
    ("GET", "/caps/rates"): NOT_MANAGERS,
    ("POST", "/caps/rates"): NOT_MANAGERS,
    ("POST", "/caps/rates/end"): NOT_MANAGERS,
    ("GET", "/caps/purchases"): ALL,
    ("GET", "/caps/purchases/new"): NOT_REGULATORS,
    ("POST", "/caps/purchases"): NOT_REGULATORS,
    ("GET", "/caps/purchases/{purchase_id}"): ALL,
    ("GET", "/caps/purchases/{purchase_id}/photo"): ALL,
    ("POST", "/caps/purchases/{purchase_id}/accept"): NOT_MANAGERS,
    ("POST", "/caps/purchases/{purchase_id}/refuse"): NOT_MANAGERS,
    ("GET", "/caps/exemptions"): ALL,
    ("POST", "/caps/exemptions"): NOT_MANAGERS,
    ("POST", "/caps/exemptions/{exemption_id}/revoke"): NOT_MANAGERS,
    ("GET", "/vendors/{market_id}/{vendor_id}/file"): ALL,
    ("POST", "/vendors/{market_id}/{vendor_id}/file"): NOT_MANAGERS,
    ("GET", "/vendors/{market_id}/{vendor_id}/file.json"): ALL,
    ("GET", "/vendors/{market_id}/{vendor_id}/file.xlsx"): ALL,
    ("GET", "/registry"): ALL,
    ("GET", "/registry/vendors/new"): NOT_MANAGERS,
    ("POST", "/registry/vendors"): NOT_MANAGERS,
    ("GET", "/registry/vendors/{market_id}/{vendor_id}"): NOT_MANAGERS,
    ("POST", "/registry/vendors/{market_id}/{vendor_id}"): NOT_MANAGERS,
    ("GET", "/registry/stalls"): ALL,
    ("POST", "/registry/stalls"): ALL,
    ("GET", "/registry/stalls/{market_id}/{stall_id}"): ALL,
    ("POST", "/registry/stalls/{market_id}/{stall_id}"): ALL,
    ("POST", "/registry/stalls/{market_id}/{stall_id}/occupy"): ALL,
    ("POST", "/registry/stalls/{market_id}/{stall_id}/vacate"): ALL,
    ("POST", "/registry/stalls/{market_id}/{stall_id}/exchange"): ALL,
    ("GET", "/registry/scales"): ALL,
    ("POST", "/registry/scales"): ALL,
    ("GET", "/registry/scales/{market_id}/{scale_id}"): ALL,
    ("POST", "/registry/scales/{market_id}/{scale_id}"): ALL,
    ("POST", "/registry/scales/{market_id}/{scale_id}/bind"): ALL,
    ("POST", "/registry/scales/{market_id}/{scale_id}/release"): ALL,
    ("POST", "/registry/scales/{market_id}/{scale_id}/exchange"): ALL,
    ("POST", "/registry/scales/{market_id}/{scale_id}/verify"): ALL,
    ("GET", "/registry/import"): ALL,
    ("POST", "/registry/import"): ALL,
    ("GET", "/registry/imports/{import_id}"): ALL,
    ("POST", "/registry/imports/{import_id}"): ALL,
    ("GET", "/registry/views"): NOT_MANAGERS,
    ("GET", "/api/v1/registry/vendors"): ALL,
    ("POST", "/api/v1/registry/previews"): ALL,
    ("POST", "/api/v1/registry/imports"): ALL,
    ("GET", "/api/v1/vendors/{market_id}/{vendor_id}/file"): ALL,
    ("POST", "/api/v1/vendors/{market_id}/{vendor_id}/file"): NOT_MANAGERS,
    ("GET", "/caps/rejudging"): ALL,
    ("GET", "/api/v1/caps/rejudgements"): ALL,
    ("GET", "/api/v1/purchases"): ALL,
    ("POST", "/api/v1/purchases"): NOT_REGULATORS,
    ("GET", "/api/v1/purchases/{purchase_id}"): ALL,
    ("GET", "/api/v1/purchases/{purchase_id}/photo"): ALL,
    ("POST", "/api/v1/purchases/{purchase_id}/accept"): NOT_MANAGERS,
    ("POST", "/api/v1/purchases/{purchase_id}/refuse"): NOT_MANAGERS,
    ("GET", "/caps/scales"): ALL,
    ("GET", "/caps/scales/list"): ALL,
    ("GET", "/caps/scales/stream"): ALL,
    ("GET", "/scales/{market_id}/{scale_id}"): ALL,
    ("POST", "/scales/{market_id}/{scale_id}/maintenance"): ALL,
    ("POST", "/scales/{market_id}/{scale_id}/maintenance/end"): ALL,
    ("GET", "/trends"): ALL,
    ("GET", "/trends.csv"): ALL,
    ("GET", "/trends/references"): ALL,
    ("POST", "/trends/references"): NOT_MANAGERS,
    ("GET", "/api/v1/caps/scales"): ALL,
    ("GET", "/api/v1/scales/{market_id}/{scale_id}/events"): ALL,
    ("GET", "/api/v1/trends"): ALL,
    ("GET", "/api/v1/trends/references"): ALL,
    ("POST", "/api/v1/trends/references"): NOT_MANAGERS,
    ("GET", "/quarantine"): ALL,
    ("GET", "/quarantine/{quarantine_id}"): ALL,
    ("POST", "/quarantine/{quarantine_id}/replay"): NOT_REGULATORS,
    ("POST", "/quarantine/{quarantine_id}/settle"): NOT_REGULATORS,
    ("GET", "/quarantine/replays/new"): NOT_REGULATORS,
    ("POST", "/quarantine/replays"): NOT_REGULATORS,
    ("GET", "/quarantine/replays/{replay_id}"): ALL,
    ("POST", "/quarantine/replays/{replay_id}/stop"): NOT_REGULATORS,
    ("GET", "/notices"): ALL,
    ("GET", "/notices/list"): ALL,
    ("GET", "/notices/bell"): ALL,
    ("GET", "/notices/stream"): ALL,
    ("POST", "/notices/read"): ALL,
    ("POST", "/notices/{letter_id}/read"): ALL,
    ("GET", "/notices/settings"): ALL,
    ("POST", "/notices/settings"): ALL,
    ("POST", "/notices/settings/trial"): ALL,
    ("GET", "/notices/webhooks"): NOT_MANAGERS,
    ("POST", "/notices/webhooks"): NOT_MANAGERS,
    ("GET", "/notices/webhooks/{endpoint_id}"): NOT_MANAGERS,
    ("POST", "/notices/webhooks/{endpoint_id}/test"): NOT_MANAGERS,
    ("POST", "/notices/webhooks/{endpoint_id}/secret"): NOT_MANAGERS,
    ("POST", "/notices/webhooks/{endpoint_id}/disable"): NOT_MANAGERS,
    ("POST", "/notices/webhooks/{endpoint_id}/enable"): NOT_MANAGERS,
    ("POST", "/notices/webhooks/{endpoint_id}/letters/{letter_id}/redeliver"): NOT_MANAGERS,
    ("GET", "/api/v1/notices"): ALL,
    ("POST", "/api/v1/notices/read"): ALL,
    ("GET", "/api/v1/notices/settings"): ALL,
    ("PUT", "/api/v1/notices/settings"): ALL,
    ("GET", "/api/v1/notices/mails"): ALL,
    ("GET", "/api/v1/webhooks"): NOT_MANAGERS,
    ("POST", "/api/v1/webhooks"): NOT_MANAGERS,
    ("GET", "/api/v1/webhooks/{endpoint_id}"): NOT_MANAGERS,
    ("GET", "/api/v1/webhooks/{endpoint_id}/deliveries"): NOT_MANAGERS,
    ("POST", "/api/v1/webhooks/{endpoint_id}/test"): NOT_MANAGERS,
    ("POST", "/api/v1/webhooks/{endpoint_id}/secret"): NOT_MANAGERS,
    ("POST", "/api/v1/webhooks/{endpoint_id}/disable"): NOT_MANAGERS,
    ("POST", "/api/v1/webhooks/{endpoint_id}/enable"): NOT_MANAGERS,
    ("POST", "/api/v1/webhooks/{endpoint_id}/deliveries/{letter_id}/redeliver"): NOT_MANAGERS,
    ("GET", "/api/v1/alerts"): ALL,
    ("GET", "/api/v1/alerts/{alert_id}"): ALL,
    ("GET", "/api/v1/vendors"): ALL,
    ("GET", "/api/v1/vendors/{market_id}/{vendor_id}/credit"): ALL,
    ("GET", "/api/v1/vendors/{market_id}/{vendor_id}/credit.csv"): ALL,
    ("GET", "/api/v1/caps"): ALL,
    ("POST", "/api/v1/caps/previews"): NOT_MANAGERS,
    ("GET", "/api/v1/caps/lists"): ALL,
    ("POST", "/api/v1/caps/lists"): NOT_MANAGERS,
    ("GET", "/api/v1/caps/lists/{cap_list_id}"): ALL,
    ("POST", "/api/v1/caps/lists/{cap_list_id}/publish"): NOT_MANAGERS,
    ("POST", "/api/v1/caps/lists/{cap_list_id}/withdraw"): NOT_MANAGERS,
    ("GET", "/api/v1/quarantine"): ALL,
    ("GET", "/api/v1/quarantine/reasons"): ALL,
    ("GET", "/api/v1/quarantine/replays"): ALL,
    ("POST", "/api/v1/quarantine/replays"): NOT_REGULATORS,
    ("GET", "/api/v1/quarantine/replays/{replay_id}"): ALL,
    ("POST", "/api/v1/quarantine/replays/{replay_id}/stop"): NOT_REGULATORS,
    ("GET", "/api/v1/quarantine/{quarantine_id}"): ALL,
    ("GET", "/api/v1/quarantine/{quarantine_id}/payload"): ALL,
    ("POST", "/api/v1/quarantine/{quarantine_id}/replay"): NOT_REGULATORS,
    ("POST", "/api/v1/quarantine/{quarantine_id}/settle"): NOT_REGULATORS,
    ("GET", "/draws"): NOBODY,
    ("GET", "/draws/{plan_id}"): NOBODY,
    ("GET", "/draws/{plan_id}/file"): NOBODY,
    ("GET", "/checklist-worker.js"): NOBODY,
    ("GET", "/v/{code}"): NOBODY,
    ("GET", "/v/{code}/qr.svg"): NOBODY,
    ("POST", "/v/{code}/visits/{inspection_id}/report"): NOBODY,
    ("POST", "/v/{code}/visits/{inspection_id}/appraisal"): NOBODY,
    ("POST", "/inspections/vendors/{market_id}/{vendor_id}/code"): ALL,
    ("GET", "/inspections/visits/{inspection_id}/checklist"): NOT_MANAGERS,
    ("GET", "/api/v1/inspections"): ALL,
    ("GET", "/api/v1/inspections/{inspection_id}"): ALL,
    ("GET", "/api/v1/inspections/{inspection_id}/answers"): ALL,
    ("POST", "/api/v1/inspections/{inspection_id}/answers"): NOT_MANAGERS,
    ("POST", "/api/v1/inspections/{inspection_id}/act/{action}"): NOT_MANAGERS,
    ("GET", "/inspections"): ALL,
    ("POST", "/inspections/alerts/{alert_id}"): NOT_MANAGERS,
    ("GET", "/inspections/combining"): NOT_MANAGERS,
    ("POST", "/inspections/combining"): NOT_MANAGERS,
    ("GET", "/inspections/visits/{inspection_id}"): ALL,
    ("POST", "/inspections/visits/{inspection_id}/day"): NOT_MANAGERS,
    ("POST", "/inspections/visits/{inspection_id}/send"): NOT_MANAGERS,
    ("POST", "/inspections/visits/{inspection_id}/act/{action}"): NOT_MANAGERS,
    ("GET", "/inspections/plans"): NOT_MANAGERS,
    ("POST", "/inspections/plans"): NOT_MANAGERS,
    ("GET", "/inspections/plans/{plan_id}"): NOT_MANAGERS,
    ("POST", "/inspections/plans/{plan_id}/freeze"): NOT_MANAGERS,
    ("POST", "/inspections/plans/{plan_id}/draw"): NOT_MANAGERS,
    ("POST", "/inspections/plans/{plan_id}/abandon"): NOT_MANAGERS,
    ("GET", "/inspections/inspectors"): NOT_MANAGERS,
    ("POST", "/inspections/inspectors"): NOT_MANAGERS,
    ("POST", "/inspections/inspectors/{user_id}/retire"): NOT_MANAGERS,
    ("POST", "/inspections/conflicts"): NOT_MANAGERS,
    ("POST", "/inspections/conflicts/{conflict_id}/end"): NOT_MANAGERS,
    ("GET", "/inspections/classes"): NOT_MANAGERS,
    ("POST", "/inspections/classes"): NOT_MANAGERS,
    ("GET", "/inspections/items"): ALL,
    ("POST", "/inspections/items/import"): NOT_MANAGERS,
    ("POST", "/inspections/items/drafts"): NOT_MANAGERS,
    ("GET", "/inspections/items/merges"): ALL,
    ("POST", "/inspections/items/drafts/{catalogue_id}/merge"): NOT_MANAGERS,
    ("POST", "/inspections/items/drafts/{catalogue_id}/publish"): NOT_MANAGERS,
    ("POST", "/inspections/items/drafts/{catalogue_id}/discard"): NOT_MANAGERS,
    ("GET", "/inspections/items/code/{code}"): ALL,
    ("GET", "/inspections/items/{catalogue_id}/{code}"): ALL,
    ("GET", "/api/v1/items"): ALL,
    ("GET", "/api/v1/items/versions"): ALL,
    ("GET", "/api/v1/items/merges"): ALL,
    ("GET", "/api/v1/items/of-alerts/{kind}"): ALL,
    ("GET", "/api/v1/items/code/{code}"): ALL,
    ("POST", "/api/v1/items/drafts"): NOT_MANAGERS,
    ("POST", "/api/v1/items/drafts/{catalogue_id}/merge"): NOT_MANAGERS,
    ("POST", "/api/v1/items/drafts/{catalogue_id}/publish"): NOT_MANAGERS,
    ("POST", "/api/v1/items/drafts/{catalogue_id}/discard"): NOT_MANAGERS,
}
CHANGING = [(method, path) for method, path in ROUTES if method != "GET"]
ASKING = [(method, path) for (method, path), roles in ROUTES.items() if roles is not NOBODY]


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
    ids |= {"stall_id": "A-01", "import_id": 1}
    ids |= {"catalogue_id": 1, "code": "P99", "kind": "cap_list_missing"}
    ids |= {"plan_id": 1, "inspection_id": 1, "user_id": 1, "conflict_id": 1}
    if "/act/" in path:
        action = "close"
    return path.format(action=action, language="en", **ids)


def body_of(path: str) -> dict[str, Any]:
    if path.endswith("/links"):
        return {"scale_id": "S-1", "journal_id": "j", "seq": 1, "weighed_at": "2026-11-22T02:11:08Z"}
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


def test_the_matrix_of_routes_and_roles(database_url: str) -> None:
    """A refusal by role is 403; whatever else a route answers here, it has let the person through."""
    with furnished_service(database_url) as (address, conn):
        answers: dict[tuple[str, str, str], bool] = {}
        for role in USERS:
            for method, path in ASKING:
                if path.endswith("/stream"):
                    continue  # never ends; its own tests read it
                visitor = sign_in(conn, role)
                target = addressed(path, alert_id=raise_alert(conn), held=hold_message(conn))
                with visiting(address) as client:
                    answer = client.request(method, target, headers=visitor.bearer, **sent_to(method, path))
                assert answer.status_code < 500, (method, path, answer.text)
                answers[method, path, role] = answer.status_code != 403
                _forget_alerts(conn)
        expected = {key: key[2] in (ROUTES[key[0], key[1]] or ALL) for key in answers}
        assert answers == expected


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
