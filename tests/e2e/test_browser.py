"""The browser of the tests opens pages, and only ours."""

import pytest
from playwright.sync_api import Error, Page


@pytest.mark.browser
def test_a_page_opens_and_runs_its_script(page: Page) -> None:
    page.goto("data:text/html;charset=utf-8,<h1>海秤</h1><script>document.title = 'ok'</script>")
    assert page.title() == "ok"
    assert page.locator("h1").inner_text() == "海秤"


@pytest.mark.browser
def test_no_other_host_can_be_reached(page: Page) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://somewhere.invalid/")
