"""A port that scales connect to: who is served, who is turned away, and what a lost scale leaves behind."""

import select
import socket
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from edge_agent.drivers.protocol import SerialSettings
from edge_agent.ports import Line
from tests.databases.postmaster import free_port
from tests.waiting import wait_until


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line(f"tcp-listen://0.0.0.0:{free_port()}", SerialSettings())
    assert line.tend(0.0) is not None
    yield line
    line.close()


def call(line: Line, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(line.address.rpartition(":")[2])), source_address=(source, 0))


def reads(line: Line, data: bytes) -> None:
    wait_until(lambda: line.read(0.0) == data, what=f"{data!r} is read")


def test_nothing_is_read_and_written_while_nobody_is_there(line: Line) -> None:
    assert line.read(0.0) == b""
    assert line.port is not None
    assert not line.port.write(b"OK\n")


def test_one_descriptor_wakes_for_a_call_and_for_bytes(line: Line) -> None:
    assert line.port is not None
    poll = select.poll()
    poll.register(line.port.fileno(), select.POLLIN)
    assert poll.poll(0) == []
    scale = call(line)
    assert poll.poll(10_000)
    assert line.read(0.0) == b""
    assert poll.poll(0) == []
    scale.sendall(b"HB")
    assert poll.poll(10_000)
    assert line.read(0.0) == b"HB"
    scale.close()


def test_a_scale_is_read_and_answered(line: Line) -> None:
    scale = call(line)
    scale.sendall(b"SCALE-01")
    reads(line, b"SCALE-01")
    assert line.port is not None
    assert line.port.write(b"OK\n")
    assert scale.recv(10) == b"OK\n"
    scale.close()


def test_a_scale_that_went_may_come_again_at_once_and_begins_anew(line: Line) -> None:
    first = call(line)
    first.sendall(b"half a li")
    reads(line, b"half a li")
    first.close()
    wait_until(lambda: line.read(0.0) is None, what="the scale's going is noticed")
    second = call(line)
    assert line.tend(0.0) is not None  # no back-off, and whoever reads it is told to begin anew
    second.sendall(b"SCALE-01")
    reads(line, b"SCALE-01")
    second.close()


def test_a_scale_that_lost_its_power_takes_its_old_place(line: Line) -> None:
    first = call(line)
    first.sendall(b"half a li")
    reads(line, b"half a li")
    second = call(line)
    wait_until(lambda: line.read(0.0) is None, what="the new connection replaces the old one")
    assert line.tend(0.0) is not None
    second.sendall(b"SCALE-01")
    reads(line, b"SCALE-01")
    assert first.recv(10) == b""
    first.close()
    second.close()


def test_another_scale_is_turned_away_and_named(line: Line) -> None:
    first = call(line)
    first.sendall(b"SCALE-01")
    reads(line, b"SCALE-01")
    with capture_logs() as logs:
        other = call(line, source="127.0.0.2")
        assert line.read(0.0) == b""
        assert other.recv(10) == b""
    assert [(entry["event"], entry["host"], entry["served"]) for entry in logs] == [
        ("scale_turned_away", "127.0.0.2", "127.0.0.1")
    ]
    first.sendall(b"HB")
    reads(line, b"HB")
    first.close()
    other.close()


def test_a_port_that_is_taken_is_a_lost_line_that_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line = Line(f"tcp-listen://127.0.0.1:{taken.getsockname()[1]}", SerialSettings())
        assert line.tend(0.0) is None
    assert line.tend(100.0) is not None
    line.close()


def test_it_closes_even_between_two_scales(line: Line) -> None:
    scale = call(line)
    wait_until(lambda: line.read(0.0) == b"", what="the scale is there")
    scale.close()
    wait_until(lambda: line.read(0.0) is None, what="the scale's going is noticed")
    line.close()
    with pytest.raises(ConnectionRefusedError):
        call(line)
