"""Promises on the pages and through the API: offered with a confirmation, answered, listed, explained."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from psycopg import Connection

from db import promises
from domain.promise import PromiseState
from supervision.inspections import vendor_page
from tests.factories import NOW
from tests.integration.test_web_alert_life import photo
from tests.web_service import furnished_service, visiting
from tests.web_world import HERE, VENDOR, Visitor, raise_alert, sign_in
from web.pages.inspections.vendor_pages import form_token


class Office:
    """A manager with the pages open, and a look behind them."""

    def __init__(self, conn: Connection, client: httpx.Client, visitor: Visitor) -> None:
        self.conn, self.client, self.visitor = conn, client, visitor

    def raise_small(self) -> int:
        return raise_alert(self.conn, excess_fen=3000)

    def post(self, path: str, *, photos: tuple[bytes, ...] = (), **form: Any) -> httpx.Response:
        files = [("photo", (f"{n}.jpg", content, "image/jpeg")) for n, content in enumerate(photos)]
        return self.client.post(path, data={"csrf_token": self.visitor.csrf, **form}, files=files or None)

    def page(self, path: str) -> str:
        return self.client.get(path).text

    def api(self, method: str, path: str, **body: Any) -> Any:
        answer = self.client.request(method, f"/api/v1{path}", headers=self.visitor.bearer, json=body or None)
        return answer.json() if answer.status_code == 200 else (answer.status_code, answer.json())

    def offered(self) -> tuple[int, int]:
        alert_id = self.raise_small()
        assert self.post(f"/alerts/{alert_id}/confirm", offer_promise="true").status_code == 303
        promise = promises.of_alert(self.conn, alert_id)
        assert promise is not None
        return alert_id, promise.promise_id

    def state(self, promise_id: int) -> PromiseState:
        found = promises.by_id(self.conn, promise_id)
        assert found is not None
        return found.state


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with furnished_service(database_url) as (address, conn):
        conn.autocommit = True
        visitor = sign_in(conn, "manager")
        with visiting(address, visitor) as client:
            client.cookies.set("steelyard-language", "en")
            yield Office(conn, client, visitor)


def test_the_form_offers_it_where_it_may_and_says_why_not_where_it_may_not(office: Office) -> None:
    alert_id = office.raise_small()
    page = office.page(f"/alerts/{alert_id}")
    assert 'name="offer_promise"' in page
    office.post(f"/alerts/{alert_id}/confirm", offer_promise="true")
    page = office.page(f"/alerts/{alert_id}")
    assert 'id="promise-title"' in page
    assert f"/promises/{promises.of_vendor(office.conn, HERE, VENDOR)[0].promise_id}/make" in page
    second = office.raise_small()
    page = office.page(f"/alerts/{second}")
    assert 'name="offer_promise"' not in page
    refused = office.post(f"/alerts/{second}/confirm", offer_promise="true", note="kept words")
    assert refused.status_code == 422
    assert "kept words" in refused.text
    assert office.api("GET", f"/alerts/{second}")["promise_refused"] == ["promised_before", "enough_in_cycle"]


def test_what_the_vendor_says_is_recorded_and_nothing_typed_is_lost(office: Office) -> None:
    alert_id, promise_id = office.offered()
    without = office.post(f"/promises/{promise_id}/make", how="paper", note="signed at the desk")
    assert without.status_code == 422
    assert "signed at the desk" in without.text
    assert office.state(promise_id) is PromiseState.OFFERED
    made = office.post(f"/promises/{promise_id}/make", how="paper", note="signed at the desk", photos=(photo(),))
    assert (made.status_code, made.headers["location"]) == (303, f"/alerts/{alert_id}#promise-title")
    assert office.state(promise_id) is PromiseState.MADE
    step = promises.steps_of(office.conn, promise_id)[-1]
    assert (step.actor, step.note, step.photo_id is not None) == ("manager", "signed at the desk", True)
    assert office.post(f"/promises/{promise_id}/decline").status_code == 409
    assert office.post("/promises/999/decline").status_code == 404


def test_the_list_the_report_its_file_and_the_vendors_file_explain_it(office: Office) -> None:
    _, promise_id = office.offered()
    assert f">{promise_id} · " in office.page("/promises")
    office.post(f"/promises/{promise_id}/make", how="oral", note="told Chen at stall A-01")
    breach = office.raise_small()
    page = office.page(f"/alerts/{breach}")
    assert "2 倍" in page or "2 times" in page
    office.post(f"/alerts/{breach}/confirm")
    assert f"/alerts/{breach}" in office.page("/promises?show=broken")
    report = office.page(f"/vendors/{HERE}/{VENDOR}")
    assert f"breaks promise {promise_id}, × 2" in report
    assert 'id="promises-title"' in report
    csv = office.page(f"/vendors/{HERE}/{VENDOR}/credit.csv")
    assert f"price_over_cap.points.low -1 waived by promise {promise_id}, broken" in csv
    assert f"price_over_cap.points.low ×2 promise {promise_id}" in csv
    assert "promises" in office.page(f"/vendors/{HERE}/{VENDOR}/file") or "承诺" in report


def test_the_vendor_makes_it_on_its_own_page(office: Office) -> None:
    _, promise_id = office.offered()
    code = vendor_page.issue(office.conn, HERE, VENDOR, by="manager", at=NOW)
    page = office.page(f"/v/{code}")
    assert f"/v/{code}/promises/{promise_id}/make" in page
    assert office.client.post(f"/v/{code}/promises/{promise_id}/make", data={"csrf_token": "x"}).status_code == 403
    for_form = {"csrf_token": form_token(code)}
    assert office.client.post(f"/v/{code}/promises/999/make", data=for_form).status_code == 404
    assert office.client.post(f"/v/{code}/promises/{promise_id}/make", data=for_form).status_code == 303
    assert office.client.post(f"/v/{code}/promises/{promise_id}/decline", data=for_form).status_code == 409
    step = promises.steps_of(office.conn, promise_id)[-1]
    assert (step.actor, step.made_how) == (f"vendor {VENDOR}", "page")


def test_the_api_offers_answers_and_lists(office: Office) -> None:
    alert_id = office.raise_small()
    detail = office.api("GET", f"/alerts/{alert_id}")
    assert (detail["promise"], detail["promise_refused"]) == (None, [])
    promise = office.api("POST", f"/alerts/{alert_id}/confirm", offer_promise=True)["promise"]
    number = promise["promise_id"]
    assert (promise["state"], promise["actions"], promise["waived_points"]) == ("offered", ["make", "decline"], -1)
    assert [one["promise_id"] for one in office.api("GET", "/promises?state=offered")] == [number]
    assert office.api("POST", f"/promises/{number}/make")[0] == 422
    assert office.api("POST", f"/promises/{number}/make", how="oral", note="Chen", revision=9)[0] == 409
    declined = office.api("POST", f"/promises/{number}/decline", note="will not")
    assert (declined["state"], [step["action"] for step in declined["steps"]]) == ("declined", ["offer", "decline"])
    assert office.api("GET", "/promises?state=offered") == []
