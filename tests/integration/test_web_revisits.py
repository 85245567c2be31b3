"""Revisits on the pages and through the API: planned, gone to, seen in calendar and file, hidden until told of."""

import re
from datetime import timedelta
from typing import Any

import pytest

from db import inspections, inspectors
from domain.inspection import VisitState
from tests.integration import test_vendor_page
from tests.integration.test_vendor_page import code_of, look
from tests.integration.test_web_daily_caps import Console
from tests.integration.test_web_inspections import TODAY, drawn
from tests.web_world import HERE, VENDOR

console = test_vendor_page.console
VISITS = "/inspections/visits"


@pytest.fixture
def first(console: Console) -> int:
    """A visit that found something, which is to be put right."""
    regulator, visit = console.visit("regulator"), drawn(console)
    assert regulator.post(f"{VISITS}/{visit}/act/begin").status_code == 303
    assert regulator.post(f"{VISITS}/{visit}/act/order", note="合格证过期").status_code == 303
    return visit


def planned(console: Console, first: int) -> str:
    """Plan the revisit on the page; return where it is."""
    answer = console.visit("regulator").post(f"{VISITS}/{first}/revisit")
    assert answer.status_code == 303
    return answer.headers["location"]


def state(console: Console, visit: int) -> VisitState:
    console.conn.rollback()
    found = inspections.one(console.conn, visit)
    assert found is not None
    return found.state


def test_a_revisit_is_planned_gone_to_by_others_and_closes_the_first(console: Console, first: int) -> None:
    regulator = console.visit("regulator")
    page = regulator.get(f"{VISITS}/{first}").text
    assert "安排回访" in page
    assert f"最迟 {TODAY + timedelta(days=45)}" in page
    where = planned(console, first)
    page = regulator.get(f"{VISITS}/{first}").text
    assert f'href="{where}"' in page
    assert "安排回访</button>" not in page
    assert "/act/accept" not in page, "the revisit decides that"
    refused = regulator.post(f"{VISITS}/{first}/act/accept")
    assert (refused.status_code, "is planned" in refused.text) == (409, True)
    page = regulator.get(where).text
    assert f'回访对象：检查 <a href="{VISITS}/{first}">{first}</a>' in page
    going = [str(one.user_id) for one in inspectors.listed(console.conn)][2:4]
    assert regulator.post(f"{where}/send", inspector=going).status_code == 303
    assert regulator.post(f"{where}/day", day=(TODAY + timedelta(days=14)).isoformat()).status_code == 422
    day = TODAY + timedelta(days=20)
    assert regulator.post(f"{where}/day", day=day.isoformat()).status_code == 303
    calendar = regulator.get(f"/inspections?view=week&day={day}").text
    assert re.search(rf'href="{where}".*回访', calendar)
    file = regulator.get(f"/vendors/{HERE}/{VENDOR}/file").text
    assert "回访对象" in file
    assert regulator.post(f"{where}/act/begin").status_code == 303
    assert regulator.post(f"{where}/act/pass").status_code == 303
    assert state(console, first) is VisitState.CLOSED


def test_a_program_plans_it_once_and_what_is_not_put_right_goes_on(console: Console, first: int) -> None:
    regulator = console.visit("regulator")
    answer = regulator.api("POST", f"/inspections/{first}/revisit")
    assert answer.status_code == 200
    made: dict[str, Any] = answer.json()
    assert (made["revisit_of"], made["state"], made["last_day"]) == (
        [first],
        "drawn",
        (TODAY + timedelta(days=45)).isoformat(),
    )
    assert regulator.api("POST", f"/inspections/{first}/revisit").json()["inspection_id"] == made["inspection_id"]
    number = made["inspection_id"]
    assert regulator.api("POST", f"/inspections/{number}/revisit").status_code == 409
    going = [str(one.user_id) for one in inspectors.listed(console.conn)][2:4]
    regulator.post(f"{VISITS}/{number}/send", inspector=going)
    assert regulator.api("POST", f"/inspections/{number}/act/begin", {}).status_code == 200
    ordered = regulator.api("POST", f"/inspections/{number}/act/order", {"note": "仍未整改"})
    assert ordered.json()["state"] == "rectification"
    assert state(console, first) is VisitState.CLOSED


def test_a_market_and_its_vendor_learn_of_a_revisit_when_they_are_told(console: Console, first: int) -> None:
    manager, code = console.visit("manager"), code_of(console)
    where = planned(console, first)
    number = where.rpartition("/")[2]
    page = manager.get(f"{VISITS}/{first}").text
    assert where not in page
    assert f"revisit {number}" not in page
    assert "已安排回访" not in page
    assert f'id="visit-{number}"' not in look(console, code).text
    assert manager.get(where).status_code == 404
    assert console.visit("regulator").post(f"{where}/act/notify").status_code == 303
    page = manager.get(f"{VISITS}/{first}").text
    assert where in page
    assert "已安排回访" in page
    shown = look(console, code).text
    assert f'id="visit-{number}"' in shown
    assert f'href="#visit-{first}"' in shown
    assert manager.post(f"{VISITS}/{first}/revisit").status_code == 403
