"""A credit report in a real browser: issued from the vendor's page, taken away, and verified without an account."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from domain.alert_step import AlertAction
from supervision.alerts.handling import Actor
from supervision.alerts.states import Authority
from tests.alert_acts import act
from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS, Console
from tests.web_world import HERE, VENDOR, raise_alert

pytestmark = pytest.mark.browser
OF_MARKET = Actor(username="manager", authority=Authority.MARKET, market_id=HERE, origin="127.0.0.1")


def fits(page: Page) -> None:
    assert page.evaluate(OVERFLOW) == 0
    assert page.evaluate(SMALL_TARGETS) == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_report_is_issued_taken_away_and_verified(console: Console, size: ViewportSize, tmp_path: Path) -> None:
    page = console.page
    act(console.conn, raise_alert(console.conn), AlertAction.CONFIRM, by=OF_MARKET, now=datetime.now(UTC))
    console.enter("manager")
    page.set_viewport_size(size)
    page.goto(f"{console.address}/vendors/{HERE}/{VENDOR}")
    page.get_by_role("link", name="签发信用报告").click()
    expect(page.get_by_label("商户编号")).to_have_value(VENDOR)
    fits(page)
    page.get_by_role("button", name="签发").click()
    expect(page.get_by_role("heading", name="经营主体信用报告")).to_be_visible()
    expect(page.get_by_role("heading", name="每一分的来源")).to_be_visible()
    expect(page.get_by_text("申诉期内")).to_be_visible()
    fits(page)
    with page.expect_download() as taken:
        page.get_by_role("link", name="PDF").click()
    file = tmp_path / "report.pdf"
    taken.value.save_as(file)
    assert file.read_bytes().startswith(b"%PDF")
    page.get_by_role("link", name="/verify/").click()
    page.context.clear_cookies()
    page.reload()
    expect(page.get_by_role("heading", name="本报告由本系统签发")).to_be_visible()
    fits(page)
    page.set_input_files("#file", file)
    page.get_by_role("button", name="比对").click()
    expect(page.get_by_role("status").first).to_contain_text("未经改动")
    file.write_bytes(file.read_bytes() + b"\n")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="比对").click()
    expect(page.get_by_role("status").first).to_contain_text("可能被改动")
    fits(page)
