"""An agent in a process of its own, a service that hears it, and what its journal holds."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from domain.device_event import EventKind
from domain.ids import JournalId, MarketId, ScaleId
from edge_agent.journal.journal_reading import open_for_reading
from edge_agent.journal.outbox import Outbox
from messages.checkpoints import Checkpoint, decode_checkpoint
from messages.events import NumberedEvent, decode_event
from messages.topics import ScaleChannel, every_scale
from tests.brokers import RealBroker
from tests.integration.edge_rig import LONG_S, Rig
from tests.unit.edge_agent.test_outbox import draft
from tests.waiting import wait_until

REPOSITORY = Path(__file__).parents[2]


MARKET = MarketId("sanya-1")


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
