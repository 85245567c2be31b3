"""The console in a browser: what tests of its pages share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from playwright.sync_api import Page, ViewportSize
from psycopg import Connection

from tests.web_service import config_for, serving
from tests.web_world import PASSWORD, furnish

PHONE, DESKTOP = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
SMALL_TARGETS = """Array.from(document.querySelectorAll("a, button, select, input:not([type=hidden])"))
    .filter((e) => !e.classList.contains("skip") && e.getBoundingClientRect().width > 0)
    .filter((e) => e.getBoundingClientRect().height < 43.5).map((e) => e.textContent.trim())"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True, slots=True)
class Console:
    """The page, the service behind it, the database behind that, and everything the browser complained about."""

    page: Page
    address: str
    conn: Connection
    complaints: list[str]

    def enter(self, username: str) -> None:
        """Sign in through the door, and wait until the list is live."""
        self.page.goto(self.address)
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_selector("#connection.dot-live")

    def leave(self) -> None:
        """Sign out."""
        self.page.click("form[action='/sign-out'] button")


@contextmanager
def running_console(database_url: str, page: Page) -> Iterator[Console]:
    """The service on a furnished database, with the browser's complaints collected."""
    complaints: list[str] = []

    def heard(text: str) -> None:
        # A page that is left while it asks for its unread notices is answered that nobody is signed in any more.
        if "401 (Unauthorized)" not in text:
            complaints.append(text)

    page.on("console", lambda message: heard(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    with psycopg.connect(database_url) as conn:
        furnish(conn)
        with serving(config_for(database_url)) as address:
            yield Console(page, address, conn, complaints)
            page.goto("about:blank")
