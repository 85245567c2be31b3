"""A consumer with a phone and a market manager, in a real browser: a ticket, a complaint, its answer, another look."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.complaint_acts import sell
from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS, Console
from web.ticket_view import path_of

pytestmark = pytest.mark.browser


def fits_a_phone(page: Page) -> None:
    assert page.evaluate(OVERFLOW) == 0
    assert page.evaluate(SMALL_TARGETS) == []


def test_a_ticket_becomes_a_complaint_and_its_answer_reaches_the_phone(console: Console) -> None:
    page = console.page
    page.set_viewport_size(PHONE)
    ticket = sell(console.conn, 7)
    console.conn.commit()
    page.goto(console.address + path_of(ticket))
    expect(page.locator("h1")).to_have_text("阿海海鲜档")
    fits_a_phone(page)
    page.get_by_role("link", name="投诉这笔交易").click()
    fits_a_phone(page)
    assert page.is_checked("input[name=reason][value=over_cap]"), "the ticket knows what it is about"
    page.fill("#words", "标价 432，不是说好的 315")
    page.fill("#contact", "138 0013 8000")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("main")).to_contain_text("您的投诉已收到")
    fits_a_phone(page)
    answer_at = page.url
    console.enter("manager")
    page.goto(f"{console.address}/complaints")
    fits_a_phone(page)
    page.locator(".complaints .row-link").click()
    fits_a_phone(page)
    page.get_by_role("button", name="受理", exact=True).click()
    page.select_option("#outcome", "upheld")
    page.fill("#note-answer", "查实超过调控价，已责令退还差价 23.40 元")
    page.check("input[name=decide_alerts]")
    page.get_by_role("button", name="答复", exact=True).click()
    expect(page.locator(".state-complaint-answered").first).to_be_visible()
    assert console.conn.execute("SELECT state FROM alerts").fetchone() == ("confirmed",)
    assert console.conn.execute("SELECT points FROM credit_events").fetchone() == (-3,)
    page.click("form[action='/sign-out'] button")

    page.goto(answer_at)
    expect(page.locator("main")).to_contain_text("已责令退还差价 23.40 元")
    page.fill("#note", "差价没有退给我")
    page.get_by_role("button", name="申请复查").click()
    expect(page.locator(".head")).to_contain_text("核查中")
    fits_a_phone(page)
    assert console.complaints == []


def test_a_ticket_that_has_not_arrived_is_kind_in_both_languages(console: Console) -> None:
    page = console.page
    page.set_viewport_size(PHONE)
    ticket = sell(console.conn, 7)
    console.conn.execute("DELETE FROM weighings")
    console.conn.commit()
    page.goto(console.address + path_of(ticket))
    expect(page.locator("h1")).to_have_text("这笔交易尚未到达")
    fits_a_phone(page)
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("This sale is not here yet")
    page.get_by_role("link", name="Complain about this sale").click()
    expect(page.locator("main")).to_contain_text("joined to your complaint when it does")
    fits_a_phone(page)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_refused_complaint_keeps_what_was_typed(console: Console, size: ViewportSize) -> None:
    page = console.page
    page.set_viewport_size(size)
    page.goto(f"{console.address}/complain")
    page.select_option("#market", "first")
    page.check("input[name=reason][value=short_weight]")
    page.fill("#words", "少了二两")
    page.fill("#contact", "找我")
    page.fill("#stall", "A-01")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("[role=alert]")).to_contain_text("“找我”不是电话号码或电子邮箱")
    assert page.input_value("#words") == "少了二两"
    assert page.input_value("#stall") == "A-01"
    assert page.is_checked("input[name=reason][value=short_weight]")
    assert page.evaluate(OVERFLOW) == 0
