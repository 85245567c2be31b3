"""Risk classes in a real browser: from the bell to the vendor and to a class by hand, on a phone and at a desk."""

from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Page, expect

from credit.risk.computing import compute
from domain.risk import months_before
from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS, Console
from tests.notice_rig import work
from tests.risk_acts import POLICIES, confirm, weigh
from tests.web_world import HERE, VENDOR

pytestmark = pytest.mark.browser


def fits(page: Page) -> None:
    assert page.evaluate(OVERFLOW) == 0
    assert page.evaluate(SMALL_TARGETS) == []


def turned(console: Console, month: date) -> None:
    """A market whose vendor weighed for months and got worse in the last one; computed, and told of."""
    conn, now = console.conn, datetime.now(UTC)
    conn.execute("UPDATE scale_bindings SET valid = tstzrange('2020-01-01Z', NULL)")
    for back in range(7):
        weigh(conn, VENDOR, months_before(month, back).replace(day=28), 150, market_id=HERE)
    for day in range(1, 9):
        confirm(conn, VENDOR, month.replace(day=day), permille=1500, market_id=HERE)
    compute(conn, HERE, month, policies=POLICIES, now=now)
    conn.commit()
    conn.autocommit = True
    work(conn, now)


def test_from_the_bell_to_a_class_by_hand(console: Console) -> None:
    page, month = console.page, months_before(datetime.now(UTC).date(), 1)
    console.enter("regulator")
    turned(console, month)
    page.set_viewport_size(PHONE)
    page.goto(f"{console.address}/notices")
    page.get_by_role("link", name="趋势转差").click()
    expect(page.locator("#warnings")).to_contain_text("8 天有属实预警")
    fits(page)
    page.locator("#warnings").get_by_role("link", name="阿海海鲜档").click()
    expect(page.locator("main")).to_contain_text("属实预警：价格")
    expect(page.locator("h1")).to_contain_text("D")
    fits(page)
    page.get_by_role("link", name="人工评定等级").click()
    assert page.locator("#vendor").input_value() == VENDOR
    page.locator("#class").select_option("B")
    page.fill("#reason", "已上门核查")
    page.get_by_role("button", name="设定").click()
    expect(page.locator("table")).to_contain_text("已上门核查")
    fits(page)
    page.set_viewport_size(DESKTOP)
    page.goto(f"{console.address}/risk")
    expect(page.get_by_role("row", name="阿海海鲜档").last).to_contain_text("有效")
    fits(page)
    page.locator("#class").select_option("A")
    page.get_by_role("button", name="查看").click()
    expect(page.locator(".empty")).to_be_visible()
    assert console.complaints == []


def test_a_manager_finds_no_way_there(console: Console) -> None:
    page = console.page
    console.enter("manager")
    turned(console, months_before(datetime.now(UTC).date(), 1))
    page.goto(f"{console.address}/inspections")
    expect(page.get_by_role("link", name="风险等级")).to_have_count(0)
    page.goto(f"{console.address}/vendors/{HERE}/{VENDOR}")
    expect(page.get_by_role("link", name="风险等级")).to_have_count(0)
    page.goto(f"{console.address}/notices")
    expect(page.get_by_role("link", name="趋势转差")).to_have_count(0)
