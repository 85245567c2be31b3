"""Another configuration between two steps: what stays, stays open and remembers; what waits, is delivered."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.device_event import EventKind
from domain.errors import Unavailable
from domain.ids import ScaleId, SpeciesCode
from domain.units import Grams, PriceUnit
from domain.weighing import Weighing
from edge_agent.agent import Agent
from edge_agent.config.agent_config import AgentConfig
from edge_agent.config.broker_config import BrokerAddress
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.page.board import Board
from edge_agent.weighing.goods import Goods
from edge_agent.weighing.stability import Phase, StabilityRules
from messages.receipts import Receipt
from messages.weighings import decode_weighing
from simulators.ports import PtyLine
from simulators.scales.yaohua_xk3190 import price_frame
from tests.brokers import RealBroker
from tests.unit.edge_agent.test_agent import SCALE, Bench
from tests.unit.edge_agent.test_outbox import OTHER
from tests.waiting import wait_until

GROUPER = Goods(plu="2001", species=SpeciesCode("F01"), name="东星斑")


def load(net_g: int) -> bytes:
    return price_frame(net_g, 9000, PriceUnit.KG) * 3


class Gateway(Bench):
    """A bench whose configuration is changed; `step` lets a tenth of a second pass."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.agent.link.start()
        self.others: list[PtyLine] = []

    @property
    def config(self) -> AgentConfig:
        return self.agent._config

    @property
    def scale_config(self) -> ScaleConfig:
        return self.config.scales[0]

    def take(self, **changes: Any) -> None:
        """Reconfigure the first scale with these changes."""
        self.agent.reconfigure(replace(self.config, scales=(replace(self.scale_config, **changes),)))

    def add(self, name: str = "other") -> tuple[ScaleConfig, PtyLine]:
        line = PtyLine(self.folder / f"{name}.tty")
        self.others.append(line)
        path = str(self.folder / f"{name}.tty")
        return ScaleConfig(scale_id=OTHER, protocol="yaohua_xk3190", port=path), line

    def step(self, times: int = 1) -> None:
        for _ in range(times):
            self.clocks.pass_by(0.1)
            self.agent.step(self.clocks.elapsed_s)

    def sold(self, scale_id: ScaleId = SCALE) -> list[Weighing]:
        journal_id = self.outbox.journal(scale_id).journal_id
        return [decode_weighing(one.body) for one in self.outbox.pending(journal_id, after_seq=0, limit=99)]

    def step_until(self, condition: Callable[[], object], what: str) -> None:
        def is_so() -> bool:
            self.step()
            return bool(condition())

        wait_until(is_so, what=what)

    def step_until_sold(self, count: int, scale_id: ScaleId = SCALE) -> list[Weighing]:
        self.step_until(lambda: len(self.sold(scale_id)) >= count, f"{count} weighings of {scale_id}")
        return self.sold(scale_id)

    def close(self) -> None:
        self.agent.link.stop()
        for line in self.others:
            line.close()
        super().close()


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    made = Gateway(tmp_path)
    yield made
    made.close()


def test_other_goods_keep_the_port_open_and_the_pan_as_it_is(gateway: Gateway) -> None:
    gateway.weigh(712)
    desk = gateway.agent._desks[SCALE]
    port = desk._scale.port
    gateway.take(goods={"2001": GROUPER}, stability=StabilityRules(zero_band_g=Grams(50)), tare_g=Grams(30))
    assert gateway.agent._desks[SCALE] is desk
    assert desk._scale.port is port
    assert desk.station.pan.phase is Phase.RECORDED
    gateway.scale.send(load(712) * 5)
    gateway.step(3)
    assert len(gateway.sold()) == 1, "the load that lies there is not sold again"
    gateway.keypad.send(b"2001\r")
    gateway.scale.send(load(0))
    gateway.step(3)
    gateway.scale.send(load(500))
    latest = gateway.step_until_sold(2)[-1]
    assert (latest.name, latest.gross_g, latest.net_g) == ("东星斑", 530, 500)


def test_the_zero_band_of_the_warnings_is_the_new_one_too(gateway: Gateway) -> None:
    gateway.take(stability=StabilityRules(zero_band_g=Grams(50)))
    gateway.scale.send(load(30))
    gateway.step_until(lambda: gateway.agent._desks[SCALE].station.caution.seen, "it is heard")
    seen = gateway.agent._desks[SCALE].station.caution.seen
    assert seen is not None
    assert seen[0].is_empty


def test_another_line_is_another_desk_and_the_load_that_lies_there_is_not_sold_again(gateway: Gateway) -> None:
    gateway.weigh(712)
    before = gateway.agent._desks[SCALE]
    gateway.take(keypad_baud=19200)
    assert gateway.agent._desks[SCALE] is not before
    assert before._scale.port is None
    gateway.step(2)
    gateway.scale.send(load(712) * 5 + load(900))
    assert [one.net_g for one in gateway.step_until_sold(2)] == [712, 900]


def test_a_line_that_we_open_anew_is_not_a_scale_that_was_switched_off(gateway: Gateway) -> None:
    gateway.weigh(712)
    gateway.step(12)  # it was looked at while it was heard
    gateway.take(tare_g=None, price_unit=PriceUnit.HALF_KG)
    gateway.step(25)
    gateway.scale.send(load(712))
    gateway.step(25)
    assert gateway.outbox.last_event(SCALE, EventKind.POWER_OFF) is None
    assert gateway.outbox.last_event(SCALE, EventKind.POWER_ON) is None
    gateway.step_until(lambda: gateway.outbox.last_event(SCALE, EventKind.POWER_OFF), "its silence is told")


def test_a_new_scale_is_read_and_a_removed_one_is_let_go(gateway: Gateway) -> None:
    gateway.weigh(712)
    other, line = gateway.add()
    gateway.agent.reconfigure(replace(gateway.config, scales=(gateway.scale_config, other)))
    gateway.step(2)
    line.send(load(500))
    assert [one.net_g for one in gateway.step_until_sold(1, OTHER)] == [500]
    gateway.agent.reconfigure(replace(gateway.config, scales=(other,)))
    assert set(gateway.agent._desks) == {OTHER}
    wait_until(lambda: not gateway.scale.is_attached(), what="its port is closed")
    line.send(load(900))
    assert len(gateway.step_until_sold(2, OTHER)) == 2
    assert gateway.agent.stats().weighings == 2


def test_two_scales_may_change_their_ports(gateway: Gateway) -> None:
    other, line = gateway.add()
    gateway.agent.reconfigure(replace(gateway.config, scales=(gateway.scale_config, other)))
    gateway.step(2)
    first = replace(gateway.scale_config, port=other.port)
    second = replace(other, port=gateway.scale_config.port)
    gateway.agent.reconfigure(replace(gateway.config, scales=(first, second)))
    gateway.step(2)
    line.send(load(500))
    gateway.scale.send(load(700))
    assert [one.net_g for one in gateway.step_until_sold(1, SCALE)] == [500]
    assert [one.net_g for one in gateway.step_until_sold(1, OTHER)] == [700]


def test_while_the_disk_refuses_what_was_weighed_nothing_is_changed(gateway: Gateway) -> None:
    before = gateway.config
    gateway.outbox.failures = 10**6
    gateway.scale.send(load(712))
    gateway.step_until(lambda: gateway.agent._unwritten, "it was weighed")
    other, _line = gateway.add()
    with pytest.raises(Unavailable, match="1 weighings wait for the disk"):
        gateway.agent.reconfigure(replace(before, scales=(other,)))
    assert gateway.config is before
    assert set(gateway.agent._desks) == {SCALE}
    gateway.outbox.failures = 0
    gateway.step_until_sold(1)  # the disk is asked again every second
    gateway.agent.reconfigure(replace(before, scales=(other,)))
    assert [one.net_g for one in gateway.sold()] == [712], "what waited was written before its scale was let go"


def test_what_receipts_told_of_the_clock_outlives_another_configuration_of_goods(gateway: Gateway) -> None:
    watch, journal_id = gateway.agent._watch, gateway.outbox.journal(SCALE).journal_id
    watch.first_sent(journal_id, 1, gateway.clocks.elapsed_s)
    watch.receipted(Receipt(journal_id, 1, gateway.clocks.now.replace(year=2027)), gateway.clocks.elapsed_s)
    gateway.take(goods={"2001": GROUPER})
    assert gateway.agent._watch is watch
    link = gateway.agent.link
    gateway.agent.reconfigure(replace(gateway.config, clock_limit_s=60.0))
    assert gateway.agent._watch is not watch
    assert gateway.agent.link is not link, "the link tells its receipts to the watch that is asked"
    assert gateway.agent.link._watch is gateway.agent._watch


def test_another_broker_keeps_the_outbox_and_is_sent_what_waits(gateway: Gateway) -> None:
    gateway.weigh(712)
    with RealBroker() as broker:
        before = gateway.agent.link
        gateway.agent.reconfigure(replace(gateway.config, broker=BrokerAddress(host=broker.host, port=broker.port)))
        assert gateway.agent.link is not before
        assert not before.is_alive()
        wait_until(lambda: gateway.agent.link._is_connected, what="the other broker is reached")
        assert [one.net_g for one in gateway.sold()] == [712]
        gateway.scale.send(load(0) + load(500))
        assert [one.seq for one in gateway.step_until_sold(2)] == [1, 2]


def test_the_page_has_the_scales_there_are(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    board = Board((SCALE,))
    agent = Agent(bench.agent._config, bench.outbox, lambda: datetime.now(UTC), board=board)
    agent.link.start()
    other = ScaleConfig(scale_id=OTHER, protocol="yaohua_xk3190", port=str(tmp_path / "nowhere.tty"))
    agent.reconfigure(replace(bench.agent._config, scales=(other,)))
    assert board.scales == (OTHER,)
    agent.link.stop()
    agent.close()
    bench.close()
