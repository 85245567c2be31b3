"""Cases and publicity in a real browser: from an alert to a penalty, and every page of them with rows on a phone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from psycopg import Connection

from domain.alert_step import AlertAction
from supervision.publicity.publishing import publish_final
from tests.alert_acts import MANAGER, POLICIES, act
from tests.draw_acts import put_inspectors
from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS, Console
from tests.integration.test_items import published as publish_items
from tests.integration.test_publicity import SHIPPED
from tests.integration.test_web_case_lists import LONG_AGO, PENALTY, for_reason, penalised, undone
from tests.integration.test_web_case_opening import found_wrong
from tests.integration.test_web_daily_caps import Console as Desk
from tests.web_world import HERE, VENDOR, raise_alert

pytestmark = pytest.mark.browser

BUNDLE_LINK = "section[aria-labelledby=evidence-title] li a"


def fits(page: Page, what: str) -> None:
    assert page.evaluate(OVERFLOW) == 0, what
    assert page.evaluate(SMALL_TARGETS) == [], what


def escalated(conn: Connection) -> int:
    """An alert that the market handed to the regulator."""
    alert_id = raise_alert(conn)
    now = datetime.now(UTC)
    act(conn, alert_id, AlertAction.CONFIRM, by=MANAGER_HERE, now=now)
    act(conn, alert_id, AlertAction.ESCALATE, by=MANAGER_HERE, now=now, note="第三次超过调控价")
    return alert_id


MANAGER_HERE = type(MANAGER)(username="manager", authority=MANAGER.authority, market_id=HERE, origin="127.0.0.1")


def with_rows(conn: Connection, address: str) -> tuple[int, int, int]:
    """Every kind of case there is, a penalty in public and one that came off; an alert, a visit, the newest case."""
    publish_items(conn, at=LONG_AGO)
    put_inspectors(conn)
    published = penalised(conn, for_reason(conn, "线索来自媒体报道，" * 12))
    assert publish_final(conn, datetime.now(UTC), policy=SHIPPED, supervision=POLICIES.supervision) == 1
    undone(conn, published)
    visit, _ = found_wrong(Desk(address, conn))
    newest = for_reason(conn, "执法检查中发现")
    alert_id = escalated(conn)
    conn.commit()
    return alert_id, visit, newest


def test_an_alert_in_a_case_is_decided_there_and_the_page_leads_there(console: Console) -> None:
    page = console.page
    page.set_viewport_size(DESKTOP)
    alert_id = escalated(console.conn)
    console.enter("regulator")
    page.goto(f"{console.address}/alerts/{alert_id}")
    expect(page.get_by_role("button", name="结案", exact=True)).to_have_count(0)
    page.locator(".area-actions a.row-link").click()
    expect(page.locator("h1")).to_contain_text("案件 1 · 阿海海鲜档")
    page.locator("form[action$='/steps/investigate'] button").click()
    page.fill("#note-notify", "已送达告知书")
    page.locator("form[action$='/steps/notify'] button").click()
    expect(page.locator(".head .state")).to_have_text("已告知")
    page.fill("#document-no", PENALTY.document_no)
    page.fill("#authority", PENALTY.authority)
    page.fill("#decided-on", "2026-01-05")
    page.fill("#decision", PENALTY.decision)
    page.select_option("#basis-code", "guided_price")
    page.locator("form[action$='/decision'] button").click()
    expect(page.locator("[role=alert]")).to_contain_text("有必填内容未填写")
    console.complaints.clear()  # of the answer 422
    assert page.input_value("#decision") == PENALTY.decision, "what was typed stays"
    page.select_option("#kind", "fine")
    page.fill("#amount", "5000.00")
    page.locator("form[action$='/decision'] button").click()
    expect(page.locator(".head .state")).to_have_text("已作出决定")
    page.get_by_role("button", name="固定当前证据").click()
    with page.expect_download() as kept:
        page.locator(BUNDLE_LINK).click()
    assert kept.value.suggested_filename == "case-1-evidence-1.zip"
    page.goto(f"{console.address}/alerts/{alert_id}")
    expect(page.locator(".head-badges")).to_contain_text("已处罚")
    assert console.complaints == []


def test_findings_of_a_visit_are_chosen_and_come_to_a_case(console: Console) -> None:
    page = console.page
    page.set_viewport_size(PHONE)
    _, visit, newest = with_rows(console.conn, console.address)
    console.enter("regulator")
    page.goto(f"{console.address}/inspections/visits/{visit}")
    fits(page, "visit")
    page.locator("input[name=finding]").first.uncheck()
    page.fill("#case-reason", "秤盘下装有磁铁")
    page.locator("form[action$='/case'] button").click()
    expect(page.locator("[role=alert]")).to_contain_text("请选择检查中不符合要求的事项")
    console.complaints.clear()  # of the answer 422
    assert page.input_value("#case-reason") == "秤盘下装有磁铁", "what was typed stays"
    page.locator("input[name=finding]").first.check()
    page.locator("form[action$='/case'] button").click()
    expect(page.locator("h1")).to_contain_text(f"案件 {newest}")
    expect(page.locator("#trail-title + ol")).to_contain_text("秤盘下装有磁铁")
    page.goto(f"{console.address}/inspections/visits/{visit}")
    expect(page.locator("input[name=finding]")).to_have_count(0)
    expect(page.locator("section[aria-labelledby=case-title]")).to_contain_text(f"案件 {newest}")
    assert console.complaints == []


def test_the_list_is_narrowed_and_kept_as_a_file(console: Console) -> None:
    page = console.page
    page.set_viewport_size(DESKTOP)
    with_rows(console.conn, console.address)
    console.enter("regulator")
    page.goto(f"{console.address}/cases")
    page.get_by_role("link", name="全部", exact=True).click()
    before = page.locator("tbody tr").count()
    page.select_option("#kind", "price_over_cap")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert before > 1
    with page.expect_download() as kept:
        page.get_by_role("link", name="CSV").click()
    assert kept.value.suggested_filename == "cases.csv"
    page.fill("#vendor", "没有这家")
    page.get_by_role("button", name="查看", exact=True).click()
    page.get_by_role("link", name="清除筛选").click()
    expect(page.locator("tbody tr")).to_have_count(before)
    assert console.complaints == []


def test_a_case_is_opened_from_the_file_of_a_vendor(console: Console) -> None:
    page = console.page
    page.set_viewport_size(PHONE)
    console.enter("regulator")
    page.goto(f"{console.address}/vendors/{HERE}/{VENDOR}/file")
    page.get_by_role("link", name="立案", exact=True).click()
    fits(page, "new")
    expect(page.locator("#vendor-name")).to_have_text("阿海海鲜档")
    page.fill("#reason", "线索来自媒体报道")
    page.locator("form[action='/cases'] button").click()
    expect(page.locator("h1")).to_contain_text("案件 1")
    expect(page.locator("main")).to_contain_text("线索来自媒体报道")
    assert console.complaints == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_with_rows_fit_a_phone_in_both_languages(console: Console, language: str) -> None:
    page = console.page
    page.set_viewport_size(PHONE)
    alert_id, visit, newest = with_rows(console.conn, console.address)
    penalised(console.conn, newest, replace(PENALTY, document_no="琼三市监处罚〔2026〕19号"))
    assert publish_final(console.conn, datetime.now(UTC), policy=SHIPPED, supervision=POLICIES.supervision) == 1
    console.conn.commit()
    console.enter("regulator")
    if language == "en":
        page.goto(f"{console.address}/cases")
        page.get_by_role("link", name="English").click()
    for path in (
        *(
            "/cases",
            "/cases?show=all",
            "/cases?show=decided&kind=tare_abuse",
            "/cases/new",
            "/cases/1",
            f"/cases/{newest}",
        ),
        *("/publicity", "/publicity?off=true", f"/alerts/{alert_id}", f"/inspections/visits/{visit}"),
        *(f"/vendors/{HERE}/{VENDOR}/file", "/penalties"),
    ):
        page.goto(f"{console.address}{path}")
        fits(page, path)
    expect(page.locator("main")).to_contain_text("琼三市监处罚〔2026〕19号")
    assert console.complaints == []
