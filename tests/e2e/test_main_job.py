"""The main job, whole: bytes out of a simulated scale, the alert on the page; confirmed, the score moves."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from steelyard.demo.plan import DemoPlan
from steelyard.demo.register import DEMO_PASSWORD
from steelyard.demo.stack import Stack, running_stack

pytestmark = pytest.mark.browser

FOUND_WITHIN_MS = 60_000


@pytest.fixture
def stack() -> Iterator[Stack]:
    """Database, broker, ingest and web of this test's own; the market is not open yet."""
    with tempfile.TemporaryDirectory(prefix="steelyard-main-job-") as folder:
        Path(folder).chmod(0o755)
        plan = DemoPlan(state=Path(folder), stalls=12, weighings=150, seed=7, web_port=0)
        with running_stack(plan, fresh=False, tell=lambda _line: None) as running:
            yield running


def test_from_a_scales_bytes_to_an_alert_on_the_page_and_a_score(stack: Stack, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(stack.address)
    page.fill("#username", "manager")
    page.fill("#password", DEMO_PASSWORD)
    page.click("main button")
    page.wait_for_selector("#connection.dot-live")
    assert page.locator("tr[data-state=open]").count() == 0

    market = stack.start_market(lambda _line: None)
    row = page.locator("tr[data-state=open]").first
    row.wait_for(timeout=FOUND_WITHIN_MS)  # nothing was clicked: it came by itself
    market.process.wait(FOUND_WITHIN_MS / 1000)

    page.goto(stack.address)
    sold = [json.loads(line) for line in stack.plan.market.truth.read_text(encoding="utf-8").splitlines()]
    over = [sale for sale in sold if sale["over_cap"]]
    leads = {(sale["vendor_id"], sale["species"]) for sale in over}
    assert page.locator("tr[data-state=open]").count() == len(leads)
    text = row.inner_text()
    assert any(sale["stall_id"] in text for sale in over)

    row.locator("a[href*='/alerts/']").first.click()
    page.wait_for_selector("text=线索")
    vendor = page.locator("a[href*='/vendors/']").last.get_attribute("href")
    page.locator("form[action$='/confirm'] button").click()
    page.wait_for_selector(".state-confirmed")  # before anything else is asked of the page: that would cut it short
    page.goto(stack.address.rstrip("/") + str(vendor))
    assert page.locator("text=标价超过调控价").count() > 0
    assert int(page.locator(".score b").inner_text()) < 100
    assert complaints == []
