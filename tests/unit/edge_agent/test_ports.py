"""Lines to devices: read without waiting, noticed when lost, opened again."""

import socket
from pathlib import Path

import pytest

from edge_agent.drivers.protocol import SerialSettings
from edge_agent.ports import Line
from simulators.ports import PtyLine, TcpLine
from tests.waiting import wait_until


def test_a_serial_line_is_read_written_lost_and_opened_again(tmp_path: Path) -> None:
    name = tmp_path / "scale.tty"
    line = Line(str(name), SerialSettings())
    assert line.tend(0.0) is None
    assert line.tend(0.1) is None  # not yet: it waits before it tries again
    device = PtyLine(name)
    port = line.tend(10.0)
    assert port is not None
    assert port.write(b"shown\r")
    wait_until(lambda: device.receive() == b"shown\r", what="the device hears")
    assert line.read(10.0) == b""
    device.send(b"=1")
    wait_until(lambda: line.read(10.0) == b"=1", what="the line is read")
    device.close()
    wait_until(lambda: line.read(11.0) is None, what="the loss is noticed")
    assert line.port is None
    second = PtyLine(name)
    assert line.tend(100.0) is not None
    line.close()
    second.close()


def test_what_was_sent_before_the_line_was_opened_is_thrown_away(tmp_path: Path) -> None:
    device = PtyLine(tmp_path / "scale.tty")
    line = Line(str(tmp_path / "scale.tty"), SerialSettings())
    assert not device.send(b"old")
    line.tend(0.0)
    assert device.send(b"new")
    wait_until(lambda: line.read(0.0) == b"new", what="only what is new")
    line.close()
    device.close()


def test_a_tcp_line_connects_in_the_background_and_comes_back() -> None:
    device = TcpLine("127.0.0.1", 0)
    line = Line(f"tcp://127.0.0.1:{device.port}", SerialSettings())
    assert line.tend(0.0) is not None
    wait_until(device.is_attached, what="the connection is made")
    assert device.send(b"=1")
    wait_until(lambda: line.read(0.0) == b"=1", what="the line is read")
    device.close()
    wait_until(lambda: line.read(1.0) is None, what="the loss is noticed")
    assert line.tend(1.1) is None


@pytest.mark.parametrize("address", ["tcp://192.0.2.7", "tcp://127.0.0.1:70000", "tcp://a..b:4001"])
def test_an_address_that_is_none_is_a_lost_line_and_no_crash(address: str) -> None:
    assert Line(address, SerialSettings()).tend(0.0) is None


def test_a_refused_tcp_connection_is_a_lost_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    line = Line(f"tcp://127.0.0.1:{port}", SerialSettings())
    line.tend(0.0)
    wait_until(lambda: line.read(0.0) is None, what="the refusal is noticed")
    line.close()
