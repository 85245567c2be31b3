"""Device events through the batch and through a real broker: stored once, and told of where the policy says so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import Connection

from db import device_events, maintenance, scale_caps
from db.scale_caps import HeldCaps
from domain.ids import MarketId, ScaleId
from domain.quarantine import ReplayOutcome
from ingest.batch import Taken, take_batch
from ingest.linked_subscriber import LinkedSubscriber
from ingest.mqtt5_subscriber import Mqtt5Subscriber
from ingest.paho_subscriber import PahoSubscriber
from ingest.reading import Delivery
from ingest.replaying import Replayer
from pricing.policy import read_rules_policy
from pricing.price_book import BookKeeper
from steelyard.resources import policy_directory
from tests.brokers import RealBroker
from tests.factories import MARKET, NOW, delivery, message, over, place, put_market, topic, weighing
from tests.integration.test_ingest_worker import Clients, Device, running_worker, start_of_run, today
from tests.waiting import wait_until

POLICY = read_rules_policy(policy_directory() / "rules.toml")
SCALE = ScaleId("S-1")


def event(event_no: int, kind: str = "tare", *, journal: str = "j1", at: datetime = NOW, **more: Any) -> bytes:
    values = {
        "v": 1,
        "journal_id": journal,
        "event_no": event_no,
        "kind": kind,
        "at": at.isoformat(),
        "clock_synced": True,
        "detail": more.pop("detail", {}),
        **more,
    }
    return msgspec.json.encode(values)


def arrived(payload: bytes, *, scale: str = "S-1", at: datetime = NOW) -> Delivery:
    return delivery(payload, on=topic(scale, channel="events"), at=at)


def take(conn: Connection, *deliveries: Delivery, now: datetime = NOW) -> Taken:
    return take_batch(conn, deliveries, books=BookKeeper(), policy=POLICY, now=now)


def alerts_of(conn: Connection) -> list[tuple[Any, ...]]:
    return conn.execute(
        "SELECT kind, vendor_id, stall_id, occurrences, business_day::text FROM alerts ORDER BY alert_id"
    ).fetchall()


@pytest.fixture
def market(conn: Connection) -> Connection:
    put_market(conn)
    conn.commit()
    return conn


def test_an_event_is_stored_with_whose_the_scale_was_then(market: Connection) -> None:
    place(market, 1, vendor="V-9", since=NOW - timedelta(hours=1))
    before = NOW - timedelta(hours=2)
    taken = take(
        market,
        arrived(event(1, detail={"grams": 30, "by": "去皮"})),
        arrived(event(2, "zero", at=before)),
        arrived(event(3, "zero", at=before, clock_synced=False)),
        arrived(event(4, "zero", at=NOW - timedelta(days=4000))),
    )
    assert (taken.events, taken.held, taken.redelivered) == (4, 0, 0)
    found = {one.event_no: one for one in device_events.of_scale(market, MARKET, SCALE)}
    assert [(n, found[n].vendor_id, found[n].stall_id) for n in (1, 2, 3, 4)] == [
        (1, "V-9", "A-1"),
        (2, "V-1", "A-1"),  # by its own clock, which is kept
        (3, "V-9", "A-1"),  # whose clock is not kept: by its arrival
        (4, "V-9", "A-1"),  # no clock is right that far off
    ]
    assert (found[1].detail, found[1].kind) == ({"grams": 30, "by": "去皮"}, "tare")
    assert (found[3].at, found[3].happened_at) == (before, NOW)


def test_the_same_event_again_leaves_no_trace(market: Connection) -> None:
    one = arrived(event(1, "case_open"))
    assert take(market, one, one).events == 1
    again = take(market, one)
    assert (again.events, again.redelivered, again.held, again.alerts) == (0, 1, 0, 0)
    assert alerts_of(market) == [("case_open", "V-1", "A-1", 1, "2026-11-22")]


def test_the_same_number_with_other_content_is_held_and_the_first_is_kept(market: Connection) -> None:
    first, second = event(1, "case_open"), event(1, "tare")
    taken = take(market, arrived(first), arrived(second))
    assert (taken.events, taken.held) == (1, 1)
    assert take(market, arrived(second)).redelivered == 1  # is held already
    assert [one.kind for one in device_events.of_scale(market, MARKET, SCALE)] == ["case_open"]
    held = market.execute("SELECT reason, payload, market_id, scale_id, seq, explanation FROM quarantine").fetchall()
    assert [tuple(row[:5]) for row in held] == [("conflict", second, MARKET, "S-1", None)]
    assert "event_no is 1" in held[0][5]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"no json", "not_json"),
        (event(0), "bad_field"),
        (event(1, "exploded"), "bad_field"),
        (event(1, journal="a b"), "bad_field"),
        (message(weighing(1)), "bad_field"),
    ],
    ids=["no json", "number 0", "unknown kind", "bad journal", "weighings"],
)
def test_what_cannot_be_read_is_held_with_the_reason_and_stops_nothing(
    market: Connection, payload: bytes, reason: str
) -> None:
    taken = take(market, arrived(payload), arrived(event(7)), delivery(message(weighing(1))))
    assert (taken.events, taken.stored, taken.held) == (1, 1, 1)
    assert market.execute("SELECT reason, scale_id FROM quarantine").fetchall() == [(reason, "S-1")]


def test_an_event_of_an_unregistered_scale_is_held_and_can_be_read_again(market: Connection) -> None:
    assert take(market, arrived(event(1, "seal_broken"), scale="S-77")).held == 1
    row = market.execute("SELECT quarantine_id, reason FROM quarantine").fetchone()
    assert row is not None
    assert row[1] == "unknown_scale"
    place(market, 77)
    replayed = Replayer(POLICY).replay(market, row[0], actor="m", now=NOW)
    assert (replayed.outcome, replayed.alerts) == (ReplayOutcome.STORED, 1)
    assert [one.kind for one in device_events.of_scale(market, MARKET, ScaleId("S-77"))] == ["seal_broken"]


def test_events_and_weighings_are_one_transaction(market: Connection) -> None:
    with market.transaction(force_rollback=True):
        take(market, arrived(event(1)), delivery(message(over(1))))
    assert device_events.of_scale(market, MARKET, SCALE) == []
    taken = take(market, arrived(event(1)), delivery(message(over(1))))
    assert (taken.events, taken.stored, taken.alerts) == (1, 1, 1)


def test_a_stored_event_is_never_changed(market: Connection) -> None:
    take(market, arrived(event(1)))
    for statement in ("UPDATE device_events SET kind = 'zero'", "DELETE FROM device_events"):
        with pytest.raises(psycopg.errors.RestrictViolation), market.transaction():
            market.execute(statement)


def test_tampering_is_told_once_a_day_and_vendor_with_what_happened(market: Connection) -> None:
    taken = take(
        market,
        arrived(event(1, "case_open")),
        arrived(event(2, "calibration_changed", detail={"value": "8"})),
        arrived(event(3, "tare")),
        arrived(event(4, "case_open")),
        arrived(event(5, "clock_changed", detail={"step_ms": 1500})),
    )
    assert taken.alerts == 2
    take(market, arrived(event(6, "case_open", at=NOW + timedelta(seconds=5))))
    assert alerts_of(market) == [
        ("calibration_changed", "V-1", "A-1", 1, "2026-11-22"),
        ("case_open", "V-1", "A-1", 3, "2026-11-22"),
    ]
    row = market.execute("SELECT alert_id FROM alerts WHERE kind = 'case_open'").fetchone()
    assert row is not None
    assert [one.event_no for one in device_events.of_alert(market, row[0])] == [6, 4, 1]


def test_maintenance_excuses_what_happens_while_it_lasts(market: Connection) -> None:
    begun, until = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    ticket = maintenance.open_ticket(market, MARKET, SCALE, until=until, reason="new spring", by="m", now=begun)
    assert ticket is not None
    assert maintenance.open_ticket(market, MARKET, ScaleId("S-9"), until=until, reason="x", by="m", now=NOW) is None
    take(market, arrived(event(1, "case_open")))
    assert alerts_of(market) == []
    assert maintenance.end_ticket(market, MARKET, SCALE, NOW)
    take(market, arrived(event(2, "case_open", at=NOW + timedelta(seconds=2)), at=NOW + timedelta(seconds=2)))
    assert [row[0] for row in alerts_of(market)] == ["case_open"]


def test_what_a_scale_holds_is_what_its_agent_said_last_in_whatever_order_it_arrives(market: Connection) -> None:
    def said(event_no: int, version: str, **more: Any) -> Delivery:
        return arrived(event(event_no, "caps_applied", detail={"version": version}, **more))

    def held() -> list[tuple[str, str | None, HeldCaps]]:
        return [(one.scale_id, one.version, one.state) for one in scale_caps.scales(market, MARKET, NOW)]

    scale_caps.note_announced(market, MARKET, "1-a", 1, NOW - timedelta(hours=2))
    take(market, said(2, "1-a"), said(1, "none"))
    assert held() == [("S-2", None, HeldCaps.SILENT), ("S-1", "1-a", HeldCaps.CURRENT)]
    scale_caps.note_announced(market, MARKET, "2-b", 2, NOW - timedelta(hours=1))
    scale_caps.note_announced(market, MARKET, "2-b", 2, NOW)  # another worker says so too
    [old] = scale_caps.scales(market, MARKET, NOW, state=HeldCaps.OLD)
    assert (old.version, old.outdated_at) == ("1-a", NOW - timedelta(hours=1))
    [market_now] = scale_caps.in_force(market, [MARKET], NOW)
    assert (market_now.version, market_now.scales, market_now.current, market_now.old, market_now.silent) == (
        "2-b",
        2,
        0,
        1,
        1,
    )
    take(market, said(3, "2-b"), said(1, "0-z", journal="j0", at=NOW - timedelta(days=3)))
    assert held() == [("S-2", None, HeldCaps.SILENT), ("S-1", "2-b", HeldCaps.CURRENT)]
    assert scale_caps.in_force(market, [MarketId("nowhere")], NOW) == []


@pytest.mark.parametrize("subscriber", [PahoSubscriber, Mqtt5Subscriber])
def test_events_come_through_a_real_broker_and_a_real_worker(
    broker: RealBroker,
    conn: Connection,
    database_url: str,
    subscriber: type[LinkedSubscriber],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Clients, "now", subscriber)
    start_of_run(conn)
    at = datetime.now(UTC)
    with running_worker(broker, database_url) as worker:
        device = Device(broker)
        for n in (*range(1, 51), 3):
            device.send(event(n, "power_on", at=at), on=topic(channel="events"))
        device.send(b"{}", on=topic(channel="events"))
        device.send(message(today(1)))
        wait_until(lambda: device.committed() == 1, what="a receipt")
        wait_until(lambda: worker.totals.events == 50, what="every event is stored")
        wait_until(lambda: (worker.totals.held, worker.totals.redelivered) == (1, 1), what="the rest is dealt with")
        device.client.disconnect()
        device.client.loop_stop()
    assert len(device_events.of_scale(conn, MARKET, SCALE)) == 50
