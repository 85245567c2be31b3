"""A fleet against a real broker: what it says it made is what arrives, whatever its connections go through."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.errors import BadFile, Unavailable
from domain.ids import MarketId, ScaleId
from messages.chain import prev_of
from messages.weighings import decode_envelope, decode_weighing
from simulators.fleet.fleet_connection import FleetBroker
from simulators.fleet.fleet_plan import FleetPlan, FleetSummary
from simulators.fleet.fleet_scales import make_fleet
from simulators.fleet.fleet_tls import fleet_tls
from simulators.fleet.running import run_fleet
from simulators.market.goods import read_goods
from simulators.market.truth import read_lines
from tests.brokers import RealBroker
from tests.certificates import Authority
from tests.databases.postmaster import free_port
from tests.integration.edge_rig import LONG_S, Service
from tests.proxies import Proxy
from tests.waiting import wait_until

DATA = Path(__file__).parents[2] / "data"
GOODS = read_goods(DATA / "goods.csv", DATA / "cap_list_sanya_2013-08-26.csv")
MARKET = MarketId("sanya-1")


@pytest.fixture
def service(broker: RealBroker) -> Iterator[Service]:
    running = Service(broker)
    try:
        yield running
    finally:
        running.close()
    assert running.problems == []


def fleet(tmp_path: Path, **changes: Any) -> FleetPlan:
    usual: dict[str, Any] = {"scales": 30, "weighings": 300, "seconds": None, "connections": 4, "rate": 1000.0}
    return FleetPlan(market_id=MARKET, truth=tmp_path / "truth.jsonl", **(usual | changes))


def run(plan: FleetPlan, broker: RealBroker, stop: threading.Event | None = None) -> FleetSummary:
    return run_fleet(plan, FleetBroker(host=broker.host, port=broker.port), GOODS, stop or threading.Event())


def assert_truth_arrived(plan: FleetPlan, service: Service) -> None:
    """Each chain is whole (the service checks it) and ends where the fleet says."""
    lines = read_lines(plan.truth)
    for line in lines:
        weighings = service.weighings(line["scale_id"])
        assert len(weighings) == line["weighings"]
        assert sum(weighing.net_g for weighing in weighings) == line["net_g"]
        last = service.journals[ScaleId(line["scale_id"]), line["journal_id"]][line["weighings"]]
        assert prev_of(last) == line["head"]
    assert sum(line["weighings"] for line in lines) == service.count()


@pytest.mark.parametrize("batch", [1, 7])
def test_every_weighing_is_acknowledged_and_receipted(
    tmp_path: Path, broker: RealBroker, service: Service, batch: int
) -> None:
    plan = fleet(tmp_path, batch=batch, waits_for_receipts=True)
    summary = run(plan, broker)
    assert (summary.weighings, summary.acked, summary.receipted, summary.unanswered) == (300, 300, 300, 0)
    assert summary.is_complete
    assert 0 < summary.ack_ms["p50"] <= summary.ack_ms["p99"]
    assert summary.receipt_ms["p50"] > 0
    assert_truth_arrived(plan, service)


def test_a_storm_costs_nothing(tmp_path: Path, broker: RealBroker, service: Service) -> None:
    plan = fleet(tmp_path, weighings=1500, storm_every_s=0.4, storm_jitter_s=0.1, waits_for_receipts=True)
    summary = run(plan, broker)
    assert summary.storms >= 2
    # Everybody came back from every storm but perhaps the last: what was receipted by then needs nobody to come back.
    assert 4 * summary.storms <= summary.connects <= 4 * (summary.storms + 1)
    assert summary.is_complete
    assert_truth_arrived(plan, service)


def test_a_killed_broker_costs_nothing(tmp_path: Path, broker: RealBroker, service: Service) -> None:
    plan = fleet(tmp_path, weighings=1000, rate=500.0, waits_for_receipts=True, resend_after_s=1.0)
    found: list[FleetSummary] = []
    running = threading.Thread(target=lambda: found.append(run(plan, broker)))
    running.start()
    wait_until(lambda: service.count() > 100, what="the fleet is under way")
    broker.kill()
    broker.start()
    running.join(LONG_S * 2)
    (summary,) = found
    assert summary.is_complete
    assert summary.sent_again > 0
    assert summary.connects >= 8
    assert_truth_arrived(plan, service)


def test_over_tls_with_a_name_and_a_password_everything_arrives(
    tmp_path: Path, broker: RealBroker, service: Service
) -> None:
    authority, plan = Authority(tmp_path), fleet(tmp_path, waits_for_receipts=True)
    tls = fleet_tls(authority.file)
    with Proxy(broker.port, authority.server_context("127.0.0.1")) as proxy:
        address = FleetBroker(host="127.0.0.1", port=proxy.port, username="fleet", password="a secret", tls=tls)
        summary = run_fleet(plan, address, GOODS, threading.Event())
        assert summary.is_complete
        assert b"\0\5fleet\0\x08a secret" in proxy.heard, "the proxy sees what it has decrypted"
    assert_truth_arrived(plan, service)


def test_a_broker_of_another_authority_is_not_spoken_to(tmp_path: Path, broker: RealBroker) -> None:
    tls = fleet_tls(Authority(tmp_path).file)
    with Proxy(broker.port, Authority(tmp_path, "other").server_context("127.0.0.1")) as proxy:
        address = FleetBroker(host="127.0.0.1", port=proxy.port, password="a secret", tls=tls)
        with pytest.raises(Unavailable, match="0 of 4 connections stand"):
            run_fleet(fleet(tmp_path, connect_s=1.0), address, GOODS, threading.Event())
        assert proxy.heard == b""


def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    for name in ("ca.pem", "nowhere.pem"):
        with pytest.raises(BadFile, match=rf"{name}: 1 problem.*\n.*no certificate of an authority"):
            fleet_tls(tmp_path / name)


def test_it_ends_in_time_and_when_it_is_told_to(tmp_path: Path, broker: RealBroker) -> None:
    summary = run(fleet(tmp_path, weighings=None, seconds=0.5, rate=200.0), broker)
    assert 90 <= summary.weighings <= 100
    stop = threading.Event()
    stop.set()
    assert run(fleet(tmp_path), broker, stop).weighings == 0


def test_without_a_broker_it_says_so(tmp_path: Path) -> None:
    nobody = FleetBroker(host="127.0.0.1", port=free_port())
    with pytest.raises(Unavailable, match="0 of 4 connections stand after 1 s"):
        run_fleet(fleet(tmp_path, connect_s=1.0), nobody, GOODS, threading.Event())


def test_a_plan_without_an_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected an end"):
        fleet(tmp_path, weighings=None)


def test_the_same_seed_weighs_the_same_goods_in_journals_of_its_own() -> None:
    now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    one, same = (make_fleet(MARKET, 20, 5, run_id, GOODS, 3) for run_id in ("run-1", "run-2"))
    for _ in range(50):
        first, second = one.next_message(now, 100), same.next_message(now, 100)
        ours, theirs = decode_envelope(first.payload), decode_envelope(second.payload)
        assert ours.journal_id != theirs.journal_id
        assert len(ours.weighings) == 3
        for mine, other in zip(
            map(decode_weighing, ours.weighings), map(decode_weighing, theirs.weighings), strict=True
        ):
            assert (mine.plu, mine.net_g, mine.unit_price_fen) == (other.plu, other.net_g, other.unit_price_fen)
    assert one.made == 150
