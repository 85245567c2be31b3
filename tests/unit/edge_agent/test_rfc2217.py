"""RFC 2217: against pyserial's own server, and byte by byte."""

import itertools
import select
import socket
from pathlib import Path

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.protocol import SerialSettings
from edge_agent.ports import Line, open_port
from edge_agent.ports.rfc2217 import Rfc2217Session
from tests.devices import device_server
from tests.waiting import wait_until

SETTINGS = SerialSettings(baud=4800, data_bits=7, parity="even", stop_bits=2)
ANSWERS = (
    b"\xff\xfd\x2c"  # DO COM-PORT
    b"\xff\xfa\x2c\x65\x00\x00\x12\xc0\xff\xf0"  # 4800
    b"\xff\xfa\x2c\x66\x07\xff\xf0"
    b"\xff\xfa\x2c\x67\x03\xff\xf0"
    b"\xff\xfa\x2c\x68\x02\xff\xf0"
)


def test_a_device_server_is_set_read_and_written(tmp_path: Path) -> None:
    with device_server(tmp_path) as (server, device):
        line = Line(f"rfc2217://127.0.0.1:{server.port}", SETTINGS)
        port = line.tend(0.0)
        assert port is not None
        assert not port.write(b"too early")
        wait_until(lambda: line.read(0.0) == b"" and port.write(b"W\xff\r"), what="the settings are agreed on")
        wait_until(lambda: device.receive() == b"W\xff\r", what="the scale hears")
        line_settings = (server.serial.baudrate, server.serial.bytesize, server.serial.stopbits)
        assert (*line_settings, server.serial.parity) == (4800, 7, 2, serial.PARITY_EVEN)
        device.send(b"\x02\xff01.234\r")
        wait_until(lambda: line.read(0.0) == b"\x02\xff01.234\r", what="the scale is heard")
        line.close()


def test_the_loop_is_woken_for_all_that_has_to_be_done(tmp_path: Path) -> None:
    """As the agent does it: nothing is read that did not wake the selector."""
    with device_server(tmp_path) as (server, device):
        port = open_port(f"rfc2217://127.0.0.1:{server.port}", SETTINGS)
        poll = select.poll()
        poll.register(port.fileno(), select.POLLIN)
        heard = b""
        for _ in range(1000):
            assert poll.poll(10_000)
            heard += port.read()
            if port.write(b""):
                break
        device.send(b"=1")
        while heard != b"=1":
            assert poll.poll(10_000)
            heard += port.read()
        assert poll.poll(0) == []
        port.close()


def test_a_device_server_that_goes_away_is_a_lost_line(tmp_path: Path) -> None:
    with device_server(tmp_path) as (server, _device):
        line = Line(f"rfc2217://127.0.0.1:{server.port}", SETTINGS)
        line.tend(0.0)
        wait_until(lambda: line.read(0.0) == b"" and line.port is not None and line.port.write(b""), what="it is ready")
    wait_until(lambda: line.read(1.0) is None, what="the loss is noticed")


def test_opening_does_not_wait_for_a_server_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = open_port(f"rfc2217://127.0.0.1:{silent.getsockname()[1]}", SETTINGS)
        assert port.read() == b""
        assert not port.write(b"W")
        port.close()


def test_the_settings_are_asked_for_once_the_option_is_agreed_on() -> None:
    session = Rfc2217Session(SETTINGS)
    assert b"\xff\xfb\x2c" in session.outgoing  # WILL COM-PORT
    assert b"\xff\xfa" not in session.outgoing
    session.outgoing.clear()
    session.receive(b"\xff\xfd\x2c")
    assert bytes(session.outgoing).startswith(b"\xff\xfa\x2c\x01\x00\x00\x12\xc0\xff\xf0\xff\xfa\x2c\x02\x07\xff\xf0")
    session.outgoing.clear()
    session.receive(b"\xff\xfd\x2c\xff\xfd\x2c")
    assert session.outgoing == b""


def test_what_came_before_the_line_was_set_is_thrown_away() -> None:
    session = Rfc2217Session(SETTINGS)
    assert session.receive(b"old" + ANSWERS + b"new") == b"new"
    assert session.is_ready


def test_a_doubled_iac_is_data() -> None:
    session = Rfc2217Session(SETTINGS)
    assert session.receive(ANSWERS + b"a\xff\xffb") == b"a\xffb"


@pytest.mark.parametrize("line_state", [b"\x04", b"\x08", b"\x0c"], ids=["parity", "framing", "both"])
def test_a_character_that_the_server_calls_broken_has_a_nul_beside_it(line_state: bytes) -> None:
    session = Rfc2217Session(SETTINGS)
    assert session.receive(ANSWERS + b"01.2\xff\xfa\x2c\x6a" + line_state + b"\xff\xf034") == b"01.2\x0034"


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (b"\xff\xfe\x2c", "does not do RFC 2217"),
        (b"\xff\xfc\x2c", "does not do RFC 2217"),
        (b"\xff\xfd\x2c\xff\xfa\x2c\x65\x00\x00\x25\x80\xff\xf0", "set baud to 9600; asked for 4800"),
        (b"\xff\xfa" + b"x" * 1000, "without an end"),
    ],
)
def test_a_server_that_cannot_says_so(said: bytes, problem: str) -> None:
    with pytest.raises(ConnectionError, match=problem):
        Rfc2217Session(SETTINGS).receive(said)


def test_options_nobody_wants_are_refused_once() -> None:
    session = Rfc2217Session(SETTINGS)
    session.outgoing.clear()
    session.receive(b"\xff\xfb\x01\xff\xfb\x01\xff\xfd\x18")  # WILL ECHO twice, DO TERMINAL-TYPE
    assert session.outgoing == b"\xff\xfe\x01\xff\xfc\x18"


@given(st.binary(max_size=60), st.lists(st.integers(0, 200)))
def test_however_the_stream_is_cut_the_data_is_the_same(payload: bytes, cuts: list[int]) -> None:
    stream = ANSWERS + payload.replace(b"\xff", b"\xff\xff")
    session = Rfc2217Session(SETTINGS)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    assert b"".join(session.receive(stream[a:b]) for a, b in itertools.pairwise(places)) == payload


@given(st.binary(max_size=300))
def test_noise_is_data_or_an_error_that_says_why(noise: bytes) -> None:
    session = Rfc2217Session(SETTINGS)
    try:
        data = session.receive(ANSWERS + noise)
    except ConnectionError as error:
        assert "device server" in str(error)
    else:
        assert len(data) <= len(noise)
