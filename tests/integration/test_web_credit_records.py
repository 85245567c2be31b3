"""Putting something on record on the pages and through the API: nothing typed is lost, nothing stands twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from psycopg import Connection

from db import accounts, credit
from domain.credit import CreditSource
from supervision.inspections import vendor_page
from tests.web_service import furnished_service, visiting
from tests.web_world import ELSEWHERE, HERE, HOSTILE_VENDOR, SHANGHAI, VENDOR, Visitor, password_hash, sign_in

TODAY = datetime.now(UTC).astimezone(SHANGHAI).date().isoformat()
TAG = {"name": "no_price_tag", "document_no": "巡-7", "evidence": "石斑鱼未标价", "happened_on": TODAY}
REPORT = f"/vendors/{HERE}/{VENDOR}"


@dataclass
class Office:
    conn: Connection
    address: str

    def person(self, username: str) -> "Person":
        return Person(self, sign_in(self.conn, username))


@dataclass
class Person:
    office: Office
    visitor: Visitor

    def post(self, path: str, **form: Any) -> httpx.Response:
        with visiting(self.office.address, self.visitor) as client:
            client.cookies.set("steelyard-language", "en")
            return client.post(path, data={"csrf_token": self.visitor.csrf, **form})

    def page(self, path: str = REPORT) -> str:
        with visiting(self.office.address, self.visitor) as client:
            client.cookies.set("steelyard-language", "en")
            return client.get(path).text

    def api(self, method: str, path: str, **body: Any) -> Any:
        with visiting(self.office.address) as client:
            answer = client.request(method, f"/api/v1{path}", headers=self.visitor.bearer, json=body or None)
        return answer.json() if answer.status_code == 200 else (answer.status_code, answer.json())


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with furnished_service(database_url) as (address, conn):
        conn.autocommit = True
        accounts.put_user(
            conn,
            username="second",
            display_name="Second",
            password_hash=password_hash(),
            role="regulator",
            market_id=None,
        )
        yield Office(conn, address)


def test_a_manager_puts_something_on_record_once_and_another_person_withdraws_it(office: Office) -> None:
    manager, regulator = office.person("manager"), office.person("regulator")
    for _ in range(2):
        done = manager.post(f"{REPORT}/records", **TAG)
        assert (done.status_code, done.headers["location"]) == (303, f"{REPORT}#record-1")
    (line,) = credit.of_vendor(office.conn, HERE, VENDOR)
    assert (line.points, line.source, line.recorded_by) == (-2, CreditSource.RECORD, "manager")
    page = regulator.page()
    assert "石斑鱼未标价" in page
    assert f"{REPORT}/records/1/withdraw" in page
    assert "/records/1/withdraw" not in manager.page()
    assert manager.post(f"{REPORT}/records/1/withdraw", reason="x").status_code == 403
    refused = regulator.post(f"{REPORT}/records/1/withdraw", reason=" ")
    assert refused.status_code == 422
    assert "Say why, in a few words." in refused.text
    assert regulator.post(f"{REPORT}/records/1/withdraw", reason="标签掉落").status_code == 303
    assert "标签掉落" in manager.page()
    assert regulator.post(f"{REPORT}/records/1/withdraw", reason="again").status_code == 409
    csv = manager.page(f"{REPORT}/credit.csv")
    assert "record withdrawn, given back" in csv
    assert "巡-7 · 石斑鱼未标价" in csv


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "Choose what is put on record."),
        ({"name": "unheard_of"}, "do not know this"),
        ({"points": "-7"}, "“-7” is not a whole number from -2 to -2"),
        ({"document_no": ""}, "Write the number of the document."),
        ({"evidence": ""}, "Write what the document says."),
        ({"happened_on": "2019-01-01"}, "2019-01-01 is not from"),
        ({"happened_on": "soon"}, "“soon” is no day"),
    ],
)
def test_what_is_refused_says_why_and_keeps_what_was_typed(office: Office, change: dict[str, str], says: str) -> None:
    sent = {**TAG, **change}
    answer = office.person("manager").post(f"{REPORT}/records", **sent)
    assert answer.status_code == 422
    assert says in answer.text
    for kept in (sent["document_no"], sent["evidence"]):
        assert kept in answer.text
    assert credit.of_vendor(office.conn, HERE, VENDOR) == []


def test_who_recorded_it_is_told_that_another_one_withdraws_it(office: Office) -> None:
    regulator, second = office.person("regulator"), office.person("second")
    regulator.post(f"{REPORT}/records", **TAG)
    assert "Another regulator withdraws it." in regulator.page()
    answer = regulator.post(f"{REPORT}/records/1/withdraw", reason="mine")
    assert answer.status_code == 422
    assert second.post(f"{REPORT}/records/1/withdraw", reason="theirs").status_code == 303


def test_a_manager_reaches_neither_other_rules_nor_another_market(office: Office) -> None:
    manager = office.person("manager")
    penalty = {**TAG, "name": "administrative_penalty", "points": "-10"}
    assert manager.post(f"{REPORT}/records", **penalty).status_code == 403
    assert "administrative_penalty" not in manager.page()
    assert manager.post(f"/vendors/{ELSEWHERE}/{HOSTILE_VENDOR}/records", **TAG).status_code == 404
    assert manager.api("GET", f"/vendors/{ELSEWHERE}/{HOSTILE_VENDOR}/records")[0] == 404


def test_the_vendor_reads_it_on_its_own_page(office: Office) -> None:
    manager = office.person("manager")
    manager.post(f"{REPORT}/records", **TAG)
    code = vendor_page.issue(office.conn, HERE, VENDOR, by="manager", at=datetime.now(UTC))
    page = manager.page(f"/v/{code}")
    assert "石斑鱼未标价" in page
    assert "no price tag" in page


def test_the_api_records_lists_and_withdraws(office: Office) -> None:
    regulator, second = office.person("regulator"), office.person("second")
    path = f"/vendors/{HERE}/{VENDOR}/records"
    body = {**TAG, "name": "administrative_penalty", "points": -12}
    first = regulator.api("POST", path, **body)
    assert (first["is_new"], first["points"], first["record_id"]) == (True, -12, 1)
    assert regulator.api("POST", path, **body)["is_new"] is False
    status, told = regulator.api("POST", path, **{**body, "points": -13})
    assert (status, told["field"]) == (422, "document_no")
    status, told = regulator.api("POST", path, **{**body, "points": -99})
    assert (status, told["field"]) == (422, "points")
    assert regulator.api("POST", path, **{**body, "surprise": 1})[0] == 422
    assert regulator.api("POST", f"{path}/1/withdraw", reason="mine")[0] == 422
    assert second.api("POST", f"{path}/2/withdraw", reason="none")[0] == 404
    assert second.api("POST", f"{path}/1/withdraw", reason="其他商户")["withdrawn_by"] == "second"
    assert [one["withdrawn_why"] for one in second.api("GET", path)] == ["其他商户"]
    ledger = second.api("GET", f"/vendors/{HERE}/{VENDOR}/credit")["ledger"]
    assert [(one["source"], one["points"], one["evidence"]) for one in ledger] == [
        ("record", 12, "其他商户"),
        ("record", -12, "巡-7 · 石斑鱼未标价"),
    ]
