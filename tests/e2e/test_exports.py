"""Exports in a real browser: a destination, its ledger, a department's token, and who asked for what."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest
from playwright.sync_api import Page, expect
from psycopg import Connection

from db import export_accesses
from db.export_accesses import Access
from supervision.exports import destinations
from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS
from tests.export_acts import BOTH, OPEN, by, charge, penalise, record, register
from tests.export_rig import Exporting
from tests.integration.test_web_exports import make
from tests.web_service import config_for, serving
from tests.web_world import HERE, PASSWORD, furnish
from tests.webhook_receiver import receiving

expect.set_options(timeout=30_000)
#: A box to tick has its whole label for a target.
SMALL = SMALL_TARGETS.replace("input:not([type=hidden])", "input:not([type=hidden],[type=checkbox])")


@dataclass
class Office:
    """A regulator's browser, what it complained about, and what is behind its pages."""

    page: Page
    address: str
    conn: Connection
    complaints: list[str]

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def clerk_works(self) -> None:
        """A round of a clerk: what is new is put into the ledgers and one thing is sent."""
        record(self.conn)
        Exporting(OPEN).run_once(self.conn, datetime.now(UTC))


@pytest.fixture
def office(database_url: str, page: Page) -> Iterator[Office]:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    with psycopg.connect(database_url, autocommit=True) as conn:
        furnish(conn)
        with serving(replace(config_for(database_url), exports_policy=OPEN)) as address:
            page.goto(address)
            page.fill("#username", "regulator")
            page.fill("#password", PASSWORD)
            page.click("main button")
            page.wait_for_selector("#bell")
            yield Office(page, address, conn, complaints)
            page.goto("about:blank")


@pytest.mark.browser
def test_a_destination_is_registered_tried_out_given_records_and_cared_for(office: Office) -> None:
    page = office.page
    with receiving() as receiver:
        office.go("/exports")
        expect(page.locator(".empty")).to_be_visible()
        page.fill("#name", "信用平台")
        page.fill("#url", receiver.url)
        page.click("form[action='/exports/destinations'] button")
        secret = page.locator("#secret").inner_text()
        assert secret.startswith("whsec_")
        page.click("form[action$='/test'] button")
        expect(page.locator("[data-trial]")).to_contain_text("等待发送")
        office.clerk_works()
        page.click("text=重新加载")
        expect(page.locator("[data-trial]")).to_contain_text("200")
        office.clerk_works()
        page.click("form[action$='/secret'] button")
        assert page.locator("#secret").inner_text() not in ("", secret)
        expect(page.get_by_text("旧密钥", exact=True)).to_be_visible()
        page.click("summary:has-text('停用')")
        page.fill("#because", "平台升级")
        page.click("form[action$='/disable'] button")
        expect(page.locator(".notice-problem")).to_contain_text("平台升级")
        page.click("form[action$='/enable'] button")
        expect(page.locator(".head .badge")).to_have_text("启用中")
        page.click("dd a[href^='/exports?destination=']")
        expect(page.locator("tr[data-state='accepted']")).to_have_count(2)
        page.locator("tr[data-state='accepted'] a").first.click()
        expect(page.locator(".attempts li")).to_have_count(1)
    assert office.complaints == []


@pytest.mark.browser
def test_what_was_refused_is_sent_again_with_a_reason_that_is_not_lost(office: Office) -> None:
    page = office.page
    with receiving(status=422) as receiver:
        made = register(office.conn, receiver.url, market_ids=(HERE,))
        office.clerk_works()
        office.go("/exports?state=refused")
        page.click("tr[data-state='refused'] a")
        # Meanwhile somebody else switched the destination off.
        destinations.switch_off(office.conn, made.destination_id, "off", by=by())
        page.fill("#because", "对方已修正格式")
        page.click("form[action$='/send-again'] button")
        expect(page.locator("[role=alert]")).to_be_visible()
        expect(page.locator("#because")).to_have_value("对方已修正格式")
        destinations.switch_on(office.conn, made.destination_id, by=by())
        receiver.status = 200
        page.click("form[action$='/send-again'] button")
        page.wait_for_url("**/exports/batches/2")
        office.clerk_works()
        page.reload()
        expect(page.locator("ul.plain-list li")).to_contain_text("已接收")
    assert [one for one in office.complaints if "422" not in one] == []


@pytest.mark.browser
def test_a_token_is_made_used_found_in_the_log_and_revoked(office: Office, tmp_path: Path) -> None:
    page = office.page
    record(office.conn)
    office.go("/exports/tokens")
    page.fill("#department", "税务局")
    page.fill("#contact", "王某")
    page.check("input[value='credit:read']")
    page.click("form[action='/exports/tokens'] button")
    token = page.locator("#secret").inner_text()
    path = f"{office.address}/api/v1/exports"
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60) as program:
        assert program.get(f"{path}/credit-records").status_code == 200
        assert program.get(f"{path}/penalties").status_code == 403
    office.go("/exports/accesses")
    rows = page.locator("table.cards tbody tr")
    expect(rows).to_have_count(2)
    page.select_option("#status", "refused")
    page.select_option("#token", label=f"税务局 · {token.split('_')[1]}")
    page.click("main form button")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("403")
    with page.expect_download() as download:
        page.click("main form a:has-text('CSV')")
    file = tmp_path / "accesses.csv"
    download.value.save_as(file)
    with file.open(encoding="utf-8-sig") as lines:
        assert [row["status"] for row in csv.DictReader(lines)] == ["403"]
    page.select_option("#status", "")
    page.select_option("#market", HERE)
    page.click("main form button")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("200")
    page.fill("#until", "2020-01-01")
    page.click("main form button")
    expect(page.locator(".empty")).to_be_visible()
    expect(page.locator("#until")).to_have_value("2020-01-01")
    office.go("/exports/tokens")
    page.click("summary:has-text('撤销')")
    page.fill("input[name='because'][required]", "人员离职")
    page.click("form[action$='/revoke'] button")
    expect(page.locator("table.cards")).to_contain_text("人员离职")
    assert office.complaints == []


def fill_rows(office: Office, url: str) -> None:
    """Rows of every kind on every page."""
    conn = office.conn
    penalise(conn)
    charge(conn)
    made = register(conn, url, forms=BOTH, name="海南省公共信用信息平台（三亚市分中心）")
    register(conn, "", name="档案室", market_ids=(HERE,))
    destinations.send_trial(conn, made.destination_id, OPEN, by=by())
    destinations.change_secret(conn, made.destination_id, OPEN, by=by())
    for _ in range(3):
        office.clerk_works()
    off = register(conn, "https://gone.example/a/very/long/path/that/goes/on/and/on/receive", name="已撤并单位")
    destinations.switch_off(conn, off.destination_id, "单位已撤并", by=by())
    token = make(conn, networks=("10.0.0.0/16", "2001:db8::/32"))
    for number in range(130):
        access = Access(
            at=datetime.now(UTC),
            token_id=token.token_id if number % 3 else None,
            address="2001:db8:ffff:ffff:ffff:ffff:ffff:1",
            asked=f"/api/v1/exports/credit-records?after={number}&limit=500&market=first&format=csv",
            status=200 if number % 3 else 401,
            records=number,
            identities=number % 2 == 0,
            problem="" if number % 3 else "no token of ours was shown; expected Authorization: Bearer sye_…",
        )
        export_accesses.add(conn, access, [HERE] if number % 3 else [])


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_fit_a_hand_and_a_desk(office: Office, size: dict[str, int]) -> None:
    page = office.page
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    with receiving() as receiver:
        receiver.said = '{"refused":[{"record_id":"first/V001","version":1,"reason":"名称与登记不符"}]}'
        receiver.statuses = [503]
        fill_rows(office, receiver.url)
    for path in PAGES:
        office.go(path)
        assert page.evaluate(OVERFLOW) == 0
        assert page.evaluate(SMALL) == []
    assert office.complaints == []


PAGES = (
    "/exports",
    "/exports/destinations/1",
    "/exports/destinations/2",
    "/exports/destinations/3",
    "/exports/batches/1",
    "/exports/tokens",
    "/exports/accesses",
)
