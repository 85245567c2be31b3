"""A published workbook in a real browser: uploaded, looked at, kept by one person, published by another."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import expect

from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS, Console
from tests.web_world import SHANGHAI, raise_alert

pytestmark = pytest.mark.browser


def a_workbook(path: Path, rows: list[list[object]]) -> Path:
    """A list as an office prints it: a title over everything, a header of two rows, a note below."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["三亚市海鲜餐饮店鲜活海鲜品调控价格"])
    sheet.merge_cells("A1:C1")
    sheet.append(["序号", "品名", "最高销售价"])
    sheet.append([None, None, "元/500克"])
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:B3")
    for number, row in enumerate(rows, start=1):
        sheet.append([number, *row])
    sheet.append(["备注：“—”为不限价。"])
    book.save(path)
    return path


def upload(console: Console, file: Path) -> None:
    console.page.goto(f"{console.address}/caps/import")
    console.page.set_input_files("#file", file)
    yesterday = datetime.now(SHANGHAI) - timedelta(days=1)
    console.page.fill("#begins", yesterday.strftime("%Y-%m-%dT%H:%M"))
    console.page.fill("#source", "三亚市价格监测中心")
    console.page.fill("#document_no", "调控价格 1 号")
    console.page.click("form.import-form button")


def test_a_list_goes_from_the_file_to_the_market_through_two_people(console: Console, tmp_path: Path) -> None:
    console.page.set_viewport_size(DESKTOP)
    raise_alert(console.conn)  # a sale at 864 yuan/kg, over the cap of 630
    console.enter("regulator")
    upload(console, a_workbook(tmp_path / "调控价格.xlsx", [["东兴斑", 450], ["和乐蟹（大）（元／只）", "１２０"]]))
    expect(console.page.locator("h1")).to_have_text("预览：调控价格.xlsx")
    expect(console.page.get_by_role("button", name="保存为草稿")).to_be_disabled()
    expect(console.page.locator("label[for=accept-1] b")).to_have_text("东兴斑")
    console.page.select_option("#accept-1", label="东星斑 F01（读音相同：东星斑）")
    console.page.get_by_role("button", name="按所选名称重新预览").click()
    expect(console.page.locator("tr.row-high .cell-item")).to_have_text("东星斑")
    impact = console.page.locator("section[aria-labelledby=impact-title]")
    expect(impact.locator("dd").nth(1)).to_have_text("1")  # no longer over: 864 is below 900
    console.page.get_by_role("button", name="保存为草稿").click()
    expect(console.page.locator(".state-list-draft")).to_have_text("草稿")
    expect(console.page.locator("section[aria-labelledby=steps-title]")).to_contain_text("须由另一人核对并发布")
    draft = console.page.url
    console.leave()
    console.enter("admin")
    console.page.goto(draft)
    console.page.get_by_role("button", name="发布").click()
    expect(console.page.locator(".state-list-published")).to_have_text("已发布")
    console.page.goto(f"{console.address}/caps")
    expect(console.page.locator("table.caps").first).to_contain_text("450.00")
    row = console.conn.execute(
        "SELECT drafted_by, published_by, status FROM cap_lists ORDER BY 1 DESC LIMIT 1"
    ).fetchone()
    assert row == ("regulator", "admin", "published")
    assert console.complaints == []


def test_a_file_with_errors_shows_them_all_on_a_phone_and_keeps_nothing(console: Console, tmp_path: Path) -> None:
    console.page.set_viewport_size(PHONE)
    console.enter("regulator")
    upload(console, a_workbook(tmp_path / "list.xlsx", [["东星斑", "面议"], ["", 5], ["和乐蟹(", 6], ["东星斑", "=1"]]))
    expect(console.page.locator(".problems li")).to_have_count(4)
    expect(console.page.locator(".problems li").first).to_contain_text("行 4，列 C（价格）：'面议'；应为大于 0")
    assert console.page.evaluate(OVERFLOW) == 0
    assert console.page.evaluate(SMALL_TARGETS) == []
    upload(console, a_workbook(tmp_path / "list.xlsx", []).with_suffix(".xlsx"))
    expect(console.page.locator(".problems li")).to_have_count(1)
    (tmp_path / "photo.csv").write_bytes(b"\x89PNG\0\0")
    upload(console, tmp_path / "photo.csv")
    expect(console.page.locator("[role=alert]")).to_contain_text("文件或表单无法使用")
    assert console.conn.execute("SELECT count(*) FROM cap_lists").fetchone() == (1,)
