"""`steelyard simulate market` with agents as processes of their own, on scales that conclude their sales themselves."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.market.truth import read_truth
from tests.brokers import RealBroker
from tests.integration.edge_rig import Service, free_ports, what_was_sold


@pytest.fixture
def service(broker: RealBroker) -> Iterator[Service]:
    running = Service(broker)
    try:
        yield running
    finally:
        running.close()
    assert running.problems == []


def test_scales_that_call_their_agents_sell_and_the_truth_is_what_the_journals_recorded(
    tmp_path: Path, broker: RealBroker, service: Service
) -> None:
    stalls, weighings = 4, 16
    options = {
        "--directory": tmp_path,
        "--agents": 2,
        "--stalls": stalls,
        "--weighings": weighings,
        "--protocols": "dp401",
        "--first-host-port": free_ports(stalls),
        "--cheats": 100,
        "--careless": 0,
        "--tricks": "void_after_warning,over_cap,tare_abuse,split",
        "--frame-interval": 0.028,
        "--shortest-pause": 0,
        "--longest-pause": 0.05,
    }
    words = [str(word) for option in options.items() for word in option]
    ran = subprocess.run(
        [sys.executable, "-m", "steelyard", "simulate", "market", *words],
        env=os.environ | {"STEELYARD_MQTT_HOST": broker.host, "STEELYARD_MQTT_PORT": str(broker.port)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    summary, truth = json.loads(ran.stdout), read_truth(tmp_path / "truth.jsonl")
    assert summary["sales"] == summary["shown"] == len(truth) >= weighings
    assert {sale.trick for sale in truth} >= {"void_after_warning", "over_cap", "tare_abuse", "split"}
    for n in range(1, stalls + 1):
        sold = [sale for sale in truth if sale.scale_id == f"SC-{n:03d}"]
        recorded = service.weighings(f"SC-{n:03d}")
        standing = [weighing for weighing in recorded if weighing.voids_seq is None]
        assert [what_was_sold(weighing) for weighing in standing] == [what_was_sold(sale) for sale in sold]
        assert all(weighing.ticket_no for weighing in standing)
        voided = {weighing.voids_seq for weighing in recorded} - {None}
        assert voided == {weighing.seq for weighing, sale in zip(standing, sold, strict=True) if sale.voided}
    assert service.count() == len(truth) + sum(sale.voided for sale in truth)


def test_without_a_service_it_says_what_it_waits_for_and_ends_when_told_to(tmp_path: Path, broker: RealBroker) -> None:
    options = {"--directory": tmp_path, "--agents": 1, "--stalls": 1, "--weighings": 2, "--shortest-pause": 0}
    words = [str(word) for option in options.items() for word in option]
    with subprocess.Popen(
        [sys.executable, "-m", "steelyard", "simulate", "market", *words],
        env=os.environ | {"STEELYARD_MQTT_HOST": broker.host, "STEELYARD_MQTT_PORT": str(broker.port)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            assert running.stderr is not None
            said = next(line for line in running.stderr if "wait for a receipt" in line)
            running.send_signal(signal.SIGINT)
            told, _ = running.communicate(timeout=60)
        finally:
            running.kill()
    assert said.startswith("all was sold; ")
    assert (running.returncode, json.loads(told)["sales"]) == (0, 2)
