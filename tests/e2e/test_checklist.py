"""A checklist on a phone in a market hall: no network, opened again without one, and everything stored once."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from playwright.sync_api import Page, expect

from db import inspection_answers
from domain.inspection import VisitAction
from supervision.inspections import visiting
from tests.draw_acts import POLICY, put_inspectors
from tests.e2e.consoles import OVERFLOW, PHONE, Console
from tests.integration import test_web_daily_caps as daily
from tests.integration.test_items import published as publish_items
from tests.integration.test_web_inspections import NOW, drawn
from tests.web_service import config_for, serving
from tests.web_world import PASSWORD, furnish

pytestmark = pytest.mark.browser


@pytest.fixture
def console(database_url: str, page: Page) -> Iterator[Console]:
    with psycopg.connect(database_url) as conn:
        furnish(conn)
        publish_items(conn, at=NOW - timedelta(days=3))
        put_inspectors(conn)
        conn.commit()
        with serving(config_for(database_url)) as address:
            yield Console(page, address, conn, [])
            page.context.set_offline(False)
            page.goto("about:blank")


def begun(console: Console) -> int:
    visit = drawn(daily.Console(console.address, console.conn))
    visiting.act(console.conn, visit, VisitAction.BEGIN, actor="r", market_id=None, policy=POLICY, now=NOW)
    console.conn.commit()
    return visit


def enter(console: Console, path: str) -> None:
    console.page.goto(console.address + path)
    console.page.fill("#username", "regulator")
    console.page.fill("#password", PASSWORD)
    console.page.click("main button")
    console.page.wait_for_url(f"**{path}")


def test_answers_given_without_a_network_are_stored_once_when_it_is_back(console: Console) -> None:
    page, visit = console.page, begun(console)
    page.set_viewport_size(PHONE)
    path = f"/inspections/visits/{visit}/checklist"
    enter(console, path)
    page.wait_for_selector("html[data-worker=ready]")
    # The worker has the page and its files: what it was asked to keep is on its shelf.
    page.wait_for_function(
        "async (path) => Boolean(await caches.match(location.origin + path)) && "
        "(await (await caches.open('steelyard-checklists-1')).keys()).some((one) => one.url.includes('checklist.js'))",
        arg=path,
    )
    page.context.set_offline(True)
    page.get_by_text("不符合", exact=True).first.click()
    expect(page.locator("[data-sync]")).to_contain_text("1 项已保存在本机")
    # The phone was put away, the page is opened again, still without a network.
    page.reload()
    expect(page.locator("[data-sync]")).to_contain_text("1 项已保存在本机")
    expect(page.locator("input[value=no]").first).to_be_checked()
    words = page.locator("[data-question=until] [data-value]")
    words.fill("2026-11-08")
    words.blur()
    note = page.locator("[data-question=certificate] [data-note]")
    note.fill("合格证过期")
    note.blur()
    expect(page.locator("[data-sync]")).to_contain_text("3 项已保存在本机")
    assert page.evaluate(OVERFLOW) <= 0
    assert inspection_answers.of_inspection(console.conn, visit) == []
    console.conn.commit()
    page.context.set_offline(False)
    page.click("form[data-checklist] button")
    expect(page.locator("[data-sync]")).to_contain_text("已全部上传")
    page.reload()
    expect(page.locator("[data-sync]")).to_contain_text("已全部上传")
    stored = inspection_answers.of_inspection(console.conn, visit)
    told = [(one.question_code, one.value, one.note) for one in stored]
    assert told == [("certificate", "no", ""), ("until", "2026-11-08", ""), ("certificate", "no", "合格证过期")]


def test_an_answer_whose_receipt_was_lost_is_sent_again_and_kept_once(console: Console) -> None:
    page, visit = console.page, begun(console)
    enter(console, f"/inspections/visits/{visit}/checklist")
    page.wait_for_selector("html[data-worker]")
    lost: list[int] = []
    is_back = threading.Event()  # the page tries again by itself, at any moment

    def lose_the_answer(route: object) -> None:
        from playwright.sync_api import Route

        assert isinstance(route, Route)
        if is_back.is_set():
            route.continue_()
            return
        if not lost:
            lost.append(route.fetch().status)
        route.abort()

    page.context.route("**/api/v1/inspections/*/answers", lose_the_answer)
    page.get_by_text("符合", exact=True).first.click()
    expect(page.locator("[data-sync]")).to_contain_text("1 项已保存在本机")
    assert lost == [200]
    is_back.set()
    page.click("form[data-checklist] button")
    expect(page.locator("[data-sync]")).to_contain_text("已全部上传")
    assert len(inspection_answers.of_inspection(console.conn, visit)) == 1


def test_what_is_typed_or_refused_stays_on_the_phone_and_no_checklist_does_after_signing_out(console: Console) -> None:
    page, visit = console.page, begun(console)
    path = f"/inspections/visits/{visit}/checklist"
    enter(console, path)
    page.wait_for_selector("html[data-worker=ready]")
    is_shelved = "async (path) => Boolean(await caches.match(location.origin + path))"
    page.wait_for_function(is_shelved, arg=path)
    note = page.locator("[data-question=certificate] [data-note]")
    note.press_sequentially("过期三天")
    page.reload()
    expect(note).to_have_value("过期三天")
    # An answer that the service refuses: its question is changed here as a phone that was long away would have it.
    page.evaluate("() => { document.querySelector('[data-question=certificate]').dataset.question = 'gone'; }")
    page.get_by_text("不符合", exact=True).first.click()
    expect(page.locator("[data-question=gone] [data-told]")).to_contain_text("expected a question of the visit")
    page.reload()
    expect(page.locator("[data-refused-list]")).to_contain_text("不符合 过期三天")
    page.click("form[action='/sign-out'] button")
    page.wait_for_url("**/sign-in")
    page.wait_for_function(f"async (path) => !(await ({is_shelved})(path))", arg=path)


def test_an_answer_that_another_inspector_gave_otherwise_is_told_on_the_phone(console: Console) -> None:
    page, visit = console.page, begun(console)
    enter(console, f"/inspections/visits/{visit}/checklist")
    other = daily.Console(console.address, console.conn).visit("admin")
    told = {"answer_id": "0b6c3a0e-3f7c-4a5e-9a53-0d2a4c1f7b11", "item_code": "M01", "question_code": "certificate"}
    body = {"answers": [told | {"value": "yes", "answered_at": NOW.isoformat()}]}
    assert other.api("POST", f"/inspections/{visit}/answers", body).json()[0]["outcome"] == "kept"
    page.get_by_text("不符合", exact=True).first.click()
    box = page.locator("[data-question=certificate] [data-told]")
    expect(box).to_contain_text("admin 的填写结果不同：符合")
    note = page.locator("[data-question=certificate] [data-note]")
    note.fill("两人当场核对：过期")
    note.blur()
    expect(box).to_contain_text("已上传")
    last = inspection_answers.of_inspection(console.conn, visit)[-1]
    assert (last.value, last.note, last.conflicts_with) == ("no", "两人当场核对：过期", None)
