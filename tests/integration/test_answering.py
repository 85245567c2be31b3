"""Answers through the API: kept once whatever is sent again, a conflict told, and only while a visit takes place."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import psycopg
import pytest

from db import inspection_answers
from domain.inspection import VisitAction
from supervision.inspections import visiting
from tests.draw_acts import POLICY, put_inspectors
from tests.integration.test_items import published as publish_items
from tests.integration.test_web_daily_caps import Console
from tests.integration.test_web_inspections import NOW, drawn
from tests.web_service import furnished_service


@pytest.fixture
def console(database_url: str) -> Iterator[Console]:
    with furnished_service(database_url) as (address, conn):
        publish_items(conn, at=NOW)
        put_inspectors(conn)
        conn.commit()
        yield Console(address, conn)


def begun(console: Console) -> int:
    visit = drawn(console)
    step(console, visit, VisitAction.BEGIN)
    return visit


def step(console: Console, visit: int, action: VisitAction) -> None:
    visiting.act(console.conn, visit, action, actor="r", market_id=None, policy=POLICY, now=NOW, note="x")
    console.conn.commit()


def an_answer(value: str = "yes", *, known: str | None = None, code: str = "certificate") -> dict[str, object]:
    told = {"answer_id": str(uuid4()), "item_code": "M01", "question_code": code, "value": value, "known": known}
    return {**told, "answered_at": datetime.now(UTC).isoformat()}


def send(console: Console, who: str, visit: int, *answers: dict[str, object]) -> httpx.Response:
    return console.visit(who).api("POST", f"/inspections/{visit}/answers", {"answers": answers})


def outcomes(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [one["outcome"] for one in response.json()]


def test_sent_twice_an_answer_is_kept_once_and_a_bad_one_holds_no_other_up(console: Console) -> None:
    visit = begun(console)
    one, bad, two = an_answer(), an_answer("maybe"), an_answer("2027-01-08", code="until")
    assert outcomes(send(console, "regulator", visit, one, bad, two)) == ["kept", "refused", "kept"]
    assert outcomes(send(console, "regulator", visit, one, two, one)) == ["already"] * 3
    assert outcomes(send(console, "regulator", visit, one | {"value": "no"})) == ["refused"]
    stored = console.visit("admin").api("GET", f"/inspections/{visit}/answers").json()
    assert [(found["value"], found["answered_by"]) for found in stored] == [
        ("yes", "regulator"),
        ("2027-01-08", "regulator"),
    ]


def test_two_inspectors_who_disagree_are_both_kept_and_the_second_is_told(console: Console) -> None:
    visit = begun(console)
    first, second = an_answer("yes"), an_answer("no")
    assert outcomes(send(console, "regulator", visit, first)) == ["kept"]
    (told,) = send(console, "admin", visit, second).json()
    assert (told["outcome"], told["standing"]["answered_by"]) == ("conflict", "regulator")
    page = console.visit("regulator").get(f"/inspections/visits/{visit}/checklist").text
    assert "与所示结果不一致" in page
    assert outcomes(send(console, "admin", visit, an_answer("no", known=str(first["answer_id"])))) == ["kept"]
    page = console.visit("regulator").get(f"/inspections/visits/{visit}/checklist").text
    assert "与所示结果不一致" not in page
    assert "不符合" in console.visit("regulator").get(f"/inspections/visits/{visit}").text
    assert len(inspection_answers.of_inspection(console.conn, visit)) == 3


def test_a_visit_takes_answers_while_it_takes_place_and_what_was_kept_is_answered_afterwards_too(
    console: Console,
) -> None:
    visit = drawn(console)
    one = an_answer()
    early = send(console, "regulator", visit, one)
    assert (early.status_code, early.json()["type"]) == (409, "illegal_transition")
    step(console, visit, VisitAction.BEGIN)
    assert outcomes(send(console, "regulator", visit, one)) == ["kept"]
    step(console, visit, VisitAction.PASS)
    assert outcomes(send(console, "regulator", visit, one)) == ["already"]
    assert send(console, "regulator", visit, an_answer()).status_code == 409


def test_who_may_not_answer_and_what_cannot_be_read(console: Console) -> None:
    visit = begun(console)
    assert send(console, "manager", visit, an_answer()).status_code == 403
    assert send(console, "regulator", 999, an_answer()).status_code == 404
    for wrong in ({"answer_id": "x"}, {"answered_at": "2026-11-27T10:00:00"}, {"value": "a\0b"}):
        assert send(console, "regulator", visit, an_answer() | wrong).status_code == 422
    assert send(console, "regulator", visit, *[an_answer() for _ in range(201)]).status_code in {413, 422}
    manager = console.visit("manager")
    assert manager.get(f"/inspections/visits/{visit}/checklist").status_code == 403
    assert "certificate" not in manager.api("GET", "/inspections").text
    with pytest.raises(psycopg.errors.RestrictViolation):
        console.conn.execute("TRUNCATE inspection_answers, case_findings")


def test_steps_go_through_the_api_too(console: Console) -> None:
    visit = begun(console)
    regulator, manager = console.visit("regulator"), console.visit("manager")
    assert regulator.api("POST", f"/inspections/{visit}/act/order", {"note": ""}).status_code == 422
    ordered = regulator.api("POST", f"/inspections/{visit}/act/order", {"note": "合格证过期"}).json()
    assert (ordered["state"], ordered["rectify_by"] is not None) == ("rectification", True)
    assert manager.api("POST", f"/inspections/{visit}/act/accept", {}).status_code == 403
    assert manager.api("POST", f"/inspections/{visit}/act/report", {"note": "已检定"}).json()["state"] == "rectified"
    assert [one["inspection_id"] for one in manager.api("GET", "/inspections?state=rectified").json()] == [visit]
    assert manager.api("GET", f"/inspections/{visit}").json()["vendor_name"] == "阿海海鲜档"
