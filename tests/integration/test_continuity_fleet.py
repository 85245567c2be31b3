"""A fleet's chains through two workers, with storms and watchers that wait for nothing: in the end they are whole."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from psycopg import Connection

from db import registry
from db.registry import Market, Placement
from domain.ids import MarketId, StallId, VendorId
from ingest.continuity_watcher import ContinuityWatcher
from simulators.fleet.fleet_connection import FleetBroker
from simulators.fleet.fleet_scales import fleet_scale_id
from simulators.fleet.running import run_fleet
from tests.brokers import RealBroker
from tests.integration.test_ingest_worker import running_worker
from tests.integration.test_simulated_fleet import GOODS, fleet
from tests.waiting import wait_until

MARKET = MarketId("sanya-1")
SCALES, WEIGHINGS = 30, 1500


def register(conn: Connection) -> None:
    registry.put_market(conn, Market(market_id=MARKET, name="market", area="sanya", channel="eatery"))
    registry.place_new_scales(
        conn,
        [
            Placement(
                market_id=MARKET,
                scale_id=fleet_scale_id(n),
                stall_id=StallId(f"A-{n}"),
                place="",
                vendor_id=VendorId(f"V-{n}"),
                vendor_name=f"vendor {n}",
                serial_number="",
                valid_from=datetime.now(UTC) - timedelta(days=1),
            )
            for n in range(1, SCALES + 1)
        ],
    )
    conn.commit()


def rows(conn: Connection, statement: str) -> list[tuple[object, ...]]:
    conn.commit()
    return conn.execute(statement.encode()).fetchall()


def test_what_two_workers_took_in_any_order_is_whole_in_the_end(
    tmp_path: Path, broker: RealBroker, conn: Connection, database_url: str
) -> None:
    register(conn)
    plan = fleet(tmp_path, scales=SCALES, weighings=WEIGHINGS, storm_every_s=0.4, waits_for_receipts=True)
    watchers = [
        ContinuityWatcher(database_url, timedelta(0), lambda: datetime.now(UTC), look_every_s=0.01) for _ in range(2)
    ]
    for watcher in watchers:
        watcher.start()
    try:
        with running_worker(broker, database_url, "w1"), running_worker(broker, database_url, "w2"):
            address = FleetBroker(host=broker.host, port=broker.port)
            assert run_fleet(plan, address, GOODS, threading.Event()).is_complete
        wait_until(lambda: rows(conn, UNSEEN) == [], what="every line is looked at")
        wait_until(lambda: rows(conn, OPEN) == [], what="every alert about a gap closes")
    finally:
        for watcher in watchers:
            watcher.stop()
    assert rows(conn, "SELECT count(*) FROM weighings") == [(WEIGHINGS,)]
    assert rows(conn, "SELECT * FROM chain_breaks") == []
    assert rows(conn, "SELECT * FROM journal_gaps WHERE filled_at IS NULL") == []


UNSEEN = (
    "SELECT journal_id FROM journals LEFT JOIN continuity USING (market_id, scale_id, journal_id)"
    " WHERE received IS DISTINCT FROM seen"
)
OPEN = "SELECT alert_id FROM alerts WHERE kind = 'sequence_gap' AND state <> 'withdrawn'"
