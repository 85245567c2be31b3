"""A check after an approval that is made as a visit: planned, gone to, the result, back to the office."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db import inspections, inspectors
from db.approvals import checks
from db.register.events import Change
from domain.alert import AlertKind
from domain.approval import Check, CheckAction, CheckState
from domain.register.records import Source, VendorIdentity
from supervision.register import changing
from tests.approval_acts import CODE
from tests.draw_acts import put_inspectors
from tests.integration.test_items import published as publish_items
from tests.integration.test_web_approvals import RECORD
from tests.integration.test_web_daily_caps import Console
from tests.web_service import furnished_service
from tests.web_world import HERE, VENDOR, raise_alert

NOW = datetime.now(UTC)
WHOM = {"vendor": f"{HERE}/{VENDOR}", "item": "M01"}


@pytest.fixture
def console(database_url: str) -> Iterator[Console]:
    with furnished_service(database_url) as (address, conn):
        conn.autocommit = True
        change = Change(by="li", at=NOW, because="a contract", source=Source.PAGE)
        identity = VendorIdentity(name="阿海海鲜档", credit_code=CODE)
        changing.correct_vendor(conn, HERE, VENDOR, identity, revision=1, change=change)
        publish_items(conn, at=NOW - timedelta(days=3))
        put_inspectors(conn)
        yield Console(address, conn)


@pytest.fixture
def taken(console: Console) -> dict[str, Any]:
    """What became of a record that a program handed in."""
    answer = console.visit("regulator").api("POST", "/approvals", {"records": [RECORD]})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()[0]
    return found


def check_at(console: Console, taken: dict[str, Any]) -> Check:
    found = checks.by_id(console.conn, taken["check_id"])
    assert found is not None
    return found


def planned(console: Console, taken: dict[str, Any]) -> str:
    """Open a visit on the page of the check; return where it is."""
    answer = console.visit("regulator").post(f"/registry/approvals/checks/{taken['check_id']}/inspect", **WHOM)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def gone_to(console: Console, visit: str) -> None:
    """Send two inspectors and begin."""
    regulator = console.visit("regulator")
    going = [str(one.user_id) for one in inspectors.listed(console.conn)[:2]]
    assert regulator.post(f"{visit}/send", inspector=going).status_code == 303
    assert regulator.post(f"{visit}/act/begin").status_code == 303


def exported(console: Console) -> list[dict[str, str]]:
    regulator = console.visit("regulator")
    assert regulator.post("/registry/approvals/exports").status_code == 303
    number = checks.last_export_no(console.conn)
    content = regulator.get(f"/registry/approvals/exports/{number}/csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_a_visit_that_passes_is_a_check_that_conforms_and_goes_back(console: Console, taken: dict[str, Any]) -> None:
    regulator = console.visit("regulator")
    approval = f"/registry/approvals/{taken['approval_id']}"
    visit = planned(console, taken)
    page = regulator.get(approval).text
    assert f'href="{visit}"' in page
    assert 'name="item"' not in page, "it is planned: no second one is offered"
    assert f'href="/registry/approvals/checks/{taken["check_id"]}"' in regulator.get(visit).text
    gone_to(console, visit)
    assert check_at(console, taken).state is CheckState.OPEN
    assert regulator.post(f"{visit}/act/pass").status_code == 303
    check = check_at(console, taken)
    assert (check.state, check.result, check.checked_by) == (CheckState.CHECKED, "conforms", "regulator")
    steps = checks.steps(console.conn, check.check_id)
    assert [one.action for one in steps][1:] == [CheckAction.INSPECT, CheckAction.TAKE_UP, CheckAction.CHECK]
    [line] = exported(console)
    number = visit.rpartition("/")[2]
    assert (line["number"], line["result"], line["note"]) == ("API-1", "conforms", f"visit {number}")
    assert check_at(console, taken).state is CheckState.EXPORTED


def test_a_program_goes_the_same_round_and_what_is_to_be_put_right_deviates(
    console: Console, taken: dict[str, Any]
) -> None:
    regulator = console.visit("regulator")
    whom = {"market_id": HERE, "vendor_id": VENDOR, "item": "M01"}
    opened = regulator.api("POST", f"/approvals/checks/{taken['check_id']}/inspect", whom)
    again = regulator.api("POST", f"/approvals/checks/{taken['check_id']}/inspect", whom)
    assert (opened.status_code, opened.json()) == (200, again.json())
    inspection_id = opened.json()["inspection_id"]
    gone_to(console, f"/inspections/visits/{inspection_id}")
    ordered = regulator.api("POST", f"/inspections/{inspection_id}/act/order", {"note": "现场与许可范围不符"})
    assert ordered.status_code == 200
    check = check_at(console, taken)
    assert (check.state, check.result) == (CheckState.CHECKED, "deviates")
    made = regulator.api("POST", "/approvals/exports")
    assert made.status_code == 201
    number = checks.last_export_no(console.conn)
    [result] = regulator.api("GET", f"/approvals/exports/{number}/json").json()["results"]
    assert (result["result"], result["note"]) == ("deviates", f"visit {inspection_id}: 现场与许可范围不符")


def test_a_visit_that_is_given_up_leaves_the_check_and_another_one_can_be_opened(
    console: Console, taken: dict[str, Any]
) -> None:
    regulator = console.visit("regulator")
    first = planned(console, taken)
    assert planned(console, taken) == first
    assert regulator.post(f"{first}/act/cancel", note="店铺停业").status_code == 303
    assert check_at(console, taken).state is CheckState.OPEN
    second = planned(console, taken)
    assert second != first
    gone_to(console, second)
    assert regulator.post(f"{second}/act/pass").status_code == 303
    assert check_at(console, taken).result == "conforms"


def test_a_check_that_is_done_again_has_another_visit_and_corrects_what_went_back(
    console: Console, taken: dict[str, Any]
) -> None:
    regulator = console.visit("regulator")
    first = planned(console, taken)
    gone_to(console, first)
    regulator.post(f"{first}/act/order", note="证照未悬挂")
    assert [line["result"] for line in exported(console)] == ["deviates"]
    reopen = f"/registry/approvals/checks/{taken['check_id']}/reopen"
    assert regulator.post(reopen, note="整改后复查").status_code == 303
    second = planned(console, taken)
    assert second != first
    gone_to(console, second)
    regulator.post(f"{second}/act/pass", note="")
    [line] = exported(console)
    assert (line["result"], line["corrects"]) == ("conforms", "1")


def test_what_a_person_entered_meanwhile_stands(console: Console, taken: dict[str, Any]) -> None:
    regulator = console.visit("regulator")
    visit = planned(console, taken)
    gone_to(console, visit)
    check = f"/registry/approvals/checks/{taken['check_id']}"
    regulator.post(f"{check}/take_up")
    assert regulator.post(f"{check}/check", result="not_found", note="无人").status_code == 303
    assert regulator.post(f"{visit}/act/pass").status_code == 303
    assert check_at(console, taken).result == "not_found"


def test_a_visit_that_became_part_of_another_brings_its_result_too(console: Console, taken: dict[str, Any]) -> None:
    regulator = console.visit("regulator")
    visit = planned(console, taken)
    alert_id = raise_alert(console.conn, kind=AlertKind.VERIFICATION_EXPIRED)
    console.conn.commit()
    key = regulator.post(f"/inspections/alerts/{alert_id}", note="x").headers["location"]
    both = [visit.rpartition("/")[2], key.rpartition("/")[2]]
    assert regulator.post("/inspections/combining", visit=both).status_code == 303
    found = [inspections.one(console.conn, int(one)) for one in both]
    kept = next(one for one in found if one is not None and one.combined_into is None)
    page = regulator.get(f"/registry/approvals/{taken['approval_id']}").text
    assert f'href="/inspections/visits/{kept.inspection_id}"' in page
    gone_to(console, f"/inspections/visits/{kept.inspection_id}")
    assert regulator.post(f"/inspections/visits/{kept.inspection_id}/act/pass").status_code == 303
    assert check_at(console, taken).result == "conforms"


def test_a_market_learns_of_the_visit_when_it_is_told_and_not_before(console: Console, taken: dict[str, Any]) -> None:
    manager = console.visit("manager")
    visit = planned(console, taken)
    approval = f"/registry/approvals/{taken['approval_id']}"

    def knows() -> list[bool]:
        page = manager.get(approval).text
        api = manager.api("GET", f"/approvals/{taken['approval_id']}").json()["checks"][0]
        listed = manager.api("GET", "/approvals/checks").json()[0]
        shown = (
            visit in page,
            f"检查 {visit.rpartition('/')[2]}" in page,
            api["inspection_id"],
            listed["inspection_id"],
        )
        return [bool(one) for one in shown]

    assert knows() == [False] * 4
    assert console.visit("regulator").post(f"{visit}/act/notify").status_code == 303
    assert knows() == [True] * 4
