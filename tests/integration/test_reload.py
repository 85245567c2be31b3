"""SIGHUP to the agent's own process: the file is read anew, whole and checked, or not at all; scales weigh on."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.ids import ScaleId
from domain.units import PriceUnit
from domain.weighing import Weighing
from edge_agent.journal.outbox import Outbox
from messages.weighings import decode_weighing
from simulators.ports import PtyLine
from simulators.scales.yaohua_xk3190 import price_frame
from tests.databases.postmaster import free_port
from tests.waiting import wait_until

REPOSITORY = Path(__file__).parents[2]
FIRST, SECOND = "SC-001", "SC-002"
TOP = """
agent_id = "agent-1"
market_id = "m"
outbox = "outbox.sqlite"
clock_synced = true
[broker]
host = "127.0.0.1"
port = {port}
"""
SCALE = """
[[scales]]
scale_id = "{scale_id}"
protocol = "yaohua_xk3190"
port = "{scale_id}.tty"
[[scales.goods]]
plu = "2001"
name = "{name}"
"""


class Process:
    """The agent's process, its file, and the scales at its lines."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path, self.port = folder, folder / "agent.toml", free_port()
        self.lines = {scale_id: PtyLine(folder / f"{scale_id}.tty") for scale_id in (FIRST, SECOND)}
        self.write(FIRST)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "steelyard.edge_process", str(self.path)],
            cwd=REPOSITORY,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.told: list[dict[str, Any]] = []
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()
        self.wait_for("agent_started")
        self.wait_for("port_opened")

    def write(self, *scales: str, name: str = "东星斑") -> None:
        """Write the file as an editor does: all of it at once."""
        text = TOP.format(port=self.port)
        text += "".join(SCALE.format(scale_id=scale_id, name=name) for scale_id in scales)
        draft = self.path.with_suffix(".new")
        draft.write_text(text.replace('port = "', f'port = "{self.folder}/'), encoding="utf-8")
        draft.replace(self.path)

    def hang_up(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def count(self, event: str) -> int:
        return sum(entry.get("event") == event for entry in list(self.told))

    def wait_for(self, event: str, count: int = 1) -> dict[str, Any]:
        wait_until(lambda: self.count(event) >= count or self.process.poll() is not None, what=event)
        assert self.process.poll() is None, self.told
        return [entry for entry in self.told if entry.get("event") == event][-1]

    def put(self, net_g: int, scale_id: str = FIRST) -> None:
        self.lines[scale_id].send(price_frame(net_g, 9000, PriceUnit.KG) * 3)

    def sold(self, count: int, scale_id: str = FIRST) -> list[Weighing]:
        """Wait for so many weighings in the file, and return them all."""
        outbox = Outbox(self.folder / "outbox.sqlite")
        try:
            journal_id = outbox.journal(ScaleId(scale_id)).journal_id
            wait_until(lambda: outbox.last_seq(journal_id) >= count, what=f"{count} weighings of {scale_id}")
            return [decode_weighing(one.body) for one in outbox.pending(journal_id, after_seq=0, limit=99)]
        finally:
            outbox.close()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.told.append(json.loads(line) if line.startswith("{") else {"event": line})

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=20)
        self._listener.join()
        assert self.process.stderr is not None
        self.process.stderr.close()
        for line in self.lines.values():
            line.close()
        return status


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path)
    yield made
    assert made.end() == 0


def test_other_goods_are_taken_without_the_scale_noticing(agent: Process) -> None:
    agent.put(712)
    agent.sold(1)
    agent.write(FIRST, name="老虎斑")
    agent.hang_up()
    agent.wait_for("configuration_reloaded")
    agent.put(712)
    agent.put(500)
    assert [one.net_g for one in agent.sold(2)] == [712, 500]
    assert agent.count("port_opened") == 1
    assert agent.count("broker_connection_ended") == 0


def test_a_scale_is_added_and_another_removed(agent: Process) -> None:
    agent.put(712)
    agent.sold(1)
    agent.write(FIRST, SECOND)
    agent.hang_up()
    agent.wait_for("port_opened", 2)
    agent.put(500, SECOND)
    assert [one.net_g for one in agent.sold(1, SECOND)] == [500]
    agent.write(SECOND)
    agent.hang_up()
    assert agent.wait_for("delivering_for_removed_scale")["scale_id"] == FIRST
    wait_until(lambda: not agent.lines[FIRST].is_attached(), what="its port is closed")
    agent.put(900, SECOND)
    assert [one.net_g for one in agent.sold(2, SECOND)] == [500, 900]


def test_a_file_with_problems_changes_nothing_and_says_which(agent: Process) -> None:
    agent.write(FIRST, FIRST)
    agent.hang_up()
    problems = agent.wait_for("configuration_refused")["problems"]
    assert any("SC-001" in problem for problem in problems)
    agent.path.write_bytes(b"\xff\x00 not TOML [[")
    agent.hang_up()
    agent.wait_for("configuration_refused", 2)
    agent.path.unlink()
    agent.hang_up()
    agent.wait_for("configuration_refused", 3)
    agent.put(712)
    assert [one.net_g for one in agent.sold(1)] == [712]


def test_what_needs_a_restart_is_told_and_not_half_done(agent: Process) -> None:
    agent.write(FIRST, SECOND)
    text = agent.path.read_text(encoding="utf-8").replace('agent_id = "agent-1"', 'agent_id = "agent-2"')
    agent.path.write_text(text, encoding="utf-8")
    agent.hang_up()
    assert agent.wait_for("configuration_needs_a_restart")["changed"] == ["agent_id"]
    assert agent.count("port_opened") == 1


def test_many_hang_ups_at_once_end_with_the_last_file(agent: Process) -> None:
    for scales in ((FIRST, SECOND), (SECOND,), (FIRST, SECOND), (FIRST,)) * 3:
        agent.write(*scales)
        agent.hang_up()
    agent.write(FIRST, SECOND)
    agent.hang_up()
    wait_until(agent.lines[SECOND].is_attached, what="the second scale is read")
    agent.put(500, SECOND)
    assert [one.net_g for one in agent.sold(1, SECOND)] == [500]
    agent.put(712)
    assert [one.net_g for one in agent.sold(1)] == [712]
