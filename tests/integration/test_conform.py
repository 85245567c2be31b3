"""`steelyard conform` with the project's own agent, with a careless device, and with nobody."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from domain.ids import MarketId, ScaleId
from messages.chain import prev_of
from messages.topics import ScaleChannel, ScaleTopic
from messages.weighings import encode_envelope, encode_weighing
from simulators.market.running import write_agent_configs
from steelyard.embedded.broker import free_port, is_free
from tests.brokers import RealBroker
from tests.integration.edge_rig import QUICK, make_rig
from tests.unit.steelyard.conform.test_statements import JOURNAL, NOW, SALE
from tests.waiting import wait_until

REPOSITORY = Path(__file__).parents[2]
MUST_BE_SEEN = {"W1", "W5", "W7", "R1", "R2", "R3", "R4", "R5", "C1", "C4", "C5", "C6", "S1", "S2", "K1", "K2"}


@pytest.fixture
def broker() -> Iterator[RealBroker]:
    with RealBroker() as running:
        yield running


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def conform(broker: RealBroker) -> Iterator[Start]:
    """Start checks that are ended with the test."""
    with ExitStack() as closing:

        def start(*options: str) -> "subprocess.Popen[str]":
            command = [sys.executable, "-m", "steelyard", "conform", "--broker", f"{broker.host}:{broker.port}"]
            process = subprocess.Popen(
                [*command, *options],
                cwd=REPOSITORY,
                env=os.environ,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            closing.enter_context(process)
            closing.callback(process.kill)
            return process

        yield start


def report(process: "subprocess.Popen[str]") -> dict[str, Any]:
    printed, told = process.communicate(timeout=150)
    assert process.returncode in {0, 1, 3}, told
    assert "Traceback" not in told
    found: dict[str, Any] = json.loads(printed)
    assert found["passed"] == (process.returncode == 0)
    assert (found["conclusion"] == "cannot_be_told") == (process.returncode == 3)
    return found


def outcomes(found: dict[str, Any]) -> dict[str, str]:
    return {statement["number"]: statement["outcome"] for statement in found["statements"]}


def test_the_projects_own_agent_conforms(tmp_path: Path, broker: RealBroker, conform: Start) -> None:
    port = free_port()
    process = conform("--scale", "SC-001", "--listen", f"127.0.0.1:{port}", "--weighings", "6", "--json")
    rig = make_rig(tmp_path, broker, stalls=1, weighings=None)
    rig = replace(rig, configs=write_agent_configs(rig.plan, tmp_path, "127.0.0.1", port, agents=1))
    with rig.agent(QUICK), rig.market():
        found = report(process)
    said = outcomes(found)
    assert "broken" not in said.values(), found
    assert {number for number, outcome in said.items() if outcome == "kept"} >= MUST_BE_SEEN, found


def test_a_device_that_sends_once_and_forgets_does_not(broker: RealBroker, conform: Start) -> None:
    port = free_port()
    through = ("--listen", f"127.0.0.1:{port}")
    times = ("--weighings", "2", "--patience", "3", "--due-within", "2")
    process = conform("--scale", "s", "--market", "m", *through, *times, "--json")
    wait_until(lambda: not is_free(port), what="the check listens")
    topic = str(ScaleTopic(MarketId("m"), ScaleId("s"), ScaleChannel.WEIGHINGS))
    client = Client(CallbackAPIVersion.VERSION2, "careless", protocol=MQTTProtocolVersion.MQTTv5)
    client.connect("127.0.0.1", port)
    client.loop_start()
    seqs = iter(range(1, 10_000))

    def weigh() -> bool:
        line = {"seq": next(seqs), "weighed_at": "2026-11-22T02:11:08Z", "net_g": 500, "unit_price_fen": 9000}
        line |= {"price_unit": "kg", "stable": True}
        client.publish(topic, json.dumps({"v": 1, "journal_id": "j", "weighings": [line]}), qos=0)
        return process.poll() is not None

    wait_until(weigh, within_s=120, what="the check is over")
    client.disconnect()
    client.loop_stop()
    said = outcomes(report(process))
    assert {number for number, outcome in said.items() if outcome == "broken"} >= {"W1", "W7", "R1", "R5", "C4"}


def test_with_too_little_patience_a_slow_device_is_not_called_broken(broker: RealBroker, conform: Start) -> None:
    process = conform("--scale", "s", "--market", "m", "--weighings", "2", "--patience", "1", "--json")
    topic = str(ScaleTopic(MarketId("m"), ScaleId("s"), ScaleChannel.WEIGHINGS))
    client = Client(CallbackAPIVersion.VERSION2, "slow", protocol=MQTTProtocolVersion.MQTTv5)
    client.connect(broker.host, broker.port)
    client.loop_start()
    bodies: list[bytes] = []

    def weigh() -> bool:
        """It sends everything once a start: its next try is minutes away."""
        sale = replace(SALE, seq=len(bodies) + 1, prev=prev_of(bodies[-1] if bodies else None))
        bodies.append(encode_weighing(sale))
        client.publish(topic, encode_envelope(JOURNAL, NOW, bodies[-1:]), qos=1).wait_for_publish(10)
        return process.poll() is not None

    wait_until(weigh, within_s=120, what="the check is over")
    client.disconnect()
    client.loop_stop()
    found = report(process)
    said = outcomes(found)
    assert found["conclusion"] == "cannot_be_told", found
    assert {number for number, outcome in said.items() if outcome == "undecided"} == {"R1", "R3", "R4", "R5"}
    assert "broken" not in said.values()


def test_where_nothing_is_heard_nothing_is_claimed(conform: Start) -> None:
    process = conform("--scale", "s", "--patience", "1", "--needs-all", "--json")
    found = report(process)
    assert not found["passed"]
    assert set(outcomes(found).values()) == {"unseen"}


def test_a_wrong_address_is_named(conform: Start) -> None:
    process = conform("--scale", "s", "--listen", "nowhere")
    _printed, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "--listen" in told
    assert "expected host:port" in told
