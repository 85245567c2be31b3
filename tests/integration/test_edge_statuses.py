"""What an agent tells beside weighings: statuses, events and checkpoints, over restarts."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from domain.device_event import EventKind
from domain.ids import ScaleId
from edge_agent.journal.signing_key import known_public_key
from messages.chain import digest
from messages.checkpoints import is_signed_by
from messages.status import ScaleStatus, decode_scale_status
from messages.topics import ScaleChannel, ScaleTopic
from tests.brokers import RealBroker
from tests.integration.agent_rig import (
    MARKET,
    REPOSITORY,
    Listener,
    agent_process,
    journal_of,
    scales_of,
    weigh_offline,
)
from tests.integration.edge_rig import LONG_S, Service, make_rig
from tests.unit.edge_agent.test_journal_heads import empty
from tests.waiting import wait_until


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
