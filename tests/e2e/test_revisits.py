"""A revisit in a real browser: planned on a phone, gone to by others, and what it finds closes the first visit."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from db import inspectors
from domain.inspection import VisitAction
from supervision.inspections import visiting
from tests.draw_acts import POLICY, put_inspectors
from tests.e2e.consoles import OVERFLOW, PHONE, SMALL_TARGETS, Console
from tests.integration.test_items import published
from tests.integration.test_web_daily_caps import Console as Rig
from tests.integration.test_web_inspections import drawn

pytestmark = pytest.mark.browser


def fits(page: Page) -> None:
    assert page.evaluate(OVERFLOW) == 0
    assert page.evaluate(SMALL_TARGETS) == []


def ordered(console: Console) -> int:
    """A visit that found something, which is to be put right."""
    conn, now = console.conn, datetime.now(UTC)
    published(conn, at=now - timedelta(days=3))
    put_inspectors(conn)
    visit = drawn(Rig(console.address, conn))
    for action in (VisitAction.NOTIFY, VisitAction.BEGIN, VisitAction.ORDER, VisitAction.REPORT):
        visiting.act(conn, visit, action, actor="r", market_id=None, policy=POLICY, now=now, note="合格证过期")
    conn.commit()
    return visit


def test_a_revisit_is_planned_gone_to_and_closes_the_first(console: Console) -> None:
    page, first = console.page, ordered(console)
    console.enter("regulator")
    page.set_viewport_size(PHONE)
    page.goto(f"{console.address}/inspections/visits/{first}")
    fits(page)
    page.get_by_role("button", name="安排回访").click()
    expect(page.locator("main")).to_contain_text(f"回访对象：检查 {first}")
    fits(page)
    revisit = page.url
    page.goto(f"{console.address}/inspections/visits/{first}")
    expect(page.locator("main")).to_contain_text("整改是否到位以回访结果为准")
    expect(page.get_by_role("button", name="安排回访")).to_have_count(0)
    fits(page)
    page.goto(revisit)
    going = [str(one.user_id) for one in inspectors.listed(console.conn)][:2]
    for place, user_id in enumerate(going):
        page.locator("select[name=inspector]").nth(place).select_option(user_id)
    page.get_by_role("button", name="派出").click()
    page.get_by_role("button", name="开始检查").click()
    page.get_by_role("link", name="用手机填写检查表").click()
    page.wait_for_url("**/checklist")
    page.goto(revisit)
    page.locator("form[action$='/act/pass'] button").click()
    page.goto(f"{console.address}/inspections/visits/{first}")
    expect(page.locator(".state-visit-closed").first).to_be_visible()
    fits(page)
    assert console.complaints == []
