"""A local page that is really served, with a board that a test writes on."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from domain.ids import JournalId, MarketId, ScaleId, SpeciesCode
from domain.price_cap import Verdict
from domain.units import Fen, Grams, PriceUnit
from edge_agent.caps.cap_book import CapBook
from edge_agent.config.page_config import PageConfig
from edge_agent.page.board import Board, Recorded, View
from edge_agent.page.server import PageServer
from tests.announcements import NOON, announced, item

SCALE = ScaleId("SC-001")
OTHER = ScaleId("SC-002")
LIST = announced(item("F01", 23000), item("X01"), list_id=7)
BOOK = CapBook((LIST,))
F01 = SpeciesCode("F01")
OVER = View(
    heard_at=0.0,
    net_g=Grams(712),
    stable=True,
    plu="2031",
    name="东星斑",
    tare_g=Grams(30),
    unit_price_fen=Fen(15800),
    price_unit=PriceUnit.HALF_KG,
    amount_fen=Fen(22499),
    entry=BOOK.lookup(F01, "", NOON),
    verdict=Verdict.OVER,
)
WITHIN = replace(OVER, unit_price_fen=Fen(11500), amount_fen=Fen(16376), verdict=Verdict.WITHIN)
RECORDED = Recorded(
    journal_id=JournalId("0193ab77"),
    seq=4711,
    code="0SKEZC4D7Q2M9X5T8WJB3R",
    name="东星斑",
    net_g=Grams(712),
    amount_fen=Fen(16376),
    at=NOON,
)
TICKETS = "https://tickets.example/t/{market_id}/{scale_id}/{journal_id}/{seq}/{code}"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


@dataclass
class Page:
    """A running page. `show` says it of now, as the agent's loop does."""

    board: Board
    port: int

    def show(self, view: View, scale_id: ScaleId = SCALE) -> None:
        self.board.show(scale_id, replace(view, heard_at=time.monotonic()))

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, path: str, *, method: str = "GET", host: str | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, headers={} if host is None else {"Host": host})
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read())
        finally:
            connection.close()

    @contextmanager
    def steady(self, view: View) -> Iterator[None]:
        """Say it again and again, as a scale does."""
        stop = threading.Event()

        def talk() -> None:
            while not stop.wait(0.1):
                self.show(view)

        self.show(view)
        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@contextmanager
def running_page(
    *, hosts: tuple[str, ...] = (), ticket_url: str = TICKETS, max_watchers: int = 8, port: int = 0
) -> Iterator[Page]:
    board = Board((SCALE, OTHER))
    config = PageConfig(host="127.0.0.1", port=port, hosts=hosts, ticket_url=ticket_url, max_watchers=max_watchers)
    server = PageServer(config, MarketId("sanya-1"), board)
    server.start()
    try:
        yield Page(board, server.port)
    finally:
        server.stop()
