"""A day's caps in a real browser: references in, a list drafted and published, what it touches judged again, a slip."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pricing.price_sources import import_rates
from pricing.rate_file import Validity, parse_rates
from steelyard.resources import data_directory
from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS, Console
from tests.rejudged import rejudge
from tests.web_world import PHOTO, SHANGHAI, VENDOR, raise_alert

pytestmark = pytest.mark.browser

_DAY = timedelta(days=1)


@pytest.fixture
def console(console: Console) -> Console:
    """With markup rates, which a day's caps are calculated with."""
    rates = parse_rates(
        (data_directory() / "markup_rates_sanya.csv").read_text(encoding="utf-8"),
        "rates",
        Validity(valid_from=datetime.now(SHANGHAI).date() - 30 * _DAY, valid_until=None, source="the bureau"),
    )
    import_rates(console.conn, "sanya", rates.rates, by="regulator", at=datetime.now(UTC))
    console.conn.commit()
    return console


def test_references_become_the_days_list_and_what_was_sold_is_judged_by_it(console: Console, tmp_path: Path) -> None:
    page = console.page
    page.set_viewport_size(DESKTOP)
    raise_alert(console.conn)  # a sale at 864 yuan/kg, over the cap of 630
    console.enter("regulator")
    today = datetime.now(SHANGHAI).date()
    file = tmp_path / "批发价.csv"
    file.write_bytes("品名,规格,批发价（元/500克）\n东星斑,,140\n".encode("gb18030"))  # x 1.1 x 2.9 = 446.6 -> 447
    page.goto(f"{console.address}/caps/daily?day={today}")
    page.set_input_files("#file", file)
    page.fill("#source", "价格监测中心")
    page.click("form[action='/caps/daily/references'] button")
    expect(page.locator(".cell-working").first).to_contain_text("140.00 × (1 + 10%) × (1 + 190%) = 446.60 → 447")
    page.get_by_role("button", name="生成草稿").click()
    draft = page.url
    console.leave()
    console.enter("admin")
    page.goto(draft)
    page.get_by_role("button", name="发布").click()
    page.goto(f"{console.address}/caps/rejudging")
    expect(page.locator("tbody tr")).to_contain_text("等待处理")
    rejudge(console.conn)
    console.conn.commit()
    expect(page.locator("tbody tr")).to_contain_text("已完成", timeout=15_000)  # the page looks again by itself
    assert console.conn.execute("SELECT state FROM alerts").fetchall() == [("withdrawn",)], "864 is below 894 yuan/kg"
    assert console.complaints == []


def test_a_slip_is_entered_on_a_phone_and_decided_on_by_another(console: Console, tmp_path: Path) -> None:
    page = console.page
    page.set_viewport_size(PHONE)
    console.enter("manager")
    page.goto(f"{console.address}/caps/purchases/new")
    assert page.evaluate(OVERFLOW) == 0
    assert page.evaluate(SMALL_TARGETS) == []
    (tmp_path / "slip.jpg").write_bytes(PHOTO)
    page.fill("#vendor", VENDOR)
    page.fill("#species", "东星斑")
    page.fill("#price", "180")
    page.set_input_files("#photo", tmp_path / "slip.jpg")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("main")).to_contain_text("180")
    slip = page.url
    console.leave()
    console.enter("regulator")
    page.goto(slip)
    assert page.evaluate(OVERFLOW) == 0
    page.get_by_role("button", name="认可", exact=True).click()
    row = console.conn.execute("SELECT state, entered_by, decided_by, price_fen FROM purchase_records").fetchone()
    assert row == ("accepted", "manager", "regulator", 36_000)
    assert console.complaints == []


@pytest.mark.parametrize(
    "path", ["/caps/daily", "/caps/rates", "/caps/purchases", "/caps/exemptions", "/caps/rejudging"]
)
def test_the_pages_about_caps_fit_a_phone(console: Console, path: str) -> None:
    console.page.set_viewport_size(PHONE)
    console.enter("regulator")
    console.page.goto(f"{console.address}{path}")
    assert console.page.evaluate(OVERFLOW) == 0
    assert console.page.evaluate(SMALL_TARGETS) == []
    expect(console.page.locator("nav.tabs a[aria-current]").first).to_be_in_viewport()
