"""The agent as a process that is killed, stopped, and refused by its disk, with scales that go on selling."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.journal.head_keeping import heads_path
from messages.status import decode_agent_status
from tests.brokers import RealBroker
from tests.integration.agent_rig import MARKET, Listener, agent_process, journal_of, scales_of, weigh_offline
from tests.integration.edge_rig import LONG_S, Rig, Service, make_rig, weight_and_money
from tests.waiting import wait_until

STOPPED_WITHIN_S = 3.0


@pytest.fixture
def service(broker: RealBroker) -> Iterator[Service]:
    running = Service(broker)
    try:
        yield running
    finally:
        running.close()
    assert running.problems == []  # nothing came twice with other bytes


@pytest.fixture
def listener(broker: RealBroker) -> Iterator[Listener]:
    running = Listener(broker)
    yield running
    running.close()


def assert_service_has_the_journal(rig: Rig, service: Service) -> None:
    """Byte for byte, and each chain whole and in order."""
    assert dict(service.journals) == journal_of(rig)
    for scale_id in scales_of(rig):
        service.weighings(scale_id)


def assert_shown_ones_arrived(rig: Rig, service: Service) -> None:
    for scale_id in scales_of(rig):
        arrived = iter([weight_and_money(weighing) for weighing in service.weighings(scale_id)])
        for sale in rig.truth(scale_id, shown=True):
            assert weight_and_money(sale) in arrived, f"lost, or out of order: {sale}"


def test_killed_while_a_backlog_drains_beside_live_sales_nothing_is_lost_doubled_or_out_of_order(
    tmp_path: Path, broker: RealBroker, service: Service
) -> None:
    rig = make_rig(tmp_path, broker, weighings=36, patience_s=0.5)
    weigh_offline(rig, 1500)
    with rig.market() as market:
        for enough in (300, 1500, 3000):
            with agent_process(rig) as agent:
                wait_until(lambda enough=enough: service.count() >= enough, what="it drains", within_s=LONG_S)  # type: ignore[misc]
                agent.kill()
        with agent_process(rig) as agent:
            market.join(LONG_S)
            wait_until(lambda: rig.outbox_depth() == 0, what="everything has its receipt", within_s=LONG_S)
            assert agent.stop() == 0
    assert_service_has_the_journal(rig, service)
    assert_shown_ones_arrived(rig, service)


def test_a_broker_that_comes_back_empty_in_a_drain_loses_nothing(
    tmp_path: Path, broker: RealBroker, service: Service
) -> None:
    rig = make_rig(tmp_path, broker)
    weigh_offline(rig, 1500)
    with agent_process(rig) as agent:
        for enough in (300, 2000):
            wait_until(lambda enough=enough: service.count() >= enough, what="it drains", within_s=LONG_S)  # type: ignore[misc]
            broker.kill()
            broker.start()
        wait_until(lambda: rig.outbox_depth() == 0, what="everything has its receipt", within_s=LONG_S)
        assert agent.stop() == 0
    assert_service_has_the_journal(rig, service)


def test_told_to_stop_in_a_drain_it_stops_soon_and_says_goodbye(
    tmp_path: Path, broker: RealBroker, service: Service
) -> None:
    rig = make_rig(tmp_path, broker)
    weigh_offline(rig, 20_000)
    with agent_process(rig) as agent:
        wait_until(lambda: service.count() >= 500, what="it drains", within_s=LONG_S)
        began = time.monotonic()
        assert agent.stop() == 0
        took_s = time.monotonic() - began
    assert took_s < STOPPED_WITHIN_S
    assert service.count() < 3 * 20_000
    topic = f"steelyard/v1/{MARKET}/agents/{rig.config().agent_id}/status"
    wait_until(lambda: decode_agent_status(service.statuses[topic]).state == "offline", what="it said goodbye")


def test_while_the_disk_refuses_nothing_shows_as_recorded_and_all_of_it_is_when_there_is_room(
    tmp_path: Path, broker: RealBroker, service: Service
) -> None:
    rig = make_rig(tmp_path, broker, weighings=45, patience_s=0.5)
    with agent_process(rig) as agent, rig.market() as market:
        wait_until(lambda: market.sold >= 9, what="sales", within_s=LONG_S)
        agent.refuse_writes(refused=True)
        wait_until(lambda: agent.has_logged("weighings_not_recorded"), what="it is loud", within_s=LONG_S)
        before = market.sold
        wait_until(lambda: market.sold >= before + 6, what="sales that nobody records", within_s=LONG_S)
        assert rig.outbox_depth() <= before
        agent.refuse_writes(refused=False)
        market.join(LONG_S)
        wait_until(lambda: service.count() == 45, what="what waited is recorded and arrives", within_s=LONG_S)
        wait_until(lambda: rig.outbox_depth() == 0, what="everything has its receipt", within_s=LONG_S)
        assert agent.stop() == 0
        assert {entry["level"] for entry in agent.logged if entry["event"] == "weighings_not_recorded"} == {"critical"}
    unshown = [sale for scale_id in scales_of(rig) for sale in rig.truth(scale_id, shown=False)]
    assert len(unshown) >= 6
    assert_service_has_the_journal(rig, service)
    assert_shown_ones_arrived(rig, service)


def test_a_damaged_file_is_put_aside_at_the_start_and_the_scales_weigh_on_in_new_journals(
    tmp_path: Path, broker: RealBroker, service: Service, listener: Listener
) -> None:
    rig = make_rig(tmp_path, broker, weighings=6)
    with agent_process(rig) as agent:  # which makes its key
        wait_until(lambda: agent.has_logged("broker_connected"), what="it runs", within_s=LONG_S)
        assert agent.stop() == 0
    weigh_offline(rig, 50)
    path = rig.config().outbox
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * (path.stat().st_size - 100))
    with agent_process(rig) as agent, rig.market() as market:
        market.join(LONG_S)
        wait_until(lambda: service.count() == 6, what="it weighs on", within_s=LONG_S)
        assert agent.has_logged("journal_damaged")
        wait_until(
            lambda: sum("damaged_file" in str(n.event.detail) for n in list(listener.events.values())) == 3,
            what="each journal says why it began",
        )
        wait_until(lambda: rig.outbox_depth() == 0, what="everything has its receipt", within_s=LONG_S)
        assert agent.stop() == 0
    aside = sorted(path.parent.glob(f"{path.name}.damaged-*"))
    assert len(aside) == 2
    assert aside[1] == heads_path(aside[0]), "what was noted of the damaged journals' ends goes with them"
    assert_service_has_the_journal(rig, service)
