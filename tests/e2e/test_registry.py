"""The register in a real browser: filled from a file, read in one hand, what is personal only for a reason."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from db.register import views
from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS, Console
from tests.web_world import HERE, VENDOR, raise_alert

pytestmark = pytest.mark.browser

FILE = f"/vendors/{HERE}/{VENDOR}/file"
ROWS = f"商户编号,商户名称,统一社会信用代码,联系电话,负责人\n{VENDOR},,91350100M000100Y43,13812345678,王小明\n"


def upload(console: Console, path: Path, text: str) -> None:
    path.write_text(text, encoding="gb18030")
    console.page.goto(f"{console.address}/registry/import")
    console.page.set_input_files("#file", path)
    console.page.get_by_role("button", name="预览").click()


def test_a_vendor_from_a_file_to_its_own_file(console: Console, tmp_path: Path) -> None:
    page = console.page
    page.set_viewport_size(DESKTOP)
    raise_alert(console.conn)
    console.enter("regulator")
    upload(console, tmp_path / "商户.csv", ROWS.replace("Y43", "Y44"))
    expect(page.locator(".problems li")).to_contain_text("校验位为 4，按前面各位计算应为 3")
    expect(page.get_by_role("button", name="确认导入")).to_have_count(0)
    upload(console, tmp_path / "商户.csv", ROWS)
    expect(page.locator("table")).to_contain_text("138****5678")
    page.get_by_role("button", name="确认导入").click()
    page.goto(f"{console.address}/registry?q=ahhxd")
    page.get_by_role("link", name="阿海海鲜档").click()
    expect(page.locator("h1")).to_have_text("阿海海鲜档")
    expect(page.locator("section[aria-labelledby=title-identity]")).to_contain_text("王**")
    expect(page.locator("section[aria-labelledby=title-alerts]")).to_contain_text("待处理")
    page.fill("#because", "消费者投诉")
    page.get_by_role("button", name="完整显示").click()
    expect(page.locator("section[aria-labelledby=title-identity]")).to_contain_text("13812345678")
    assert [(one.by, one.because) for one in views.newest(console.conn, limit=9)] == [("regulator", "消费者投诉")]
    with page.expect_download() as kept:
        page.locator("p.action-line").get_by_role("link", name="XLSX").click()
    assert kept.value.suggested_filename == f"file-{HERE}-{VENDOR}.xlsx"
    assert console.complaints == []


def test_the_register_fits_a_phone_in_one_hand(console: Console, tmp_path: Path) -> None:
    page = console.page
    page.set_viewport_size(PHONE)
    raise_alert(console.conn)
    console.enter("regulator")
    upload(console, tmp_path / "商户.csv", ROWS)
    looked_at = page.url.removeprefix(console.address)
    for path in (
        *("/registry", FILE, f"/registry/vendors/{HERE}/{VENDOR}", "/registry/vendors/new", "/registry/stalls"),
        *(f"/registry/stalls/{HERE}/A-01", "/registry/scales", f"/registry/scales/{HERE}/{HERE}-s01"),
        *("/registry/import", looked_at, "/registry/views"),
    ):
        page.goto(f"{console.address}{path}")
        assert page.evaluate(OVERFLOW) == 0, path
        assert page.evaluate(SMALL_TARGETS) == [], path
    assert console.complaints == []
