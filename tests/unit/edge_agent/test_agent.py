"""The loop: the PLU before the load, one transaction a wake-up, durable before shown."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import Unavailable
from domain.ids import AgentId, MarketId, ScaleId
from domain.units import PriceUnit
from domain.weighing import Weighing
from edge_agent.agent import Agent
from edge_agent.config import AgentConfig, BrokerAddress, ScaleConfig
from edge_agent.delivery import DeliveryRules
from edge_agent.outbox import Draft, Outbox
from messages.weighings import decode_weighing
from simulators.display import CustomerDisplay
from simulators.ports import PtyLine
from simulators.scale import frame

SCALE = ScaleId("SC-001")
LOAD = frame(712, 9000, PriceUnit.KG)


class FailingOutbox(Outbox):
    """A disk that is full a few times."""

    def __init__(self, path: Path, failures: int) -> None:
        super().__init__(path)
        self.failures = failures
        self.batches: list[int] = []

    def append(self, drafts: Sequence[Draft]) -> list[Weighing]:
        if self.failures > 0:
            self.failures -= 1
            raise Unavailable("the disk is full")
        self.batches.append(len(drafts))
        return super().append(drafts)


class Bench:
    """An agent whose link was never started, and the devices of one stall."""

    def __init__(self, folder: Path, failures: int = 0) -> None:
        self.scale, self.keypad = PtyLine(folder / "scale.tty"), PtyLine(folder / "keypad.tty")
        self.outbox = FailingOutbox(folder / "outbox.sqlite", failures)
        scale = ScaleConfig(
            scale_id=SCALE,
            protocol="yaohua_xk3190_price",
            port=str(folder / "scale.tty"),
            keypad=str(folder / "keypad.tty"),
            goods={},
        )
        config = AgentConfig(
            agent_id=AgentId("agent-1"),
            market_id=MarketId("m"),
            outbox=folder / "outbox.sqlite",
            broker=BrokerAddress(host="127.0.0.1"),
            scales=(scale,),
        )
        self.agent = Agent(config, self.outbox, DeliveryRules(), lambda: datetime.now(UTC))
        self.display = CustomerDisplay()
        self.agent.step(0.0)

    def step_until_recorded(self) -> list[Weighing]:
        journal_id = self.outbox.journal(SCALE).journal_id
        for n in range(50):
            self.agent.step(float(n))
            self.display.feed(self.keypad.receive())
            entries = self.outbox.pending(journal_id, after_seq=0, limit=100)
            if entries:
                return [decode_weighing(entry.body) for entry in entries]
            assert self.display.total_fen() is None, "shown before it was durable"
        raise AssertionError("nothing was recorded")

    def close(self) -> None:
        self.agent.close()
        self.outbox.close()
        self.scale.close()
        self.keypad.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_a_plu_that_waits_beside_the_load_belongs_to_it(bench: Bench) -> None:
    bench.scale.send(LOAD * 3)
    bench.keypad.send(b"2001\r")
    (weighing,) = bench.step_until_recorded()
    assert weighing.plu == "2001"
    assert bench.display.total_fen() == 6408


def test_what_is_stable_in_one_wake_up_is_one_transaction(bench: Bench) -> None:
    empty = frame(0, 9000, PriceUnit.KG)
    bench.scale.send(LOAD * 3 + empty * 3 + LOAD * 3)
    assert len(bench.step_until_recorded()) == 2
    assert bench.outbox.batches == [2]


def test_what_the_disk_refuses_is_not_shown_and_recorded_when_it_can_be(tmp_path: Path) -> None:
    made = Bench(tmp_path, failures=3)
    made.scale.send(LOAD * 3)
    assert [weighing.net_g for weighing in made.step_until_recorded()] == [712]
    assert made.outbox.failures == 0
    assert made.display.total_fen() == 6408
    made.close()


def test_a_lost_line_is_opened_again_and_the_agent_goes_on(bench: Bench, tmp_path: Path) -> None:
    bench.scale.close()
    for now in (1.0, 1.1):
        bench.agent.step(now)
    bench.scale = PtyLine(tmp_path / "scale.tty")
    bench.agent.step(60.0)
    bench.scale.send(LOAD * 3)
    assert len(bench.step_until_recorded()) == 1
