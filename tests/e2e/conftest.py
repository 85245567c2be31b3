"""Fixtures of the third ring: a real browser and a real broker."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.brokers import RealBroker
from tests.browsers import find_chromium, run_chromium
from tests.e2e.consoles import Console, running_console


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module. Not for the session: while Playwright runs, no other test may start an event loop."""
    executable = find_chromium()
    if executable is None:
        pytest.fail("mark tests that use a browser with @pytest.mark.browser", pytrace=False)
    with run_chromium(executable) as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page with cookies and storage of its own."""
    context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    try:
        context.set_default_timeout(60_000)
        yield context.new_page()
    finally:
        context.close()


@pytest.fixture
def broker() -> Iterator[RealBroker]:
    with RealBroker() as running:
        yield running


@pytest.fixture
def console(database_url: str, page: Page) -> Iterator[Console]:
    """The console on a furnished database."""
    with running_console(database_url, page) as running:
        yield running
