"""The local page over real HTTP: what it answers, what it refuses, and what bounds it."""

import json
import socket
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Unavailable
from domain.ids import MarketId
from domain.units import Fen, PriceUnit
from edge_agent import display
from edge_agent.caps.cap_store import CapStore
from edge_agent.caps.cap_warnings import Asking, Show, WarningState, look
from edge_agent.config.page_config import PageConfig
from edge_agent.page.board import Board
from edge_agent.page.server import PageServer
from messages.caps import Announcement, encode_caps
from tests.announcements import NOON
from tests.page_rig import F01, LIST, OVER, RECORDED, SCALE, WITHIN, Page, running_page
from tests.waiting import wait_until


@pytest.fixture
def page() -> Iterator[Page]:
    with running_page() as running:
        yield running


class Events:
    """A screen, at the level of bytes."""

    def __init__(self, page: Page, path: str = f"/scale/{SCALE}/events") -> None:
        self.socket = socket.create_connection(("127.0.0.1", page.port), timeout=10)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\n\r\n".encode())
        self.stream = self.socket.makefile("rb")
        self.status = int(self.stream.readline().split()[1])
        while self.stream.readline().strip():
            pass

    def next(self) -> tuple[str, Any]:
        """The next event: its name, and its data."""
        name = self.stream.readline().decode().removeprefix("event: ").strip()
        data = self.stream.readline().decode().removeprefix("data: ")
        assert self.stream.readline() == b"\n"
        return name, json.loads(data)

    def close(self) -> None:
        self.stream.close()
        self.socket.close()


@contextmanager
def watching(page: Page) -> Iterator[Events]:
    with closing(Events(page)) as events:
        yield events


def test_the_page_is_whole_before_any_script_runs(page: Page) -> None:
    page.show(OVER)
    answer = page.ask(f"/scale/{SCALE}")
    assert answer.status == 200
    for said in ("0.712", "超过限价", "115.00", "158.00", "224.99", "东星斑", 'lang="zh-CN"', 'data-verdict="over"'):
        assert said in answer.text
    english = page.ask(f"/scale/{SCALE}?lang=en").text
    assert "Above the cap" in english
    assert 'lang="en"' in english


def test_the_list_names_every_scale_and_how_it_is(page: Page) -> None:
    page.show(WITHIN)
    text = page.ask("/").text
    assert text.count('href="/scale/') == 2
    assert 'data-state="live"' in text
    assert "还没有读数" in text
    assert 'href="/scale/SC-001?lang=en"' in page.ask("/?lang=en").text


@pytest.mark.parametrize(
    "path", ["/", f"/scale/{SCALE}", "/nowhere", "/static/page.css", "/scale/SC-999", "/static/../server.py"]
)
def test_every_answer_carries_the_strict_headers(page: Page, path: str) -> None:
    headers = page.ask(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "Python" not in headers["server"]


def test_nothing_is_inline_and_nothing_is_from_elsewhere(page: Page) -> None:
    text = page.ask(f"/scale/{SCALE}").text + page.ask("/").text
    assert "style=" not in text
    assert "onclick" not in text
    assert "//" not in text.replace("<!DOCTYPE html>", "")
    assert text.count("<script") == text.count('<script src="/static/page.js" defer></script>') == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/scale/SC-999", 404),
        ("/scale/SC-999/events", 404),
        ("/static/server.py", 404),
        ("/static/..%2f..%2fconfig.py", 404),
        ("/scale", 404),
        ("/scale/SC-001/ticket.svg", 404),
        ("/?" + "&".join(["a=b"] * 50), 400),
    ],
)
def test_what_is_not_there_is_refused(page: Page, path: str, status: int) -> None:
    assert page.ask(path).status == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_can_be_changed_from_here(page: Page, method: str) -> None:
    answer = page.ask("/", method=method)
    assert answer.status == 501
    assert "content-security-policy" in answer.headers


def test_head_answers_without_content(page: Page) -> None:
    assert page.ask("/", method="HEAD").body == b""
    assert page.ask(f"/scale/{SCALE}/events", method="HEAD").status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost", 200),
        ("[::1]:8080", 200),
        ("192.168.1.20", 200),
        ("gateway.local", 200),
        ("GATEWAY.local.:80", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
        ("[bad", 400),
    ],
)
def test_only_names_that_are_ours_are_answered(host: str, status: int) -> None:
    with running_page(hosts=("gateway.local",)) as page:
        assert page.ask("/", host=host).status == status


def test_the_ticket_of_what_is_recorded_is_a_qr_code(page: Page) -> None:
    page.show(replace(WITHIN, recorded=RECORDED))
    answer = page.ask(f"/scale/{SCALE}/ticket.svg?seq=4711")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert ET.fromstring(answer.text).tag == "{http://www.w3.org/2000/svg}svg"
    assert "ticket.svg?seq=4711" in page.ask(f"/scale/{SCALE}").text


def test_without_an_address_for_tickets_there_is_no_code() -> None:
    with running_page(ticket_url="") as page:
        page.show(replace(WITHIN, recorded=RECORDED))
        assert page.ask(f"/scale/{SCALE}/ticket.svg?seq=4711").status == 404
        assert "ticket.svg" not in page.ask(f"/scale/{SCALE}").text


def test_a_warning_reaches_a_screen_within_100_ms(page: Page) -> None:
    """The best of five: what the machine does meanwhile is not what is measured."""
    page.show(WITHIN)
    took = []
    with watching(page) as events:
        assert events.next()[1]["verdict"] == "within"
        for _ in range(5):
            time.sleep(0.1)
            began = time.monotonic()
            page.show(OVER)
            assert events.next()[1]["verdict"] == "over"
            took.append(time.monotonic() - began)
            page.show(WITHIN)
            assert events.next()[1]["verdict"] == "within"
    assert min(took) < 0.1, took


def test_a_price_keyed_offline_is_warned_of_within_100_ms_on_display_and_screen(page: Page, tmp_path: Path) -> None:
    """From the price to the customer display's bytes and the screen, with caps from the file and no broker at all."""
    file = tmp_path / "caps.json"
    CapStore(file).take(encode_caps(Announcement(in_force=LIST)))
    book = CapStore(file).book
    took = []
    with watching(page) as events:
        events.next()
        for price in range(11501, 11506):
            asking = Asking(
                species=F01, unit_price_fen=Fen(price), price_unit=PriceUnit.HALF_KG, is_empty=True, is_stable=True
            )
            began = time.monotonic()
            looked = look(WarningState(), book, asking, NOON)
            page.show(replace(OVER, unit_price_fen=Fen(price), entry=looked.entry, verdict=looked.verdict))
            assert isinstance(looked.step, Show)
            cap = looked.step.warned.entry.cap_fen_per_kg
            assert cap is not None
            assert display.over_cap(cap, PriceUnit.HALF_KG) == b"\x0c\x1bQA115.00\r\x1bs1"
            _name, told = events.next()
            took.append(time.monotonic() - began)
            assert (told["verdict"], told["price"]) == ("over", f"{price // 100}.{price % 100:02d}")
            time.sleep(0.1)
    assert min(took) < 0.1, took


def test_a_silent_scale_is_told_of_without_anybody_saying_so(page: Page) -> None:
    page.board.show(SCALE, replace(OVER, heard_at=page.board.clock() - 4.0))
    with watching(page) as events:
        assert events.next()[1]["state"] == "live"
        name, texts = events.next()
        while name != "texts" or texts["state"] == "live":
            name, texts = events.next()
        assert (texts["weight"], texts["verdict"]) == ("—", "none")


def test_a_quiet_page_still_beats(page: Page) -> None:
    with watching(page) as events:
        assert events.next()[0] == "texts"
        assert events.next() == ("beat", 1)


def test_watchers_are_bounded_and_make_room_when_they_go() -> None:
    with running_page(max_watchers=2) as page:
        with watching(page) as first, watching(page) as second:
            assert first.next()[0] == second.next()[0] == "texts"
            with watching(page) as third:
                assert third.status == 503
            assert page.ask("/").status == 200
        wait_until(lambda: page.ask(f"/scale/{SCALE}/events", method="HEAD").status == 200, what="HEAD is no watcher")
        wait_until(lambda: can_watch(page), what="there is room again")


def can_watch(page: Page) -> bool:
    page.show(OVER)  # a watcher that has gone is found out by writing to it
    with watching(page) as events:
        return events.status == 200


def test_idle_connections_are_bounded_and_shut_out_nobody_for_long() -> None:
    with running_page(max_watchers=1) as page:
        idle = [socket.create_connection(("127.0.0.1", page.port), timeout=10) for _ in range(60)]
        try:
            refused = 0
            for one in idle:
                one.settimeout(0.2)
                try:
                    refused += one.recv(1) == b""
                except TimeoutError:
                    continue
            assert refused >= 60 - (1 + 32)
        finally:
            for one in idle:
                one.close()
        wait_until(lambda: is_answered(page), what="there is room again")


def is_answered(page: Page) -> bool:
    try:
        return page.ask("/").status == 200
    except OSError:
        return False


@pytest.mark.parametrize(
    "garbage", [b"\x00" * 100, b"GET / HTTP/9.9\r\n\r\n", b"GET " + b"a" * 70_000, b"GET\r\n\r\n", b"\xff\xfe\r\n\r\n"]
)
def test_garbage_ends_a_connection_and_nothing_else(page: Page, garbage: bytes) -> None:
    with socket.create_connection(("127.0.0.1", page.port), timeout=10) as one:
        one.sendall(garbage)
        one.shutdown(socket.SHUT_WR)
        try:
            while one.recv(4096):
                pass
        except ConnectionError:
            assert len(garbage) > 65_536  # what was not read resets the connection
    assert page.ask("/").status == 200


def test_a_taken_address_is_said_before_anything_starts(page: Page) -> None:
    config = PageConfig(host="127.0.0.1", port=page.port)
    with pytest.raises(Unavailable, match=f"the page cannot listen on 127.0.0.1:{page.port}"):
        PageServer(config, MarketId("sanya-1"), Board((SCALE,)))


def test_it_stops_at_once_with_screens_watching() -> None:
    with running_page() as page:
        events = Events(page)
        assert events.next()[0] == "texts"
        began = time.monotonic()
    assert time.monotonic() - began < 5
    events.close()
