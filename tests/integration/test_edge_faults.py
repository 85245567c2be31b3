"""The agent as a process that is killed, stopped, and refused by its disk, with scales that go on selling."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from domain.device_event import EventKind
from domain.ids import JournalId, MarketId, ScaleId
from edge_agent.journal.head_keeping import heads_path
from edge_agent.journal.journal_reading import open_for_reading
from edge_agent.journal.outbox import Outbox
from edge_agent.journal.signing_key import known_public_key
from messages.chain import digest
from messages.checkpoints import Checkpoint, decode_checkpoint, is_signed_by
from messages.events import NumberedEvent, decode_event
from messages.status import ScaleStatus, decode_agent_status, decode_scale_status
from messages.topics import ScaleChannel, ScaleTopic, every_scale
from tests.brokers import RealBroker
from tests.integration.edge_rig import LONG_S, Rig, Service, make_rig, weight_and_money
from tests.unit.edge_agent.test_journal_heads import empty
from tests.unit.edge_agent.test_outbox import draft
from tests.waiting import wait_until

REPOSITORY = Path(__file__).parents[2]
MARKET = MarketId("sanya-1")
STOPPED_WITHIN_S = 3.0


class AgentProcess:
    """`steelyard edge run` of a rig; what it logs is read as it comes."""

    def __init__(self, rig: Rig) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "steelyard", "edge", "run", str(rig.configs[0])],
            cwd=REPOSITORY,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        )
        self.logged: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def has_logged(self, event: str) -> bool:
        return any(entry["event"] == event for entry in list(self.logged))

    def refuse_writes(self, *, refused: bool) -> None:
        """Let no file of the process grow, as where the disk is full."""
        _soft, hard = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (0 if refused else hard, hard))

    def kill(self) -> None:
        self._process.kill()
        self._end()

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._end()

    def _end(self) -> int:
        status = self._process.wait(LONG_S)
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()
        return status

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.logged.append(json.loads(line) if line.startswith(b"{") else {"event": line.decode()})


@contextmanager
def agent_process(rig: Rig) -> Iterator[AgentProcess]:
    agent = AgentProcess(rig)
    try:
        yield agent
    finally:
        if agent._process.returncode is None:
            agent.kill()


class Listener:
    """Hears the events and checkpoints of a market, whatever becomes of the broker."""

    def __init__(self, broker: RealBroker) -> None:
        self.events: dict[tuple[JournalId, int], NumberedEvent] = {}
        self.checkpoints: dict[ScaleId, list[Checkpoint]] = defaultdict(list)
        self.subscriptions = 0
        self._client = Client(CallbackAPIVersion.VERSION2, "listener", protocol=MQTTProtocolVersion.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(every_scale(ScaleChannel.EVENTS), 1), (every_scale(ScaleChannel.CHECKPOINTS), 1)]
        )
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._take
        self._client.connect(broker.host, broker.port, clean_start=True)
        self._client.loop_start()
        wait_until(lambda: self.subscriptions, what="the listener listens")

    def _subscribed(self, *_: Any) -> None:
        self.subscriptions += 1

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def kinds(self) -> list[EventKind]:
        return [numbered.event.kind for numbered in list(self.events.values())]

    def signed_up_to(self, scale_id: ScaleId) -> int:
        return max((checkpoint.head.seq for checkpoint in list(self.checkpoints[scale_id])), default=0)

    def _take(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.topic.endswith("/events"):
            event = decode_event(bytes(message.payload))
            self.events[event.journal_id, event.event_no] = event
        else:
            scale_id = ScaleId(message.topic.split("/")[3])
            self.checkpoints[scale_id].append(decode_checkpoint(bytes(message.payload)))


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


def scales_of(rig: Rig) -> list[ScaleId]:
    return [scale.scale_id for scale in rig.config().scales]


def weigh_offline(rig: Rig, count: int) -> None:
    """What every scale weighed while nobody could be reached."""
    outbox = Outbox(rig.config().outbox)
    for scale_id in scales_of(rig):
        outbox.append([draft(scale_id, net_g=200 + n) for n in range(count)])
    outbox.close()


def journal_of(rig: Rig) -> dict[tuple[ScaleId, JournalId], dict[int, bytes]]:
    with open_for_reading(rig.config().outbox) as reader:
        return {
            (journal.scale_id, journal.journal_id): {
                entry.seq: entry.body for entry in reader.entries(journal.journal_id)
            }
            for journal in reader.journals()
        }


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


def test_checkpoints_and_events_arrive_and_verify_over_restarts_of_broker_and_agent(
    tmp_path: Path, broker: RealBroker, service: Service, listener: Listener
) -> None:
    rig = make_rig(tmp_path, broker)
    for seq in (150, 300):
        weigh_offline(rig, 150)
        with agent_process(rig) as agent:
            for scale_id in scales_of(rig):
                wait_until(
                    lambda scale_id=scale_id, seq=seq: listener.signed_up_to(scale_id) == seq,  # type: ignore[misc]
                    what=f"a checkpoint of {scale_id}",
                    within_s=LONG_S,
                )
            wait_until(lambda: rig.outbox_depth() == 0, what="everything has its receipt", within_s=LONG_S)
            broker.kill()
            agent.kill()
        heard = listener.subscriptions
        broker.start()
        # What the broker acknowledged counts as told, whether somebody listens by then or not.
        wait_until(lambda heard=heard: listener.subscriptions > heard, what="the listener is back", within_s=LONG_S)  # type: ignore[misc]
    public_key = known_public_key(rig.config().outbox)
    assert public_key is not None
    journals = journal_of(rig)
    for (scale_id, journal_id), entries in journals.items():
        for checkpoint in listener.checkpoints[scale_id]:
            assert is_signed_by(checkpoint, public_key)
            assert checkpoint.head.journal_id == journal_id
            assert checkpoint.head.digest == digest(entries[checkpoint.head.seq])
    assert service.count() == 900


def test_the_statuses_and_events_of_a_scale_say_what_is_known_of_it(
    tmp_path: Path, broker: RealBroker, service: Service, listener: Listener
) -> None:
    rig = make_rig(tmp_path, broker, stalls=1, weighings=None)
    watch = 'verified_until = 2027-03-01\n[[scales.contacts]]\nevent = "case_open"\nfile = "case"\n'
    config = rig.configs[0].read_text(encoding="utf-8").replace("[[scales.goods]]", watch + "[[scales.goods]]", 1)
    rig.configs[0].write_text(config, encoding="utf-8")
    case = rig.configs[0].with_name("case")
    case.write_text("0")
    weigh_offline(rig, 5)
    topic = str(ScaleTopic(MARKET, ScaleId("SC-001"), ScaleChannel.STATUS))

    def status() -> ScaleStatus | None:
        return decode_scale_status(service.statuses[topic]) if topic in service.statuses else None

    def is_online() -> bool:
        said = status()
        return said is not None and said.state == "online" and bool(said.port_open)

    with agent_process(rig) as agent:
        wait_until(lambda: rig.outbox_depth() == 0, what="its backlog is through", within_s=LONG_S)
        with rig.market():
            wait_until(is_online, what="the scale is heard", within_s=LONG_S)
            said = status()
            case.write_text("1")
            wait_until(lambda: EventKind.CASE_OPEN in listener.kinds(), what="its open case is told", within_s=LONG_S)
        wait_until(lambda: EventKind.POWER_OFF in listener.kinds(), what="its silence is told", within_s=LONG_S)
        assert agent.stop() == 0
    assert said is not None
    assert said.journal == "ok"
    assert said.caps_version == "none"
    assert said.port_open is True
    assert said.verified_until == date(2027, 3, 1)
    assert said.last_weighing_at is not None


def test_a_journal_emptied_between_two_starts_is_told_of_by_the_agent_and_when_it_is_read_back(
    tmp_path: Path, broker: RealBroker
) -> None:
    rig = make_rig(tmp_path, broker, stalls=1, weighings=1)
    outbox, denied = rig.config().outbox, "journal_is_not_what_was_noted"
    for start in ("the first", "as it was left", "emptied"):
        with agent_process(rig) as agent:
            wait_until(lambda agent=agent: agent.has_logged("agent_started"), what="it starts", within_s=LONG_S)  # type: ignore[misc]
            if start == "the first":
                weigh_offline(rig, 20)  # beside the agent: what it notes is what the file holds
            assert agent.stop() == 0
        assert agent.has_logged(denied) == (start == "emptied")
        if start == "as it was left":
            empty(outbox)
    read = [sys.executable, "-m", "steelyard", "scale", "journal", str(outbox), "--verify"]
    told = subprocess.run(read, cwd=REPOSITORY, capture_output=True, text=True, timeout=LONG_S, check=False)
    assert told.returncode == 1
    assert "entries 1 to 20 are missing" in told.stderr
