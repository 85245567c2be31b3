"""Promises in a real browser: offered with a confirmation, answered at the stall, listed, broken, and told of."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from credit.promises.reminding import RemindingOfOffers
from db import credit, promises
from domain.promise import PromiseAction, PromiseState
from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS, Console
from tests.integration import test_promises
from tests.integration.test_web_alert_life import photo
from tests.notice_rig import prefer, work
from tests.web_world import HERE, VENDOR

pytestmark = pytest.mark.browser


def fits(page: Page) -> None:
    """Nothing wider than the screen, and nothing too small to be tapped; what a label covers is as large as that."""
    assert page.evaluate(OVERFLOW) == 0
    assert [text for text in page.evaluate(SMALL_TARGETS) if text] == []


def offered(console: Console) -> int:
    """Confirm a small breach on its page and offer a promise; return the alert_id."""
    page = console.page
    alert_id = test_promises.small(console.conn)
    console.conn.commit()
    page.goto(f"{console.address}/alerts/{alert_id}")
    expect(page.locator("main")).to_contain_text("绝不突破调控价格")
    page.locator("form[action$='/confirm'] input[name=offer_promise]").check()
    page.locator("form[action$='/confirm'] button").click()
    expect(page.locator("#promise-title")).to_contain_text("待承诺")
    return alert_id


def test_a_promise_is_offered_made_on_paper_and_listed(console: Console, tmp_path: Path) -> None:
    page = console.page
    console.enter("manager")
    page.set_viewport_size(PHONE)
    alert_id = offered(console)
    fits(page)
    page.get_by_role("button", name="登记承诺").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    console.complaints.clear()  # the browser tells of the refusal, which was meant
    paper = tmp_path / "paper.jpg"
    paper.write_bytes(photo())
    page.set_input_files("form[action$='/make'] input[name=photo]", paper)
    page.get_by_role("button", name="登记承诺").click()
    expect(page.locator("#promise-title")).to_contain_text("承诺期内")
    fits(page)
    page.goto(f"{console.address}/promises?show=running")
    expect(page.locator("main tbody tr")).to_have_count(1)
    fits(page)
    page.locator("main tbody .row-link").first.click()
    page.wait_for_url(f"**/alerts/{alert_id}#promise-title")
    assert credit.of_vendor(console.conn, HERE, VENDOR) == []
    assert console.complaints == []


def test_a_declined_promise_costs_what_it_would_have(console: Console) -> None:
    page = console.page
    console.enter("manager")
    page.set_viewport_size(DESKTOP)
    offered(console)
    page.locator("summary", has_text="商户不作承诺").click()
    page.locator("form[action$='/decline'] button").click()
    expect(page.locator("#promise-title")).to_contain_text("不作承诺")
    console.conn.commit()
    assert [one.points for one in credit.of_vendor(console.conn, HERE, VENDOR)] == [-1]
    page.goto(f"{console.address}/promises?show=other")
    expect(page.locator("main tbody tr")).to_have_count(1)
    fits(page)
    assert console.complaints == []


def test_who_has_to_act_is_told_that_an_offer_runs_out_and_who_sees_the_market_that_one_was_broken(
    console: Console,
) -> None:
    page, conn = console.page, console.conn
    now = datetime.now(UTC)
    for username in ("manager", "regulator"):
        prefer(conn, username, now, quiet=None)
    promise = test_promises.offered(conn)
    RemindingOfOffers(timedelta(days=30)).run_once(conn, now)
    work(conn, datetime.now(UTC))
    conn.commit()
    console.enter("manager")
    page.set_viewport_size(PHONE)
    page.goto(f"{console.address}/notices")
    fits(page)
    page.get_by_role("link", name="承诺答复即将到期").click()
    page.wait_for_url(f"**/alerts/{promise.alert_id}#promise-title")
    page.goto(f"{console.address}/notices")
    console.leave()
    test_promises.say(conn, promise, PromiseAction.MAKE)
    breaker = test_promises.small(conn)
    test_promises.confirm(conn, breaker)
    work(conn, datetime.now(UTC))
    conn.commit()
    page.set_viewport_size(DESKTOP)
    console.enter("regulator")
    page.set_viewport_size(PHONE)
    page.goto(f"{console.address}/notices")
    fits(page)
    page.get_by_role("link", name="违诺").first.click()
    expect(page.locator("#promise-title")).to_contain_text("违诺")
    page.goto(f"{console.address}/promises?show=broken")
    expect(page.locator("main tbody tr")).to_contain_text(f"预警 {breaker}")
    fits(page)
    found = promises.by_id(conn, promise.promise_id)
    assert found is not None
    assert found.state is PromiseState.BROKEN
    assert console.complaints == []
