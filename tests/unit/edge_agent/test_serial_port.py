"""Serial lines: settings, one reader only, broken characters, and adapters that come back under another name."""

import termios
from pathlib import Path

import pytest
import serial

from edge_agent.drivers.protocol import DriverOptions, SerialSettings
from edge_agent.drivers.registry import SCALE_DRIVERS
from edge_agent.ports import Line, open_port
from edge_agent.weighing.readings import Garbage, Reading
from simulators.ports import PtyLine
from tests.waiting import wait_until

FRAME = (Path(__file__).parents[2] / "frames" / "xk3190_price.bin").read_bytes()
INPUT_FLAGS, OUTPUT_SPEED = 0, 5


def test_speed_and_parity_check_are_set_whatever_the_last_program_left(tmp_path: Path) -> None:
    device = PtyLine(tmp_path / "scale.tty")
    with serial.Serial(str(tmp_path / "scale.tty")) as before:
        left = termios.tcgetattr(before.fileno())
        left[INPUT_FLAGS] |= termios.IGNPAR | termios.PARMRK
        termios.tcsetattr(before.fileno(), termios.TCSANOW, left)
        port = open_port(str(tmp_path / "scale.tty"), SerialSettings(baud=2400, data_bits=7, parity="odd"))
        found = termios.tcgetattr(port.fileno())
        port.close()
    assert found[OUTPUT_SPEED] == termios.B2400
    # INPCK alone: a broken character is read as NUL. IGNPAR would drop it, PARMRK would put FF 00 before it.
    assert found[INPUT_FLAGS] & (termios.INPCK | termios.IGNPAR | termios.PARMRK) == termios.INPCK
    device.close()


def test_a_pseudo_terminal_is_opened_with_seven_bits_again_and_again(tmp_path: Path) -> None:
    device = PtyLine(tmp_path / "scale.tty")
    for settings in (SerialSettings(), *[SerialSettings(data_bits=7, parity="even")] * 3):
        open_port(str(tmp_path / "scale.tty"), settings).close()
    device.close()


def test_without_parity_none_is_checked(tmp_path: Path) -> None:
    device = PtyLine(tmp_path / "scale.tty")
    port = open_port(str(tmp_path / "scale.tty"), SerialSettings())
    assert not termios.tcgetattr(port.fileno())[INPUT_FLAGS] & termios.INPCK
    port.close()
    device.close()


@pytest.mark.parametrize("protocol", SCALE_DRIVERS)
def test_a_nul_for_a_broken_character_is_garbage_to_every_driver(protocol: str) -> None:
    spec = SCALE_DRIVERS[protocol]
    for profile in spec.profiles:
        driver = spec.make(DriverOptions(profile=profile))
        assert not any(isinstance(item, Reading) for item in driver.feed(b"\0" * 1000))


def test_a_broken_digit_costs_its_frame_and_no_more() -> None:
    driver = SCALE_DRIVERS["yaohua_xk3190"].make(DriverOptions(profile=SCALE_DRIVERS["yaohua_xk3190"].profiles[0]))
    found = driver.feed(FRAME[:6] + b"\0" + FRAME[7:] + FRAME)
    assert [type(item) for item in found] == [Garbage, Reading]


def test_a_second_reader_is_told_why_it_may_not(tmp_path: Path) -> None:
    device = PtyLine(tmp_path / "scale.tty")
    first = open_port(str(tmp_path / "scale.tty"), SerialSettings())
    with pytest.raises(OSError, match="another program has it locked; end that one first"):
        open_port(str(tmp_path / "scale.tty"), SerialSettings())
    first.close()
    open_port(str(tmp_path / "scale.tty"), SerialSettings()).close()
    device.close()


def test_what_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="it is not there; unplugged, or another name"):
        open_port(str(tmp_path / "scale.tty"), SerialSettings())


def test_what_is_no_serial_line_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Could not configure port"):
        open_port(str(tmp_path / "file"), SerialSettings())


def test_an_adapter_that_was_pulled_comes_back_as_another_device_under_its_link(tmp_path: Path) -> None:
    by_id = tmp_path / "usb-adapter-port0"
    first = PtyLine(tmp_path / "ttyUSB0")
    by_id.symlink_to((tmp_path / "ttyUSB0").readlink())
    line = Line(str(by_id), SerialSettings())
    assert line.tend(0.0) is not None
    first.send(b"=00")
    wait_until(lambda: line.read(0.0) == b"=00", what="the line is read")

    second = PtyLine(tmp_path / "ttyUSB1")  # it has another number: the first one is still there
    by_id.unlink()
    first.close()
    wait_until(lambda: line.read(1.0) is None, what="the loss is noticed")
    assert line.tend(2.0) is None  # not there yet
    by_id.symlink_to((tmp_path / "ttyUSB1").readlink())
    assert line.tend(1.0) is None  # its time has not come
    assert line.tend(100.0) is not None
    second.send(b"=11")
    wait_until(lambda: line.read(100.0) == b"=11", what="the adapter is read again")
    line.close()
    second.close()


def test_an_unplugged_adapter_is_noticed_by_a_write_too(tmp_path: Path) -> None:
    device = PtyLine(tmp_path / "scale.tty")
    port = open_port(str(tmp_path / "scale.tty"), SerialSettings())
    device.close()
    with pytest.raises(OSError, match="Input/output error"):
        port.write(b"W")
    port.close()
