"""A list is published, and its way to the scales is watched: real agent, broker, ingest, database, web and browser."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page
from psycopg import Connection

from db import accounts, registry
from db.registry import Placement
from domain.ids import StallId, VendorId
from tests.brokers import RealBroker
from tests.factories import MARKET, publish_caps, put_market
from tests.ingesting import ingesting
from tests.integration.edge_rig import Rig, make_rig
from tests.waiting import wait_until
from tests.web_service import config_for, serving
from tests.web_world import PASSWORD, password_hash

pytestmark = pytest.mark.browser

WITHIN_S = 60.0
SCALES = 3


def register(conn: Connection, rig: Rig) -> None:
    put_market(conn, scales=0, with_caps=False)
    for n, scale in enumerate(rig.config().scales, start=1):
        registry.place_scale(
            conn,
            Placement(
                market_id=MARKET,
                scale_id=scale.scale_id,
                stall_id=StallId(f"A-{n}"),
                place="",
                vendor_id=VendorId(f"V-{n}"),
                vendor_name=f"vendor {n}",
                serial_number="",
                valid_from=datetime.now(UTC) - timedelta(days=1),
            ),
        )
    accounts.put_user(
        conn,
        username="manager",
        display_name="manager",
        password_hash=password_hash(),
        role="manager",
        market_id=MARKET,
    )
    conn.commit()


def await_scales(page: Page, state: str, count: int) -> str:
    """Wait until so many scales stand so to the list in force; return the version that the market was told."""
    rows = page.locator(f'[data-scale][data-state="{state}"]')
    wait_until(lambda: rows.count() == count, what=f"{count} scales are {state}", within_s=WITHIN_S, every_s=0.1)
    return page.inner_text("[data-version]")


def test_scales_move_from_the_old_list_to_the_new_one_on_an_open_page(
    broker: RealBroker, database_url: str, conn: Connection, page: Page, tmp_path: Path
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    rig = make_rig(tmp_path, broker, stalls=SCALES, weighings=6)
    register(conn, rig)
    publish_caps(conn, effective_from=datetime.now(UTC) - timedelta(hours=2))
    conn.commit()
    with ingesting(broker, database_url), serving(config_for(database_url)) as address:
        page.goto(address)
        page.fill("#username", "manager")
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.wait_for_selector("#connection.dot-live")
        page.goto(f"{address}/caps/scales")
        page.wait_for_selector("#connection.dot-live")
        await_scales(page, "silent", SCALES)
        with rig.market() as market, rig.agent():
            first = await_scales(page, "current", SCALES)
            market.join()
        # The agents are away, as at night: they hold the old list, and the page says so.
        publish_caps(conn, 24_000, effective_from=datetime.now(UTC) - timedelta(minutes=1))
        conn.commit()
        second = await_scales(page, "old", SCALES)
        assert first != second
        assert first in page.inner_text("#scale-list")
        with rig.agent():
            assert await_scales(page, "current", SCALES) == second
        assert complaints == []
        page.goto("about:blank")
    held = conn.execute("SELECT DISTINCT version FROM scale_caps").fetchall()
    told = conn.execute("SELECT version FROM cap_announcements ORDER BY announcement_id").fetchall()
    assert (held, [one[0] for one in told]) == ([(second,)], [first, second])
