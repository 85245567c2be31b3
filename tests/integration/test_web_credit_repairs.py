"""Repair of credit on the pages and through the API: conditions, the form, the decision, nothing typed is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from psycopg import Connection

from db import credit, credit_repairs
from domain.repair import RepairState
from supervision.inspections import vendor_page
from tests.web_service import config_for, serving, visiting
from tests.web_world import ELSEWHERE, HERE, HOSTILE_VENDOR, VENDOR, Visitor, furnish, sign_in
from web.pages.inspections.vendor_pages import form_token

REPORT = f"/vendors/{HERE}/{VENDOR}"
TRAINED = {"effort": "training", "document_no": "培-7", "document": "市场办培训一天", "words": "今后明码标价"}


@dataclass
class Office:
    """The service with the rules' days shortened to none: whatever the day of the test, a deduction can be repaired."""

    conn: Connection
    address: str

    def person(self, username: str) -> "Person":
        return Person(self, sign_in(self.conn, username))

    def deduct(self, points: int = -6, *, market_id: Any = HERE, vendor_id: Any = VENDOR, **more: Any) -> int:
        now = datetime.now(UTC)
        return credit.append(
            self.conn,
            **{
                "market_id": market_id,
                "vendor_id": vendor_id,
                "occurred_at": now,
                "recorded_at": now,
                "recorded_by": "manager",
                "reason": "price_over_cap",
                "points": points,
                "rule": "r",
                "rules_version": "1",
                "alert_id": None,
                **more,
            },
        )


@dataclass
class Person:
    office: Office
    visitor: Visitor

    def post(self, path: str, **form: Any) -> httpx.Response:
        with visiting(self.office.address, self.visitor) as client:
            client.cookies.set("steelyard-language", "en")
            return client.post(path, data={"csrf_token": self.visitor.csrf, **form})

    def page(self, path: str = REPORT, language: str = "en") -> str:
        with visiting(self.office.address, self.visitor) as client:
            client.cookies.set("steelyard-language", language)
            return client.get(path).text

    def api(self, method: str, path: str, **body: Any) -> Any:
        with visiting(self.office.address) as client:
            answer = client.request(method, f"/api/v1{path}", headers=self.visitor.bearer, json=body or None)
        return answer.json() if answer.status_code == 200 else (answer.status_code, answer.json())


@contextmanager
def an_office(database_url: str, *, clean_days: int) -> Iterator[Office]:
    config = config_for(database_url)
    repair = msgspec.structs.replace(config.credit_rules.repair, clean_days=clean_days, grave_clean_days=clean_days)
    rules = msgspec.structs.replace(config.credit_rules, repair=repair)
    with psycopg.connect(database_url, autocommit=True) as conn:
        furnish(conn)
        with serving(replace(config, credit_rules=rules)) as address:
            yield Office(conn, address)


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with an_office(database_url, clean_days=0) as office:
        yield office


def test_the_desk_files_it_the_regulator_grants_it_and_the_report_shows_it(office: Office) -> None:
    event_id = office.deduct()
    manager, regulator = office.person("manager"), office.person("regulator")
    assert "may be applied for: at most 3" in manager.page()
    filed = manager.post(f"{REPORT}/repairs", event_id=event_id, **TRAINED)
    assert (filed.status_code, filed.headers["location"]) == (303, "/repairs/1")
    assert ">1 · declared price above the cap" in regulator.page("/repairs")
    page = regulator.page("/repairs/1")
    for shown in ("市场办培训一天", "今后明码标价", 'action="/repairs/1/grant"', "At most 3 may come back"):
        assert shown in page
    assert "/repairs/1/grant" not in manager.page("/repairs/1")
    assert manager.post("/repairs/1/grant", reason="mine").status_code == 403
    refused = regulator.post("/repairs/1/grant", reason="材料齐全", points="9")
    assert refused.status_code == 422
    assert "“9” is not a whole number from 1 to 3" in refused.text
    assert "材料齐全" in refused.text
    assert regulator.post("/repairs/1/grant", reason="材料齐全", points="2").status_code == 303
    report = manager.page()
    assert "Repair granted" in report
    assert "/repairs/1" in report
    assert '<p class="score"><b>96</b>' in report
    assert regulator.post("/repairs/1/refuse", reason="late").status_code == 409
    assert "材料齐全" in regulator.page("/repairs?show=granted") or "+2" in regulator.page("/repairs?show=granted")
    csv = manager.page(f"{REPORT}/credit.csv")
    assert "repair" in csv


def test_conditions_that_are_not_met_are_told_one_by_one_with_their_day_in_both_languages(database_url: str) -> None:
    with an_office(database_url, clean_days=30) as office:
        event_id = office.deduct()
        manager = office.person("manager")
        page = manager.page()
        assert "conditions not met yet" in page
        assert "30 days without a deduction since" in page
        assert f'name="event_id" value="{event_id}"' not in page
        assert "须自" in manager.page(language="zh")
        refused = manager.post(f"{REPORT}/repairs", event_id=event_id, **TRAINED)
        assert refused.status_code == 422
        assert "Not all conditions are met." in refused.text
        for kept in ("培-7", "市场办培训一天", "今后明码标价"):
            assert kept in refused.text
        told = manager.api("GET", f"/vendors/{HERE}/{VENDOR}/repairs")["repairable"][0]
        assert [one["is_met"] for one in told["conditions"]] == [True, True, True, True, False, False]
        assert told["conditions"][4]["from_day"] is not None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"effort": ""}, "Choose which effort is shown."),
        ({"document_no": ""}, "Write the number of the document."),
        ({"document": ""}, "Write who trained whom"),
        ({"effort": "promise"}, "Write the number of the promise."),
        ({"effort": "promise", "promise_id": "7"}, "The effort that was shown is not enough."),
    ],
)
def test_what_is_refused_says_why_and_keeps_what_was_typed(office: Office, change: dict[str, str], says: str) -> None:
    event_id = office.deduct()
    answer = office.person("manager").post(f"{REPORT}/repairs", event_id=event_id, **{**TRAINED, **change})
    assert answer.status_code == 422
    assert says in answer.text
    assert "今后明码标价" in answer.text
    assert credit_repairs.of_vendor(office.conn, HERE, VENDOR, limit=9) == []


def test_the_vendor_applies_on_its_own_page_and_takes_it_back(office: Office) -> None:
    event_id = office.deduct()
    manager = office.person("manager")
    code = vendor_page.issue(office.conn, HERE, VENDOR, by="manager", at=datetime.now(UTC))
    assert f'action="/v/{code}/repairs"' in manager.page(f"/v/{code}")
    strange = manager.post(f"/v/{code}/repairs", event_id=event_id, **TRAINED)
    assert strange.status_code == 403
    with visiting(office.address) as client:
        client.cookies.set("steelyard-language", "en")
        form = {"csrf_token": form_token(code), "event_id": event_id}
        refused = client.post(f"/v/{code}/repairs", data={**form, **TRAINED, "document": ""})
        assert refused.status_code == 422
        assert "今后明码标价" in refused.text
        assert client.post(f"/v/{code}/repairs", data={**form, **TRAINED}).status_code == 303
        assert "Repair applied for" in client.get(f"/v/{code}").text
        assert client.post(f"/v/{code}/repairs/9/withdraw", data=form).status_code == 404
        assert client.post(f"/v/{code}/repairs/1/withdraw", data=form).status_code == 303
        assert client.post(f"/v/{code}/repairs/1/withdraw", data=form).status_code == 409
    (repair,) = credit_repairs.of_vendor(office.conn, HERE, VENDOR, limit=9)
    assert (repair.state, repair.applied_by) == (RepairState.WITHDRAWN, f"vendor {VENDOR}")


def test_who_took_the_deduction_is_told_that_somebody_else_decides(office: Office) -> None:
    event_id = office.deduct(recorded_by="regulator")
    office.person("manager").post(f"{REPORT}/repairs", event_id=event_id, **TRAINED)
    regulator = office.person("regulator")
    answer = regulator.post("/repairs/1/refuse", reason="kept words")
    assert answer.status_code == 422
    assert "You took this deduction." in answer.text
    assert "kept words" in answer.text


def test_a_manager_meets_nothing_of_another_market(office: Office) -> None:
    event_id = office.deduct(market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
    admin, manager = office.person("admin"), office.person("manager")
    path = f"/vendors/{ELSEWHERE}/{HOSTILE_VENDOR}/repairs"
    assert manager.post(path, event_id=event_id, **TRAINED).status_code == 404
    assert admin.post(path, event_id=event_id, **TRAINED).status_code == 303
    assert manager.post("/repairs/1/withdraw").status_code == 404
    assert manager.api("GET", "/repairs/1")[0] == 404
    assert manager.api("GET", "/repairs") == []
    assert manager.api("GET", path)[0] == 404
    assert "alert(&#39;海&#39;)" in admin.page("/repairs/1")


def test_the_api_applies_decides_and_lists(office: Office) -> None:
    event_id = office.deduct(-10)
    manager, regulator = office.person("manager"), office.person("regulator")
    path = f"/vendors/{HERE}/{VENDOR}/repairs"
    filed = manager.api("POST", path, event_id=event_id, **TRAINED)
    assert (filed["repair_id"], filed["most"], filed["actions"]) == (1, 5, ["withdraw"])
    assert manager.api("POST", path, event_id=event_id, **TRAINED)["repair_id"] == 1
    assert manager.api("POST", path, event_id=event_id, **{**TRAINED, "words": "other"})[0] == 409
    assert manager.api("POST", path, event_id=event_id, surprise=1, **TRAINED)[0] == 422
    status, told = regulator.api("POST", "/repairs/1/grant", reason="ok", points=6)
    assert (status, told["field"]) == (422, "granted")
    granted = regulator.api("POST", "/repairs/1/grant", reason="ok")
    assert (granted["state"], granted["points"], granted["decided_by"]) == ("granted", 5, "regulator")
    assert [one["action"] for one in granted["steps"]] == ["apply", "grant"]
    assert [one["repair_id"] for one in regulator.api("GET", "/repairs?state=granted")] == [1]
    assert regulator.api("GET", "/repairs?state=applied") == []
    assert regulator.api("POST", "/repairs/2/grant", reason="ok")[0] == 404
    assert manager.api("GET", path)["repairs"][0]["points"] == 5
