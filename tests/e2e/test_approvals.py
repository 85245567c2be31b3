"""Approvals in a real browser: a file taken in on a phone, its check made as a visit, the result back to the office."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from db import inspectors
from db.register.events import Change
from domain.register.records import Source, VendorIdentity
from supervision.approvals.reminding import RemindingOfChecks
from supervision.register import changing
from tests.approval_acts import CODE, FEEDING, give
from tests.draw_acts import put_inspectors
from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS, Console
from tests.integration.test_items import published
from tests.notice_rig import prefer, work
from tests.web_world import HERE, VENDOR

pytestmark = pytest.mark.browser
TITLES = "发证机关,编号,类型,主体名称,信用代码,发证日期,许可范围,备注\n"
A_ROW = f"三亚市行政审批服务局,JY14602000012345,许可,阿海海鲜档,{CODE},2026-11-02,鲜活水产品零售,一窗受理\n"


def fits(page: Page) -> None:
    assert page.evaluate(OVERFLOW) == 0
    assert page.evaluate(SMALL_TARGETS) == []


def register(console: Console) -> None:
    """The vendor of the code, the catalogue, and people who may go."""
    conn, now = console.conn, datetime.now(UTC)
    change = Change(by="li", at=now, because="a contract", source=Source.PAGE)
    identity = VendorIdentity(name="阿海海鲜档", credit_code=CODE)
    changing.correct_vendor(conn, HERE, VENDOR, identity, revision=1, change=change)
    published(conn, at=now - timedelta(days=3))
    put_inspectors(conn)
    conn.commit()


def take_in(console: Console, text: str, folder: Path) -> None:
    """Upload a file on its page, and look at what it would do."""
    file = folder / "第48周.csv"
    file.write_bytes(text.encode("gb18030"))
    console.page.goto(f"{console.address}/registry/approvals")
    console.page.get_by_role("link", name="导入文件", exact=True).last.click()
    console.page.set_input_files("#file", file)
    console.page.get_by_role("button", name="查看预览").click()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_approval_is_taken_in_checked_on_a_visit_and_goes_back(
    console: Console, size: ViewportSize, tmp_path: Path
) -> None:
    page = console.page
    register(console)
    console.enter("regulator")
    page.set_viewport_size(size)
    take_in(console, TITLES + A_ROW + A_ROW.replace("许可,", "牌照,").replace("12345", "99999"), tmp_path)
    expect(page.locator(".problems")).to_contain_text("行 3，列 C")
    fits(page)
    take_in(console, TITLES + A_ROW, tmp_path)
    expect(page.locator("main")).to_contain_text("未识别的列： H 备注")
    expect(page.locator("main")).to_contain_text("审批类型：行政许可")
    fits(page)
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator("main")).to_contain_text("第48周.csv")
    fits(page)
    page.goto(f"{console.address}/registry/approvals")
    fits(page)
    page.get_by_role("link", name="JY14602000012345").click()
    fits(page)
    page.fill("#item", "M99")
    page.get_by_role("button", name="发起现场检查").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.input_value("#item") == "M99", "nothing typed is lost"
    console.complaints.clear()  # the browser tells of the refusal, which was meant
    page.fill("#item", "M01")
    page.get_by_role("button", name="发起现场检查").click()
    page.wait_for_url("**/inspections/visits/*")
    fits(page)
    one, two = (str(person.user_id) for person in inspectors.listed(console.conn)[:2])
    page.locator("select[name=inspector]").nth(0).select_option(one)
    page.locator("select[name=inspector]").nth(1).select_option(two)
    page.get_by_role("button", name="派出").click()
    page.get_by_role("button", name="开始检查").click()
    page.fill("#note-order", "现场未公示许可证")
    page.locator("form[action$='/act/order'] button").click()
    page.get_by_role("link", name="批后核查").click()
    expect(page.locator("main")).to_contain_text("与审批内容不符")
    expect(page.locator("main")).to_contain_text("现场未公示许可证")
    fits(page)
    page.goto(f"{console.address}/registry/approvals/exports")
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator("main")).to_contain_text("CSV")
    fits(page)
    assert console.complaints == []


def test_a_manager_reads_about_its_own_vendors_and_acts_on_none(console: Console) -> None:
    page = console.page
    register(console)
    give(console.conn)
    give(console.conn, number="JY14602000099999", credit_code="92460200MA5T1CXY0M", subject_name="别处的档口")
    console.conn.commit()
    console.enter("manager")
    page.set_viewport_size(PHONE)
    page.goto(f"{console.address}/registry/approvals")
    expect(page.locator("main")).to_contain_text("JY14602000012345")
    expect(page.locator("main")).not_to_contain_text("JY14602000099999")
    fits(page)
    page.get_by_role("link", name="JY14602000012345").click()
    expect(page.locator("main form")).to_have_count(0)
    fits(page)
    assert console.complaints == []


def test_a_reminder_on_the_bell_leads_to_the_approval(console: Console) -> None:
    page = console.page
    now = datetime.now(UTC)
    prefer(console.conn, "regulator", now, quiet=None)
    give(console.conn)
    RemindingOfChecks(FEEDING.policy, FEEDING.calendar, 60).run_once(console.conn, now)
    work(console.conn, now)
    console.conn.commit()
    console.enter("regulator")
    page.set_viewport_size(PHONE)
    page.goto(f"{console.address}/notices")
    fits(page)
    page.locator(".named .row-link").click()
    expect(page.locator("h1")).to_have_text("JY14602000012345")
    assert console.complaints == []
