"""The customer display and the page of one stall: a total means recorded, a warning goes, neither wipes the other."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.ids import AgentId, MarketId, SpeciesCode
from domain.price_cap import Verdict
from domain.units import Fen
from edge_agent import display
from edge_agent.agent import Agent
from edge_agent.caps.cap_book import CapBook
from edge_agent.config.agent_config import AgentConfig
from edge_agent.config.broker_config import BrokerAddress
from edge_agent.config.page_config import PageConfig
from edge_agent.config.scale_config import ScaleConfig
from edge_agent.page.board import Board, View
from edge_agent.weighing.goods import Goods
from messages.weighings import decode_weighing
from simulators.display import CustomerDisplay
from simulators.ports import PtyLine
from tests.announcements import NOON, announced, item
from tests.unit.edge_agent.test_agent import SCALE, FailingOutbox
from tests.waiting import wait_until

DP401_SALE = (Path(__file__).parents[2] / "frames" / "dp401_sale.bin").read_bytes()
BOOK = CapBook((announced(item("F01", 10_000)),))
GROUPER = Goods(plu="2001", species=SpeciesCode("F01"), name="东星斑")
WARNING = b"\x0c\x1bQA100.00\r\x1bs1"


class Stall:
    """An agent with one scale that only weighs, its keypad with the display, and the board behind the page."""

    def __init__(self, folder: Path, *, protocol: str = "st_gs_lines", goods: Goods = GROUPER) -> None:
        self.scale, self.keypad = PtyLine(folder / "scale.tty"), PtyLine(folder / "keypad.tty")
        scale = ScaleConfig(
            scale_id=SCALE,
            protocol=protocol,
            port=str(folder / "scale.tty"),
            keypad=str(folder / "keypad.tty"),
            goods={goods.plu: goods},
        )
        config = AgentConfig(
            agent_id=AgentId("agent-1"),
            market_id=MarketId("m"),
            outbox=folder / "outbox.sqlite",
            broker=BrokerAddress(host="127.0.0.1"),
            scales=(scale,),
            page=PageConfig(host="127.0.0.1", port=0),
        )
        self.outbox, self.board = FailingOutbox(config.outbox, 0), Board((SCALE,))
        self.agent = Agent(config, self.outbox, lambda: NOON, book=lambda: BOOK, board=self.board)
        self.display, self.shown, self.now = CustomerDisplay(), b"", 0.0
        self.step()

    def step(self) -> None:
        self.now += 0.1
        self.agent.step(self.now)
        said = self.keypad.receive()
        self.shown += said
        self.display.feed(said)

    def key(self, line: bytes) -> None:
        """Key a line, and step until it was taken."""
        counters = self.agent._desks[SCALE].station.counters
        before = (counters.orders_keyed, self.last_seq(), sum(counters.garbage.values()))
        self.keypad.send(line + b"\r")
        self._until(lambda: (counters.orders_keyed, self.last_seq(), sum(counters.garbage.values())) != before)

    def put(self, net_g: int) -> None:
        """Have the scale say a weight at rest, and step until it was heard."""
        counters = self.agent._desks[SCALE].station.counters
        before = counters.readings
        self.scale.send(b"ST,GS,+%3d.%03dkg\r\n" % divmod(net_g, 1000))
        self._until(lambda: counters.readings > before)

    def last_seq(self) -> int:
        return self.outbox.last_seq(self.outbox.journal(SCALE).journal_id)

    def view(self) -> View:
        view = self.board.sight(SCALE).view
        assert view is not None
        return view

    def _until(self, condition: Callable[[], bool]) -> None:
        def is_so() -> bool:
            self.step()
            return condition()

        wait_until(is_so, what="it was taken")
        self.step()  # and what it says to the display has come

    def close(self) -> None:
        self.agent.close()
        self.outbox.close()
        self.scale.close()
        self.keypad.close()


@pytest.fixture
def stall(tmp_path: Path) -> Iterator[Stall]:
    made = Stall(tmp_path)
    made.put(0)
    yield made
    made.close()


def test_a_warning_comes_with_the_key_and_goes_with_a_legal_price(stall: Stall) -> None:
    stall.key(b"2001*120")
    assert stall.shown == WARNING
    stall.key(b"*90")
    assert stall.shown == WARNING + display.CLEAR


def test_the_total_takes_the_place_of_the_warning_and_stays(stall: Stall) -> None:
    stall.key(b"2001*120")
    for _ in range(3):
        stall.put(500)
    assert stall.display.total_fen() == 6000
    body = stall.outbox.pending(stall.outbox.journal(SCALE).journal_id, after_seq=0, limit=1)[0].body
    warned = decode_weighing(body).cap_warning
    assert warned is not None
    assert warned.cap_fen_per_kg == 10_000


def test_a_warning_for_the_next_goods_gives_the_total_back_when_it_goes(stall: Stall) -> None:
    stall.key(b"2001*90")
    stall.put(500)
    assert stall.display.total_fen() == 4500
    stall.key(b"2001*120")
    assert stall.shown.endswith(WARNING)
    stall.key(b"*90")
    assert stall.display.total_fen() == 4500
    stall.key(b"*130")
    stall.put(0)
    assert stall.display.total_fen() is None


def test_a_sale_that_was_voided_leaves_no_total(stall: Stall) -> None:
    stall.key(b"2001*90")
    stall.put(500)
    stall.key(b"-")
    assert stall.last_seq() == 2
    assert stall.display.total_fen() is None
    assert stall.view().recorded is None


def test_a_correction_shows_the_new_total(stall: Stall) -> None:
    stall.key(b"2001*90")
    stall.put(500)
    stall.key(b"+*95")
    stall.put(500)
    assert (stall.last_seq(), stall.display.total_fen()) == (3, 4750)
    recorded = stall.view().recorded
    assert recorded is not None
    assert (recorded.seq, recorded.amount_fen) == (3, 4750)


def test_the_page_shows_no_sale_as_recorded_while_the_disk_refuses_it(stall: Stall) -> None:
    stall.key(b"2001*90")
    stall.put(500)
    stall.put(500)
    assert stall.view().recorded is not None
    stall.outbox.failures = 10**6
    stall.key(b"2001*90")
    stall.put(900)
    assert stall.view().net_g == 900
    assert stall.view().recorded is None
    stall.outbox.failures = 0
    while stall.last_seq() < 2:  # the disk is asked again every second
        stall.put(900)
    stall.put(900)
    recorded = stall.view().recorded
    assert recorded is not None
    assert (recorded.seq, recorded.net_g) == (2, 900)


@pytest.mark.parametrize(("price_fen", "verdict", "amount_fen"), [(10_001, Verdict.OVER, 96_770), (0, None, None)])
def test_the_page_of_a_scale_that_tells_only_sales_shows_the_last_one_until_the_next(
    tmp_path: Path, price_fen: int, verdict: Verdict | None, amount_fen: int | None
) -> None:
    stall = Stall(tmp_path, protocol="dp401", goods=replace(GROUPER, plu="00001", unit_price_fen=Fen(price_fen)))
    try:
        stall.scale.send(b"SCALE-01HB")
        stall._until(lambda: stall.board.sight(SCALE).view is not None)
        assert (stall.view().tells_weights, stall.view().recorded, stall.view().quiet_s) == (False, None, 65.0)
        stall.scale.send(DP401_SALE)
        stall._until(lambda: stall.view().recorded is not None)
        view = stall.view()
        assert (view.name, view.unit_price_fen, view.amount_fen) == ("东星斑", price_fen or None, amount_fen)
        assert view.verdict is verdict
        assert view.recorded is not None
        assert (view.recorded.net_g, view.recorded.amount_fen) == (9676, amount_fen)
        stall.scale.send(b"HB")
        stall.step()
        assert stall.view().recorded is not None
    finally:
        stall.close()
