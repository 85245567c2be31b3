"""A television in a hall and a phone at a stall, in a real browser."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, ViewportSize, expect
from psycopg import Connection

from db import registry
from db.cap_lists import NewCapItem, NewCapList
from db.registry import Placement, Species
from domain.ids import ScaleId, SpeciesCode, StallId, VendorId
from domain.price_cap import CapStatus, CapUnit, Channel
from domain.units import Fen
from pricing import publishing
from supervision.register.public_codes import issue
from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS, Console
from tests.waiting import wait_until
from tests.web_world import HERE, VENDOR, publish, raise_alert

pytestmark = pytest.mark.browser

LANDSCAPE, PORTRAIT = ViewportSize(width=1920, height=1080), ViewportSize(width=1080, height=1920)
GOODS, STALLS = 46, 31
#: What of the shown rows is cut off by its window, or lies beside it.
CUT_OFF = """Array.from(document.querySelectorAll(".window .row:not([hidden])")).filter((row) => {
    const [box, view] = [row.getBoundingClientRect(), row.closest(".window").getBoundingClientRect()];
    return box.bottom > view.bottom + 1 || box.top < view.top - 1 || box.right > view.right + 1;
}).map((row) => row.textContent.trim())"""
NAMES = """Array.from(document.querySelectorAll(".caps .row:not([hidden]) .name b")).map((b) => b.textContent)"""
SIZE_OF_NAMES = """parseFloat(getComputedStyle(document.querySelector(".caps .name b")).fontSize)"""


def top_of(list_: Locator) -> float:
    box = list_.bounding_box()
    assert box is not None
    return box["y"]


def a_full_market(conn: Connection) -> None:
    """More goods and more good vendors than a screen has room for."""
    now = datetime.now(UTC)
    items = []
    for n in range(GOODS):
        code = SpeciesCode(f"T{n:02}")
        species = Species(
            species_code=code,
            name_zh=f"第{n:02}号鱼",
            pinyin="",
            name_en=f"fish number {n}",
            scientific="",
            category="fish",
            names=(),
        )
        registry.put_species(conn, species)
        items.append(
            NewCapItem(
                species=code,
                grade="大" if n % 5 == 0 else "",
                status=CapStatus.CAPPED,
                unit=CapUnit.KG,
                cap_fen=Fen(11_550 + n * 100),
                published_as="x",
            )
        )
    new = NewCapList(area="sanya", channel=Channel.EATERY, source="a test", effective_from=now - timedelta(days=1))
    publishing.publish(conn, publishing.draft(conn, new, items, by="drafter", at=now), by="publisher", at=now)
    for n in range(2, STALLS + 1):
        registry.place_scale(
            conn,
            Placement(
                market_id=HERE,
                scale_id=ScaleId(f"s{n}"),
                stall_id=StallId(f"A-{n:02}"),
                place="",
                vendor_id=VendorId(f"W{n}"),
                vendor_name=f"三亚吉阳海之韵水产第{n}经营部",
                serial_number="",
                valid_from=now - timedelta(days=1),
            ),
        )
    conn.commit()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT], ids=["landscape", "portrait"])
def test_a_screen_turns_its_pages_and_cuts_nothing_off(console: Console, size: ViewportSize, language: str) -> None:
    page = console.page
    a_full_market(console.conn)
    page.set_viewport_size(size)
    page.clock.install()
    page.goto(f"{console.address}/screen/{HERE}?lang={language}")
    pages = int((page.locator("#caps-page").text_content() or "").split("/")[1])
    seen: list[str] = []
    for _ in range(pages):
        assert page.evaluate(CUT_OFF) == []
        assert page.evaluate(OVERFLOW) == 0
        seen += page.evaluate(NAMES)
        page.clock.fast_forward(12_000)
    assert len(seen) == GOODS, "each of the goods is on one of the pages"
    assert len(set(seen)) == GOODS
    expect(page.locator("#caps-page")).to_have_text(f"1 / {pages}")
    if language == "zh":
        assert page.evaluate(SIZE_OF_NAMES) >= 54, "read from ten metres"
    assert console.complaints == []


def test_a_screen_keeps_up_and_says_its_age_while_the_service_is_away(console: Console) -> None:
    page = console.page
    page.set_viewport_size(LANDSCAPE)
    page.clock.install()
    page.goto(f"{console.address}/screen/{HERE}")
    expect(page.locator(".row .half").first).to_have_text("315")
    changed = publish(console.conn, datetime.now(UTC))
    console.conn.execute(
        "UPDATE cap_items SET cap_fen = 64000 WHERE cap_list_id = %s AND species_code = 'F01'", [changed]
    )
    console.conn.commit()
    page.clock.fast_forward(61_000)
    expect(page.locator(".row .half").first).to_have_text("320")
    expect(page.locator("#age")).to_be_hidden()

    page.route("**/screen/**", lambda route: route.abort())
    page.clock.fast_forward(61_000)
    expect(page.locator("#age")).to_contain_text("与服务的连接中断，以下为 1 分钟前的内容")
    expect(page.locator(".row .half").first).to_have_text("320")
    page.clock.fast_forward(300_000)
    expect(page.locator("#age")).to_contain_text("以下为 6 分钟前的内容")

    page.unroute("**/screen/**")
    page.clock.fast_forward(11_000)
    expect(page.locator("#age")).to_be_hidden()
    # The browser says each time that nobody answered.
    assert all("Failed to load resource" in one for one in console.complaints)


def test_without_scripts_the_list_rolls_to_its_end(console: Console) -> None:
    a_full_market(console.conn)
    browser = console.page.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, viewport=LANDSCAPE)
    try:
        page = context.new_page()
        page.goto(f"{console.address}/screen/{HERE}")
        assert page.locator(".caps .row").count() == GOODS
        assert page.locator("meta[http-equiv=refresh]").count() == 1, "and is asked for anew"
        rolls = page.locator(".caps .rows")
        start = top_of(rolls)
        wait_until(lambda: top_of(rolls) < start, what="the list moves by itself")
    finally:
        context.close()


def test_on_a_phone_the_screen_is_a_list(console: Console) -> None:
    page = console.page
    a_full_market(console.conn)
    page.set_viewport_size(PHONE)
    page.goto(f"{console.address}/screen/{HERE}")
    assert page.evaluate(OVERFLOW) == 0
    assert page.locator(".caps .row:visible").count() == GOODS


def test_a_code_at_a_stall_leads_to_prices_and_to_a_complaint(console: Console) -> None:
    page = console.page
    raise_alert(console.conn)
    code = issue(console.conn, HERE, VENDOR, by="manager", at=datetime.now(UTC))
    console.conn.commit()
    page.set_viewport_size(PHONE)
    for language in ("中文", "English"):
        page.goto(f"{console.address}/q/{code}")
        assert page.evaluate(OVERFLOW) == 0
        assert page.evaluate(SMALL_TARGETS) == []
        if language == "中文":
            expect(page.locator(".standing")).to_contain_text("A 守信")
            expect(page.locator(".public-prices")).to_contain_text("超过调控价")
            page.get_by_role("link", name="English").click()
    expect(page.locator(".public-prices")).to_contain_text("above the cap")
    page.get_by_role("link", name="Complain about this stall").click()
    assert page.input_value("#stall") == "A-01"
    assert page.input_value("#market") == HERE
    assert console.complaints == []


def test_a_manager_makes_a_code_prints_its_card_and_replaces_it(console: Console) -> None:
    page = console.page
    page.set_viewport_size(DESKTOP)
    console.enter("manager")
    page.goto(f"{console.address}/vendors/{HERE}/{VENDOR}/file")
    page.get_by_role("link", name="摊位公示码").click()
    page.get_by_role("button", name="生成摊位码").click()
    card = page.locator(".stall-card")
    expect(card.locator("img")).to_have_js_property("complete", value=True)
    assert card.locator("img").evaluate("(image) => image.naturalWidth") > 100
    first = card.locator("img").get_attribute("src")
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == 1, "one sheet of A6, and nothing else of the page"
    page.get_by_role("button", name="更换新码").click()
    expect(card).to_be_visible()
    assert card.locator("img").get_attribute("src") != first
    page.set_viewport_size(PHONE)
    assert page.evaluate(OVERFLOW) == 0
    assert page.evaluate(SMALL_TARGETS) == []
    assert console.complaints == []
