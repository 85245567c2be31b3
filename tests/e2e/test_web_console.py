"""The console in a real browser: it keeps itself up to date, works under a thumb, and breaks no rule of its own."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ViewportSize

from db import quarantine_replays
from db.quarantine_pages import Where
from domain.alert import AlertKind
from ingest.replay_watcher import ReplayWatcher
from pricing.policy import read_rules_policy
from tests.e2e.consoles import DESKTOP, OVERFLOW, PHONE, SMALL_TARGETS, Console
from tests.integration.test_web_continuity import alert_of, arrive, lines
from tests.web_world import CRAB, ELSEWHERE, HERE, HOSTILE_VENDOR, POLICY, VENDOR, hold_message, raise_alert, sign_in

pytestmark = pytest.mark.browser


def test_an_alert_appears_by_itself_and_is_announced(console: Console) -> None:
    console.page.set_viewport_size(DESKTOP)
    console.enter("manager")
    assert console.page.title() == "预警 · 海秤"
    raise_alert(console.conn)
    console.page.wait_for_selector("tr[data-state=open]")
    assert console.page.inner_text("#announcement") == "1 条新预警"
    assert console.page.title() == "(1) 预警 · 海秤"
    assert console.complaints == []


def test_one_tap_acknowledges_on_a_phone(console: Console) -> None:
    console.page.set_viewport_size(PHONE)
    alert_id = raise_alert(console.conn)
    console.enter("manager")
    console.page.click(f"#acknowledge-{alert_id}")
    console.page.wait_for_selector(f'tr[data-alert="{alert_id}"][data-state=acknowledged]')
    assert urlsplit(console.page.url).path == "/"
    assert console.complaints == []


def test_what_somebody_else_does_is_seen_without_reloading_and_without_losing_the_filter(console: Console) -> None:
    alert_id = raise_alert(console.conn)
    raise_alert(console.conn, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
    console.enter("regulator")
    console.page.goto(f"{console.address}/?show=open&market={HERE}")
    console.page.wait_for_selector("#connection.dot-live")
    assert console.page.locator("tr[data-alert]").count() == 1
    console.page.select_option("#market", "")
    console.conn.execute("UPDATE alerts SET state = 'acknowledged' WHERE alert_id = %s", [alert_id])
    console.conn.commit()
    console.page.wait_for_selector(".empty")
    assert console.page.input_value("#market") == ""


def test_a_paused_list_stands_still_and_catches_up(console: Console) -> None:
    console.enter("manager")
    console.page.click("#pause")
    raise_alert(console.conn)
    console.page.wait_for_timeout(800)
    assert console.page.locator("tr[data-alert]").count() == 0
    console.page.click("#pause")
    console.page.wait_for_selector("tr[data-alert]")


def test_a_list_whose_database_connection_broke_says_so_and_recovers(console: Console) -> None:
    console.enter("manager")
    console.conn.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE query LIKE '%LISTEN alerts' AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    console.conn.commit()
    console.page.wait_for_selector("#connection.dot-live")
    raise_alert(console.conn)
    console.page.wait_for_selector("tr[data-alert]")


@pytest.mark.parametrize("target", ["tab-in_progress", "order-newest"])
def test_the_keyboard_stays_where_it_is_over_an_update(console: Console, target: str) -> None:
    console.enter("manager")
    console.page.focus(f"#{target}")
    raise_alert(console.conn)
    console.page.wait_for_selector("tr[data-alert]")
    assert console.page.evaluate("document.activeElement.id") == target


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_announcement_moves_nothing_and_covers_nothing(console: Console, size: ViewportSize) -> None:
    console.page.set_viewport_size(size)
    raise_alert(console.conn)
    console.enter("manager")
    before = console.page.locator("#alert-list").bounding_box()
    said = "That did not work. Check the connection and try again."
    console.page.evaluate("(text) => { document.getElementById('announcement').textContent = text; }", said)
    assert console.page.locator("#alert-list").bounding_box() == before
    box, strip = (console.page.locator(one).bounding_box() for one in ("#announcement", ".live-state"))
    assert box is not None
    assert strip is not None
    assert strip["y"] <= box["y"] <= box["y"] + box["height"] <= strip["y"] + strip["height"]


def test_on_a_phone_the_evidence_stands_before_the_decision_and_fits(console: Console) -> None:
    console.page.set_viewport_size(PHONE)
    alert_id = raise_alert(console.conn)
    console.enter("manager")
    console.page.goto(f"{console.address}/alerts/{alert_id}")
    tops = [console.page.locator(area).bounding_box() for area in (".area-weighings", ".area-actions")]
    assert [top["y"] for top in tops if top] == sorted(top["y"] for top in tops if top)
    assert (
        console.page.evaluate(
            "(() => { const e = document.querySelector('.scroll'); return e.scrollWidth - e.clientWidth; })()"
        )
        == 0
    )


def test_all_that_a_filter_shows_is_read_again_after_a_look_at_what_that_means(
    console: Console, database_url: str
) -> None:
    console.page.set_viewport_size(PHONE)
    refused = [hold_message(console.conn, payload=b"no json %d" % n) for n in range(3)]
    elsewhere = hold_message(console.conn, reason="not_json", market_id=ELSEWHERE)
    console.enter("manager")
    console.page.goto(f"{console.address}/quarantine?reason=unknown_scale")
    console.page.click("text=重新读取此处全部消息")
    hold_message(console.conn, payload=b"came since")
    assert console.page.inner_text("#count-title") == "3 条消息"
    console.page.click("button.button-first")
    console.page.wait_for_url("**/quarantine/replays/*")
    assert [console.page.inner_text(f"#{one}") for one in ("expected", "waiting")] == ["3", "3"]
    watcher = ReplayWatcher(
        database_url, read_rules_policy(POLICY / "rules.toml"), lambda: datetime.now(UTC), lambda _: None
    )
    watcher.start()
    try:
        console.page.wait_for_selector("text=已批量重新读取", timeout=60_000)
    finally:
        watcher.stop()
    assert [console.page.inner_text(f"#{one}") for one in ("waiting", "replayed")] == ["0", "0"]
    assert console.page.inner_text("#refused").startswith("3")
    tries = console.conn.execute("SELECT quarantine_id, tries FROM quarantine ORDER BY 1").fetchall()
    assert dict(tries) == {**dict.fromkeys(refused, 1), elsewhere: 0, max(tries)[0]: 0}
    actors = console.conn.execute("SELECT step, actor, count(*) FROM quarantine_events GROUP BY 1, 2 ORDER BY 1")
    assert actors.fetchall() == [("refused_again", "manager", 3), ("replay_requested", "manager", 3)]
    assert console.complaints == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_fits_and_every_target_is_large_enough(console: Console, size: ViewportSize, language: str) -> None:
    console.page.set_viewport_size(size)
    alert_id = raise_alert(console.conn, species=CRAB, vendor_id=VENDOR)
    raise_alert(console.conn, vendor_id=HOSTILE_VENDOR, market_id=ELSEWHERE)
    arrive(console.conn, lines(40)[::2], journal="0193a7c2-5b6e-7d2f-9a61-1f4c0e88aa10")
    arrive(
        console.conn, [lines(2)[0], lines(2, net_g=7)[1], lines(3)[2]], journal="0193a7c2-0000-7d2f-9a61-1f4c0e88bb77"
    )
    about_the_record = [alert_of(console.conn, kind) for kind in (AlertKind.SEQUENCE_GAP, AlertKind.CHAIN_BREAK)]
    token = sign_in(console.conn, "admin").token
    console.page.context.add_cookies([{"name": "steelyard-session", "value": token, "url": console.address}])
    console.page.goto(f"{console.address}/language/{language}")
    held = [hold_message(console.conn), hold_message(console.conn, reason="not_json", payload=b"\xff" * 5000)]
    shown = [f"/alerts/{one}" for one in (alert_id, *about_the_record)] + [f"/quarantine/{one}" for one in held]
    many = quarantine_replays.ask(
        console.conn, Where(), up_to=max(held), expected=len(held), actor="admin", now=datetime.now(UTC)
    )
    console.conn.commit()
    shown += ["/quarantine/replays/new?reason=not_json", f"/quarantine/replays/{many}"]
    for path in ("/", "/?show=closed", *shown, "/vendors", f"/vendors/{HERE}/{VENDOR}", "/caps", "/quarantine"):
        console.page.goto(console.address + path)
        assert console.page.evaluate(OVERFLOW) == 0, path
        assert console.page.evaluate(SMALL_TARGETS) == [], path
    assert console.complaints == []
