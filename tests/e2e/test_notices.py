"""Notices in a real browser: on every page that is open, without reloading; and a clerk as a process of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect
from psycopg import Connection

from db.migrate import migrate
from domain.alert import Severity
from domain.notice import ChannelChoice
from steelyard.settings import PREFIX
from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS
from tests.notice_rig import prefer
from tests.waiting import wait_until
from tests.web_service import config_for, serving
from tests.web_world import CRAB, PASSWORD, furnish, raise_alert

expect.set_options(timeout=30_000)


@contextmanager
def clerk(database_url: str) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    process = subprocess.Popen(
        [sys.executable, "-m", "steelyard", "clerk"],
        env={**environment, f"{PREFIX}DATABASE_URL": database_url},
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def world(database_url: str) -> Iterator[tuple[str, Connection]]:
    with psycopg.connect(database_url, autocommit=True) as conn:
        furnish(conn)
        for username in ("manager", "regulator", "admin"):
            prefer(conn, username, datetime.now(UTC), quiet=None)
        with serving(config_for(database_url)) as address:
            yield address, conn


def enter(page: Page, address: str, username: str = "manager") -> None:
    page.goto(address)
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_selector("#bell")


@pytest.mark.browser
def test_a_notice_shows_on_every_page_that_is_open_and_is_read_on_all_of_them(
    world: tuple[str, Connection], database_url: str, page: Page
) -> None:
    address, conn = world
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    enter(page, address)
    other = page.context.new_page()
    other.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{address}/vendors")
    other.goto(f"{address}/caps")
    with clerk(database_url):
        raise_alert(conn)
        for one in (page, other):
            expect(one.locator("#unread")).to_have_text("1")
        expect(page.locator("#notice-toast")).to_have_text("新预警：标价超过调控价，阿海海鲜档")
        raise_alert(conn, species=CRAB)
        expect(page.locator("#notice-toast")).to_have_text(re.compile("^2 条通知"))
        expect(page.locator("#unread")).to_have_text("1")
        page.click("#bell")
        page.click("text=全部标为已读")
        expect(other.locator("#unread")).to_be_hidden()
        each = ChannelChoice(minimum=Severity.LOW, first_after_s=0, window_s=0)
        prefer(conn, "manager", datetime.now(UTC), page=each)
        page.close()  # whichever of the two listened, the other one hears the next
        raise_alert(conn, species=CRAB, vendor_id=None)
        expect(other.locator("#unread")).to_have_text("1")
    assert complaints == []
    other.goto("about:blank")


@pytest.mark.browser
def test_the_list_of_notices_keeps_itself_up_to_date(
    world: tuple[str, Connection], database_url: str, page: Page
) -> None:
    address, conn = world
    enter(page, address)
    page.goto(f"{address}/notices")
    expect(page.locator(".empty")).to_be_visible()
    with clerk(database_url):
        raise_alert(conn)
        expect(page.locator("article.letter-unread")).to_have_count(1)
    page.goto("about:blank")


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_fit_a_hand_and_a_desk(
    world: tuple[str, Connection], database_url: str, page: Page, size: dict[str, int]
) -> None:
    address, conn = world
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    enter(page, address, "admin")
    with clerk(database_url):
        raise_alert(conn)
        expect(page.locator("#unread")).to_have_text("1")
    for path in ("/notices", "/notices/settings", "/notices/webhooks"):
        page.goto(address + path)
        assert page.evaluate(OVERFLOW) == 0
        # A box to tick has its whole label for a target.
        small = page.evaluate(
            SMALL_TARGETS.replace("input:not([type=hidden])", "input:not([type=hidden],[type=checkbox])")
        )
        assert small == []
    page.goto("about:blank")


@pytest.mark.browser
def test_the_browser_asks_only_when_somebody_wants_it_to(world: tuple[str, Connection], page: Page) -> None:
    address, _ = world
    page.add_init_script(
        "window.asked = 0; Notification.requestPermission = async () => { window.asked += 1; return 'denied'; };"
    )
    enter(page, address)
    page.goto(f"{address}/notices/settings")
    expect(page.locator("#browser-notices")).to_be_visible()
    assert page.evaluate("window.asked") == 0
    if page.locator("#browser-switch").is_visible():
        page.click("#browser-switch")
        assert page.evaluate("window.asked") == 1
    page.goto("about:blank")


def is_listening_for(pid: int, number: signal.Signals) -> bool:
    """Whether a process has taken a signal into its own hands (proc(5), SigCgt)."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    caught = next(line.split()[1] for line in lines if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (number - 1) & 1)


def test_a_clerk_stops_when_it_is_asked_to_and_another_goes_on(
    world: tuple[str, Connection], database_url: str
) -> None:
    _, conn = world

    def told() -> int:
        row = conn.execute("SELECT coalesce(sum(items), 0) FROM letters").fetchone()
        return int(row[0]) if row else 0

    with clerk(database_url) as first, clerk(database_url) as second:
        raise_alert(conn)
        wait_until(lambda: told() == 3, what="three people are told")
        # The other one may have told them while this one was still starting.
        wait_until(lambda: is_listening_for(first.pid, signal.SIGTERM), what="the first clerk can be asked to stop")
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
        second.kill()
        second.wait(20)
        raise_alert(conn, species=CRAB)
    with clerk(database_url):
        wait_until(lambda: told() == 6, what="a later one tells what they left")


def test_a_clerk_says_in_one_sentence_what_is_wrong_with_its_settings(database_url: str) -> None:
    migrate(database_url)
    environment = {**os.environ, f"{PREFIX}DATABASE_URL": database_url, f"{PREFIX}SMTP_HOST": "mail.example"}
    done = subprocess.run(
        [sys.executable, "-m", "steelyard", "clerk"], env=environment, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert b"STEELYARD_SMTP_FROM is missing" in done.stderr
