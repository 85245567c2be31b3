"""Simulated scales, the real agent, a real broker: every sale arrives, whatever fails in between."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from domain.device_event import DeviceEvent, EventKind
from domain.ids import AgentId, MarketId, ScaleId
from domain.units import PriceUnit
from edge_agent.journal.outbox import Outbox
from messages.status import decode_agent_status, decode_scale_status
from messages.topics import ScaleChannel, ScaleTopic, agent_status_topic, parse_scale_topic
from tests.brokers import RealBroker
from tests.databases.postmaster import free_port
from tests.integration.edge_rig import (
    LONG_S,
    REMOVED,
    Service,
    assert_truth_arrived,
    make_rig,
    weight_and_money,
)
from tests.unit.edge_agent.test_outbox import draft
from tests.waiting import wait_until


@pytest.fixture
def service(broker: RealBroker) -> Iterator[Service]:
    running = Service(broker)
    try:
        yield running
    finally:
        running.close()
    assert running.problems == []


@pytest.mark.parametrize("price_unit", ["kg", "500g"])
def test_what_was_sold_arrives_in_order_with_its_chain_and_leaves_the_outbox(
    tmp_path: Path, broker: RealBroker, service: Service, price_unit: str
) -> None:
    rig = make_rig(tmp_path, broker, price_unit=PriceUnit(price_unit))
    with rig.agent(), rig.market() as market:
        market.join(LONG_S)
        assert market.summary is not None
        assert market.summary.shown == market.summary.sales == 24
        wait_until(lambda: service.count() == 24, what="every sale arrives")
        wait_until(lambda: rig.outbox_depth() == 0, what="every receipt empties the outbox")
    assert_truth_arrived(rig, service)


def test_a_clock_that_receipts_find_off_is_kept_as_an_event_with_its_offset(
    tmp_path: Path, broker: RealBroker, service: Service
) -> None:
    service.clock_ahead = timedelta(seconds=90)
    rig = make_rig(tmp_path, broker, stalls=1, weighings=4)
    (scale,) = rig.config().scales

    def kept() -> DeviceEvent | None:
        outbox = Outbox(rig.config().outbox)
        try:
            return outbox.last_event(scale.scale_id, EventKind.CLOCK_CHANGED)
        finally:
            outbox.close()

    with rig.agent(), rig.market():
        wait_until(lambda: kept() is not None, what="the event is kept")
    event = kept()
    assert event is not None
    assert (event.clock_synced, event.detail["seen_by"]) == (False, "receipts")
    assert abs(int(event.detail["offset_ms"]) - 90_000) <= int(event.detail["error_ms"]) + 2


def test_over_tcp_it_is_the_same(tmp_path: Path, broker: RealBroker, service: Service) -> None:
    rig = make_rig(tmp_path, broker, stalls=1, weighings=4, first_tcp_port=free_port())
    with rig.market() as market, rig.agent():
        market.join(LONG_S)
        wait_until(lambda: service.count() == 4, what="every sale arrives")
    assert_truth_arrived(rig, service)


def test_without_a_receipt_a_weighing_is_kept_and_sent_again(
    tmp_path: Path, broker: RealBroker, service: Service
) -> None:
    service.gives_receipts = False
    rig = make_rig(tmp_path, broker, weighings=6)
    with rig.agent(), rig.market() as market:
        market.join(LONG_S)
        wait_until(
            lambda: service.count() == 6 and min(_times_oldest_received(service)) >= 2,
            what="the oldest of each scale is sent at least twice",
        )
        assert rig.outbox_depth() == 6
        service.gives_receipts = True
        wait_until(lambda: rig.outbox_depth() == 0, what="the next receipts empty the outbox")
    assert_truth_arrived(rig, service)


def _times_oldest_received(service: Service) -> list[int]:
    """What is weighed while older ones are sent again goes beside them, and again only once those are receipted."""
    return [times for (_journal, seq), times in list(service.times_received.items()) if seq == 1]


def test_what_a_removed_scale_left_behind_is_delivered(tmp_path: Path, broker: RealBroker, service: Service) -> None:
    rig = make_rig(tmp_path, broker, stalls=1)
    outbox = Outbox(rig.config().outbox)
    outbox.append([draft(REMOVED), draft(REMOVED)])
    journal_id = outbox.journal(REMOVED).journal_id
    with rig.agent():
        wait_until(lambda: outbox.depth(journal_id) == 0, what="its receipts empty the outbox")
        assert [weighing.seq for weighing in service.weighings(REMOVED)] == [1, 2]
    outbox.close()
    assert [parse_scale_topic(topic).scale_id for topic in service.statuses if "/agents/" not in topic] == ["SC-001"]


def test_a_killed_broker_costs_nothing(tmp_path: Path, broker: RealBroker, service: Service) -> None:
    rig = make_rig(tmp_path, broker, weighings=60)
    with rig.agent(), rig.market() as market:
        wait_until(lambda: market.sold >= 10, what="the market is under way", within_s=LONG_S)
        broker.kill()
        wait_until(lambda: market.sold >= 30, what="the market goes on without a broker", within_s=LONG_S)
        broker.start()
        market.join(LONG_S)
        wait_until(lambda: service.count() == 60, what="every sale arrives", within_s=LONG_S)
        wait_until(lambda: rig.outbox_depth() == 0, what="every receipt empties the outbox")
    assert_truth_arrived(rig, service)


def start_agent_process(config: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "steelyard", "edge", "run", str(config)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )


def test_nothing_that_was_shown_as_recorded_is_lost_when_the_agent_is_killed(
    tmp_path: Path, broker: RealBroker, service: Service
) -> None:
    rig = make_rig(tmp_path, broker, weighings=60, patience_s=0.5)
    with ExitStack() as stack:
        agent = start_agent_process(rig.configs[0])
        stack.callback(agent.wait)
        stack.callback(agent.kill)
        market = stack.enter_context(rig.market())
        for sold in (8, 20):
            wait_until(lambda sold=sold: market.sold >= sold, what="sales", within_s=LONG_S)  # type: ignore[misc]
            agent.kill()
            agent.wait()
            agent = start_agent_process(rig.configs[0])
            stack.callback(agent.wait)
            stack.callback(agent.kill)
        market.join(LONG_S)
        assert market.summary is not None
        assert market.summary.sales == 60
        wait_until(lambda: rig.outbox_depth() == 0, what="everything has its receipt", within_s=LONG_S)
        agent.send_signal(signal.SIGTERM)
        assert agent.wait(LONG_S) == 0
    for scale in rig.config().scales:
        arrived = iter([weight_and_money(weighing) for weighing in service.weighings(scale.scale_id)])
        for sale in rig.truth(scale.scale_id, shown=True):
            assert weight_and_money(sale) in arrived, f"lost, or out of order: {sale}"


def test_the_agent_says_when_it_comes_and_when_it_goes_and_its_will_when_it_is_killed(
    tmp_path: Path, broker: RealBroker, service: Service
) -> None:
    rig = make_rig(tmp_path, broker, stalls=1)
    topic = agent_status_topic(MarketId("sanya-1"), AgentId("agent-1"))
    scale_topic = str(ScaleTopic(MarketId("sanya-1"), ScaleId("SC-001"), ScaleChannel.STATUS))

    def state() -> str:
        return decode_agent_status(service.statuses[topic]).state if topic in service.statuses else "unknown"

    with rig.agent():
        wait_until(lambda: state() == "online", what="the agent says it is online")
        wait_until(lambda: scale_topic in service.statuses, what="its scale has a status")
        assert decode_scale_status(service.statuses[scale_topic]).state == "offline"  # no device is there
        assert decode_agent_status(service.statuses[topic]).scales == ["SC-001"]
    wait_until(lambda: state() == "offline", what="it says goodbye")
    agent = start_agent_process(rig.configs[0])
    try:
        wait_until(lambda: state() == "online", what="it is back")
    finally:
        agent.kill()
        agent.wait()
    wait_until(lambda: state() == "offline", what="the broker publishes its last will")


def test_a_scale_is_online_while_it_is_heard(tmp_path: Path, broker: RealBroker, service: Service) -> None:
    rig = make_rig(tmp_path, broker, stalls=1, weighings=None)
    topic = str(ScaleTopic(MarketId("sanya-1"), ScaleId("SC-001"), ScaleChannel.STATUS))

    def state() -> str:
        return decode_scale_status(service.statuses[topic]).state if topic in service.statuses else "unknown"

    with rig.agent():
        with rig.market():
            wait_until(lambda: state() == "online", what="the scale is heard")
        wait_until(lambda: state() == "offline", what="its line is gone")
