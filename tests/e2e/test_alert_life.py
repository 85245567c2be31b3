"""An alert from the lead to the decided appeal, on a phone and by two people."""

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.consoles import OVERFLOW, PHONE, SMALL_TARGETS, Console
from tests.web_world import raise_alert

pytestmark = pytest.mark.browser


def photo(path: Path) -> Path:
    written = io.BytesIO()
    Image.new("RGB", (1600, 1200), (20, 110, 120)).save(written, "JPEG")
    path.write_bytes(written.getvalue())
    return path


def test_on_a_phone_a_breach_is_rectified_with_a_photo_and_an_appeal_is_decided(
    console: Console, tmp_path: Path
) -> None:
    page = console.page
    page.set_viewport_size(PHONE)
    alert_id = raise_alert(console.conn)
    console.enter("manager")
    page.click(f"#alert-{alert_id}")
    page.get_by_role("button", name="受理").click()
    page.get_by_role("button", name="确认").click()
    expect(page.locator(".head-badges .state-confirmed")).to_be_visible()
    page.fill("#note-order_rectification", "退还多收款，更换价签")
    page.get_by_role("button", name="责令整改").click()
    expect(page.locator("details.action")).not_to_have_count(0)
    page.set_input_files("#photo-rectified", photo(tmp_path / "p.jpg"))
    page.get_by_role("button", name="报告已整改").click()
    expect(page.locator(".head-badges .state-rectified")).to_be_visible()
    page.locator(".photos img").scroll_into_view_if_needed()
    expect(page.locator(".photos img")).to_have_js_property("naturalWidth", 320)
    page.locator("details.action", has_text="登记申诉").locator("summary").click()
    page.fill("#note-appeal", "当日清单公布晚于称重")
    page.get_by_role("button", name="登记申诉").click()
    expect(page.locator(".head-badges .state-appealed")).to_be_visible()
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate(OVERFLOW) == 0
    address = page.url
    console.leave()
    console.enter("regulator")
    page.goto(address)
    page.locator("details.action", has_text="撤销认定").locator("summary").click()
    page.fill("#note-overturn", "公布时间属实")
    page.get_by_role("button", name="撤销认定").click()
    expect(page.locator(".head-badges .state-overturned")).to_be_visible()
    expect(page.locator(".trail li")).to_have_count(8)
    assert console.complaints == []


def test_a_day_that_is_too_late_is_stopped_by_the_form_itself(console: Console) -> None:
    page = console.page
    alert_id = raise_alert(console.conn)
    console.enter("manager")
    page.goto(f"{console.address}/alerts/{alert_id}")
    page.get_by_role("button", name="确认").click()
    page.fill("#due-order_rectification", (date.today() + timedelta(days=90)).isoformat())  # noqa: DTZ011
    page.fill("#note-order_rectification", "退款")
    page.get_by_role("button", name="责令整改").click()
    assert page.eval_on_selector("#due-order_rectification", "field => field.validity.rangeOverflow")
    expect(page.locator(".head-badges .state-confirmed")).to_be_visible()
