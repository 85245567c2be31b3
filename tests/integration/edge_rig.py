"""A simulated market with the real agent, and a stand-in for the service that hears it: what edge tests run on."""

import secrets
import socket
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from domain.ids import JournalId, ScaleId
from domain.weighing import Weighing
from edge_agent.config.agent_config import AgentConfig, load_config
from edge_agent.journal.outbox import Outbox
from edge_agent.link.delivery import DeliveryRules
from edge_agent.running import run as run_agent
from messages.chain import prev_of
from messages.receipts import Receipt, encode_receipt
from messages.topics import ScaleChannel, ScaleTopic, every_scale, parse_scale_topic
from messages.weighings import decode_envelope, decode_weighing
from simulators.market.running import MarketPlan, MarketSummary, run, write_agent_configs
from simulators.market.truth import Sale, read_truth
from tests.brokers import RealBroker
from tests.databases.postmaster import PORTS

GOODS = """plu,species,grade,name,cap_list_name
2001,F01,,东星斑,东星斑鱼
2002,S01,大,芒果螺,芒果螺
2003,X01,,和乐蟹,
"""
CAPS = """category,name,alias,grade,grade_note,cap_yuan_per_500g
fish,东星斑鱼,,,,315
shellfish,芒果螺,,大,12–19个/斤,92
"""
QUICK = DeliveryRules(resend_after_s=0.5, resend_ceiling_s=1.0)
LONG_S = 30.0
REMOVED = ScaleId("SC-900")  # was in the configuration once


class Service:
    """What the service does of all this: keep the bytes, and say what is committed when it is asked to."""

    def __init__(self, broker: RealBroker, *, gives_receipts: bool = True) -> None:
        self.gives_receipts, self.clock_ahead = gives_receipts, timedelta(0)
        self.journals: dict[tuple[ScaleId, JournalId], dict[int, bytes]] = defaultdict(dict)
        self.times_received: dict[tuple[JournalId, int], int] = defaultdict(int)
        self.statuses: dict[str, bytes] = {}
        self.problems: list[str] = []
        self._client = Client(CallbackAPIVersion.VERSION2, "service", protocol=MQTTProtocolVersion.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._subscribe
        self._client.on_message = self._take
        # rumqttd refuses a client without an id that does not begin clean, which is what paho does after a reconnect.
        self._client.connect(broker.host, broker.port, clean_start=True)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def weighings(self, scale_id: str) -> list[Weighing]:
        """Every weighing of a scale in the order of its journals; fails where a chain is broken."""
        found = []
        for (owner, _journal), entries in list(self.journals.items()):
            if owner != scale_id:
                continue
            before: bytes | None = None
            for seq in range(1, max(entries) + 1):
                weighing = decode_weighing(entries[seq])
                assert weighing.seq == seq
                assert weighing.prev == prev_of(before)
                before = entries[seq]
                found.append(weighing)
        return found

    def count(self) -> int:
        return sum(len(entries) for entries in list(self.journals.values()))

    def _subscribe(self, client: Client, _data: Any, _flags: Any, _reason: Any, _properties: Any) -> None:
        client.subscribe([(every_scale(ScaleChannel.WEIGHINGS), 1), ("steelyard/v1/+/+/status", 1)])
        client.subscribe("steelyard/v1/+/agents/+/status", qos=1)

    def _take(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.topic.endswith("/status"):
            self.statuses[message.topic] = bytes(message.payload)
            return
        topic = parse_scale_topic(message.topic)
        envelope = decode_envelope(bytes(message.payload))
        entries = self.journals[topic.scale_id, envelope.journal_id]
        for body in envelope.weighings:
            seq = decode_weighing(body).seq
            self.times_received[envelope.journal_id, seq] += 1
            if entries.setdefault(seq, body) != body:
                self.problems.append(f"{topic.scale_id} {seq} came again with other bytes")
        if self.gives_receipts:
            committed = next(n for n in range(len(entries) + 1) if n + 1 not in entries)
            receipt = Receipt(envelope.journal_id, committed, datetime.now(UTC) + self.clock_ahead)
            client.publish(
                str(ScaleTopic(topic.market_id, topic.scale_id, ScaleChannel.RECEIPTS)), encode_receipt(receipt)
            )


@dataclass
class Rig:
    """A small market with its configurations, and what is running of it."""

    plan: MarketPlan
    configs: list[Path]

    def config(self) -> AgentConfig:
        return load_config(self.configs[0])

    @contextmanager
    def agent(self, rules: DeliveryRules = QUICK) -> Iterator[None]:
        """Run the agent until the block ends."""
        stop = threading.Event()
        thread = threading.Thread(target=run_agent, args=(self.config(), stop), kwargs={"rules": rules})
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    @contextmanager
    def market(self) -> Iterator["MarketThread"]:
        """Run the market; what it has sold is known when its `join` returns."""
        market = MarketThread(self.plan)
        market.start()
        try:
            yield market
        finally:
            market.stop.set()
            market.join()

    def truth(self, scale_id: str, *, shown: bool | None = None) -> list[Sale]:
        return [
            sale
            for sale in read_truth(self.plan.truth)
            if sale.scale_id == scale_id and (shown is None or sale.shown == shown)
        ]

    def outbox_depth(self) -> int:
        outbox = Outbox(self.config().outbox)
        try:
            return sum(outbox.depth(outbox.journal(scale.scale_id).journal_id) for scale in self.config().scales)
        finally:
            outbox.close()


class MarketThread(threading.Thread):
    def __init__(self, plan: MarketPlan) -> None:
        super().__init__(name="market")
        self.stop = threading.Event()
        self.sold = 0
        self.summary: MarketSummary | None = None
        self._plan = plan

    def run(self) -> None:
        self.summary = run(self._plan, self.stop, self._count)

    def _count(self, _sale: Sale) -> None:
        self.sold += 1


def make_rig(tmp_path: Path, broker: RealBroker, **changes: Any) -> Rig:
    (tmp_path / "goods.csv").write_text(GOODS, encoding="utf-8")
    (tmp_path / "caps.csv").write_text(CAPS, encoding="utf-8")
    settings: dict[str, Any] = {"stalls": 3, "weighings": 24} | changes
    plan = MarketPlan(
        directory=tmp_path / "tty",
        goods=tmp_path / "goods.csv",
        cap_list=tmp_path / "caps.csv",
        truth=tmp_path / "truth.jsonl",
        frame_interval_s=0.028,
        pause_s=(0.0, 0.05),
        **settings,
    )
    return Rig(plan, write_agent_configs(plan, tmp_path, broker.host, broker.port, agents=1))


def free_ports(count: int) -> int:
    """Return the first of so many ports in a row that nobody has, below those that the system gives out."""
    while True:
        first = secrets.choice(PORTS[:-count])
        with ExitStack() as taken, suppress(OSError):
            for n in range(count):
                taken.enter_context(socket.create_server(("127.0.0.1", first + n)))
            return first


def what_was_sold(sale: Sale | Weighing) -> tuple[str, str, str, str, int, int, int]:
    return (sale.plu, sale.species, sale.grade, sale.name, sale.net_g, sale.unit_price_fen, sale.amount_fen)


def weight_and_money(sale: Sale | Weighing) -> tuple[int, int, int]:
    return (sale.net_g, sale.unit_price_fen, sale.amount_fen)


def assert_truth_arrived(rig: Rig, service: Service) -> None:
    for scale in rig.config().scales:
        sold = [what_was_sold(sale) for sale in rig.truth(scale.scale_id)]
        assert [what_was_sold(weighing) for weighing in service.weighings(scale.scale_id)] == sold
