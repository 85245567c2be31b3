"""The vendor's own page: opened by a code nobody can guess, it shows what was told and takes what the vendor says."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from psycopg import errors

from db import inspection_answers, inspections, vendor_codes
from domain.errors import NotFound
from domain.ids import VendorId
from domain.inspection import Answer, VisitAction
from supervision.inspections import vendor_page, visiting
from tests.draw_acts import POLICY, put_inspectors
from tests.integration.test_items import published as publish_items
from tests.integration.test_web_daily_caps import Console
from tests.integration.test_web_inspections import NOW, drawn
from tests.web_service import furnished_service
from tests.web_service import visiting as stranger
from tests.web_world import ELSEWHERE, HERE, HOSTILE_VENDOR, VENDOR


@pytest.fixture
def console(database_url: str) -> Iterator[Console]:
    with furnished_service(database_url) as (address, conn):
        publish_items(conn, at=NOW - timedelta(days=3))
        put_inspectors(conn)
        conn.commit()
        yield Console(address, conn)


def code_of(console: Console, who: str = "manager") -> str:
    page = console.visit(who).post(f"/inspections/vendors/{HERE}/{VENDOR}/code").text
    (code,) = set(re.findall(r"/v/([\w-]{32})", page))
    return str(code)


def step(console: Console, visit: int, action: VisitAction, note: str = "x") -> None:
    visiting.act(console.conn, visit, action, actor="r", market_id=None, policy=POLICY, now=NOW, note=note)
    console.conn.commit()


def say(console: Console, code: str, visit: int, what: str, **form: str) -> httpx.Response:
    with stranger(console.address) as client:
        token = re.search(r'name="csrf_token" value="(\w+)"', client.get(f"/v/{code}").text)
        sent = {"csrf_token": token[1] if token else "", **form}
        return client.post(f"/v/{code}/visits/{visit}/{what}", data=sent)


def look(console: Console, code: str) -> httpx.Response:
    with stranger(console.address) as client:
        return client.get(f"/v/{code}")


def test_a_vendor_sees_plan_result_and_rectification_once_it_was_told(console: Console) -> None:
    visit, code = drawn(console), code_of(console)
    assert "暂无已告知的检查" in look(console, code).text
    step(console, visit, VisitAction.NOTIFY)
    page = look(console, code).text
    assert "检定合格证是否在有效期内" in page
    step(console, visit, VisitAction.BEGIN)
    answer = Answer(
        answer_id=uuid4(),
        inspection_id=visit,
        item_code="M01",
        question_code="certificate",
        value="no",
        note="合格证过期",
        answered_by="regulator",
        answered_at=NOW,
        received_at=NOW,
        conflicts_with=None,
    )
    inspection_answers.insert(console.conn, answer)
    step(console, visit, VisitAction.ORDER, "限期重新检定")
    page = look(console, code).text
    found = inspections.one(console.conn, visit)
    assert found is not None
    assert found.rectify_by is not None
    for shown in ("不符合", "合格证过期", "限期重新检定", found.rectify_by.isoformat(), "整改中"):
        assert shown in page, shown
    assert say(console, code, visit, "report", words=" ").status_code == 422
    assert say(console, code, visit, "report", words="已重新检定").status_code == 303
    console.conn.commit()
    last = inspections.events_of(console.conn, visit)[-1]
    assert (last.actor, last.action, last.note) == (f"vendor {VENDOR}", "report", "已重新检定")
    assert say(console, code, visit, "report", words="再次").status_code == 409
    assert say(console, code, visit, "appraisal", stars="4", words="态度好").status_code == 303
    assert "★★★★☆" in look(console, code).text
    assert "态度好" in console.visit("regulator").get(f"/inspections/visits/{visit}").text


def test_nothing_a_vendor_or_its_market_sees_leads_to_a_weight_of_the_draw(console: Console) -> None:
    """A key of the draw's file stands beside a weight, and a weight tells a risk class: only regulators see that."""
    visit, code = drawn(console), code_of(console)
    step(console, visit, VisitAction.NOTIFY)
    with stranger(console.address) as client:
        file = client.get("/draws/1/file").json()
    keys = [one["key"] for one in file["drawn"]] + [badge for one in file["drawn"] for badge in one["badges"]]
    assert keys
    for page in (look(console, code).text, console.visit("manager").get(f"/inspections/visits/{visit}").text):
        assert all(key not in page for key in keys)
        assert "HN-market-" not in page


def test_what_a_vendor_says_is_limited_checked_and_stays_typed(console: Console) -> None:
    visit, code = drawn(console), code_of(console)
    step(console, visit, VisitAction.NOTIFY)
    early = say(console, code, visit, "appraisal", stars="5")
    # There is no such form yet, so there is no token either: refused, whatever is sent.
    assert early.status_code == 403
    step(console, visit, VisitAction.BEGIN)
    for form in ({"stars": "", "words": " "}, {"stars": "9"}, {"stars": "0"}, {"words": "长" * 2001}):
        refused = say(console, code, visit, "appraisal", **form)
        assert refused.status_code == 422, form
        assert "expected" not in refused.text, form
    assert "长长长" in refused.text
    for n in range(POLICY.feedback_per_hour):
        assert say(console, code, visit, "appraisal", words=f"第{n}次").status_code == 303
    often = say(console, code, visit, "appraisal", words="还有一句")
    assert (often.status_code, "还有一句" in often.text) == (422, True)
    assert len(vendor_codes.feedback_of(console.conn, [visit])) == POLICY.feedback_per_hour
    with pytest.raises(errors.RestrictViolation):
        console.conn.execute("UPDATE inspection_feedback SET stars = 5")


@pytest.mark.parametrize("who", ["manager", "regulator"])
def test_a_code_is_made_on_the_vendor_s_page_also_before_anybody_visits(console: Console, who: str) -> None:
    page = console.visit(who).get(f"/vendors/{HERE}/{VENDOR}").text
    assert f'action="/inspections/vendors/{HERE}/{VENDOR}/code"' in page
    assert look(console, code_of(console, who)).status_code == 200


def test_a_code_opens_one_vendor_s_page_until_there_is_a_new_one(console: Console) -> None:
    visit, old = drawn(console), code_of(console)
    step(console, visit, VisitAction.NOTIFY)
    new = code_of(console, "regulator")
    assert look(console, old).status_code == 404
    assert look(console, new).status_code == 200
    assert look(console, "x" * 32).status_code == 404
    assert look(console, "x" * 200).status_code == 422
    with stranger(console.address) as client:
        picture = client.get(f"/v/{new}/qr.svg")
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
        assert "<svg" in picture.text
        assert client.get(f"/v/{old}/qr.svg").status_code == 404
        # Without the page's own token nothing is taken.
        assert client.post(f"/v/{new}/visits/{visit}/report", data={"words": "x"}).status_code == 403
    other = vendor_page.issue(console.conn, ELSEWHERE, HOSTILE_VENDOR, by="admin", at=NOW)
    console.conn.commit()
    assert "阿海" not in look(console, other).text
    with pytest.raises(NotFound):
        vendor_page.own(console.conn, vendor_page.holder(console.conn, other), visit)
    manager = console.visit("manager")
    assert manager.post(f"/inspections/vendors/{ELSEWHERE}/{HOSTILE_VENDOR}/code").status_code == 404
    assert manager.post(f"/inspections/vendors/{HERE}/V999/code").status_code == 404
    stored = console.conn.execute("SELECT encode(code_digest, 'escape') FROM vendor_codes").fetchall()
    assert all(new not in row[0] for row in stored)


def test_a_hostile_name_is_text_on_the_page(console: Console) -> None:
    code = vendor_page.issue(console.conn, ELSEWHERE, VendorId(HOSTILE_VENDOR), by="admin", at=NOW)
    console.conn.commit()
    page = look(console, code).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
