"""The stream of an open page, read as a browser reads it."""

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import psycopg

from tests.waiting import wait_until
from tests.web_service import config_for, furnished_service, serving, visiting
from tests.web_world import ELSEWHERE, HOSTILE_VENDOR, Visitor, furnish, raise_alert, sign_in

CUT_THE_LISTENER = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE query LIKE '%LISTEN alerts' AND datname = current_database() AND pid <> pg_backend_pid()
"""


@contextmanager
def listening(address: str, visitor: Visitor, path: str = "/alerts/stream") -> Iterator["queue.Queue[str]"]:
    """The lines of a stream as they come; `None`'s place is taken by "closed" when it ends."""
    lines: queue.Queue[str] = queue.Queue()
    client = httpx.Client(base_url=address, trust_env=False, timeout=20)

    def read() -> None:
        try:
            with client.stream("GET", path, headers=visitor.bearer) as answer:
                for line in answer.iter_lines():
                    lines.put(line)
        except (httpx.HTTPError, httpx.StreamError, RuntimeError):
            pass  # the test is over, or the server is
        lines.put("closed")

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield lines
    finally:
        client.close()


def expect(lines: "queue.Queue[str]", wanted: str, *, within_s: float = 10.0) -> float:
    """Read on until a line comes; return how long it took."""
    started = time.monotonic()
    while True:
        left = started + within_s - time.monotonic()
        if lines.get(timeout=max(0.01, left)) == wanted:
            return time.monotonic() - started


def begin(lines: "queue.Queue[str]") -> None:
    expect(lines, "retry: 2000")
    expect(lines, "event: alerts")
    time.sleep(0.3)
    while not lines.empty():
        lines.get_nowait()


def test_a_committed_change_is_told_and_one_not_committed_is_not(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        raise_alert(conn)
        with listening(address, sign_in(conn, "manager")) as lines:
            begin(lines)
            conn.execute("UPDATE alerts SET note = 'x'")
            time.sleep(0.5)
            assert lines.empty()
            conn.commit()
            assert expect(lines, "event: alerts") < 2


def test_a_manager_is_not_told_of_another_market_and_a_regulator_is(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        manager, regulator = sign_in(conn, "manager"), sign_in(conn, "regulator")
        with listening(address, manager) as hears_one, listening(address, regulator) as hears_all:
            begin(hears_one)
            begin(hears_all)
            raise_alert(conn, market_id=ELSEWHERE, vendor_id=HOSTILE_VENDOR)
            expect(hears_all, "event: alerts")
            time.sleep(0.3)
            assert hears_one.empty()


def test_a_storm_is_told_at_a_bounded_rate(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn), listening(address, sign_in(conn, "manager")) as lines:
        begin(lines)
        started = time.monotonic()
        for _ in range(100):
            raise_alert(conn)
        time.sleep(0.5)
        took_s = time.monotonic() - started
        told = sum(1 for line in list(lines.queue) if line == "event: alerts")
        assert 1 <= told <= took_s / 0.1 + 2


def test_a_lost_connection_is_said_and_made_again(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn), listening(address, sign_in(conn, "manager")) as lines:
        begin(lines)
        assert conn.execute(CUT_THE_LISTENER).fetchall() == [(True,)]
        conn.commit()
        expect(lines, "event: away")
        expect(lines, "event: alerts")
        raise_alert(conn)
        expect(lines, "event: alerts")


def test_a_page_that_comes_back_fetches_at_once(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        visitor = sign_in(conn, "manager")
        for _ in range(2):
            with listening(address, visitor) as lines:
                assert expect(lines, "event: alerts") < 5


def test_the_stream_ends_with_the_session_and_a_stranger_gets_none(database_url: str) -> None:
    with furnished_service(database_url, ping_s=0.2) as (address, conn):
        visitor = sign_in(conn, "manager")
        with listening(address, visitor) as lines:
            expect(lines, ": ping")
            with visiting(address) as client:
                client.delete("/api/v1/sessions", headers=visitor.bearer)
            expect(lines, "closed")
        with visiting(address) as client:
            stranger = client.get("/alerts/stream", headers={"accept": "text/event-stream"})
            assert stranger.status_code == 401


def test_an_open_page_holds_no_connection_of_the_pool(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        visitor = sign_in(conn, "manager")
        streams = [listening(address, visitor) for _ in range(15)]
        opened = [stream.__enter__() for stream in streams]
        try:
            for lines in opened:
                begin(lines)
            with visiting(address, visitor) as client:
                assert client.get("/").status_code == 200
        finally:
            for stream in streams:
                stream.__exit__(None, None, None)


def test_nobody_is_left_listening_when_the_service_stops(database_url: str) -> None:
    with furnished_service(database_url):
        pass
    with psycopg.connect(database_url, autocommit=True) as conn:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        wait_until(lambda: conn.execute(others).fetchone() == (0,), what="all connections are closed")


def test_a_service_that_stops_does_not_wait_for_open_pages(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        furnish(conn)
        visitor = sign_in(conn, "manager")
    with ExitStack() as pages:
        with serving(config_for(database_url)) as address:
            lines = pages.enter_context(listening(address, visitor))
            begin(lines)
            stopping = time.monotonic()
        assert expect(lines, "closed") < 1
        assert time.monotonic() - stopping < 3
