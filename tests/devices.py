"""Devices at the other end of a line: simulated scales that run in a thread, and a device server that does RFC 2217."""

import contextlib
import random
import socket
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import serial
import serial.rfc2217

from domain.units import PriceUnit
from simulators.ports import PtyLine, SimulatedLine
from simulators.scales.protocol import SimulatedScale
from simulators.scales.registry import SIMULATED_SCALES

_PORT_MANAGER: Final[Any] = serial.rfc2217.PortManager  # its types ask for the client's own class
_TICK_S: Final = 0.01
_READ_BYTES: Final = 4096


def make_scale(protocol: str, profile: str = "", unit: PriceUnit = PriceUnit.KG, seed: int = 1) -> SimulatedScale:
    """Return a simulated scale, by default of the protocol's usual profile."""
    spec = SIMULATED_SCALES[protocol]
    return spec.make(profile or spec.profiles[0], random.Random(seed), unit)


@contextmanager
def running(
    scale: SimulatedScale, line: SimulatedLine, act: Callable[[SimulatedScale, float], bytes] = lambda _scale, _now: b""
) -> Iterator[None]:
    """Carry the bytes between a simulated scale and its line in a thread. `act` is a hand at the scale, every tick."""
    stop = threading.Event()

    def carry() -> None:
        while not stop.wait(_TICK_S):
            now = time.monotonic()
            if line.is_attached():
                answer = scale.hear(line.receive(), now) + scale.tick(now) + act(scale, now)
                if answer:
                    line.send(answer)

    thread = threading.Thread(target=carry)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class CallingLine:
    """The line of a scale that connects to its host by itself."""

    def __init__(self, host: str, port: int) -> None:
        """Raise OSError where nobody listens."""
        self._socket = socket.create_connection((host, port))
        self._socket.setblocking(False)

    def fileno(self) -> int:
        """Return what a selector watches."""
        return self._socket.fileno()

    def is_attached(self) -> bool:
        """Say so always: a scale like this does not notice."""
        return True

    def send(self, frame: bytes) -> bool:
        """Send a frame, and say whether it was sent."""
        try:
            return self._socket.send(frame) == len(frame)
        except OSError:
            return False

    def receive(self) -> bytes:
        """Return what came from the host, maybe nothing."""
        try:
            return self._socket.recv(_READ_BYTES)
        except OSError:
            return b""

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


class _Connection:
    """What pyserial's PortManager writes to. It has threads of its own in mind, so sending is locked."""

    def __init__(self, client: socket.socket) -> None:
        self._client, self._lock = client, threading.Lock()

    def write(self, data: bytes) -> None:
        with self._lock:
            self._client.sendall(data)


class _WithoutModemLines(serial.Serial):
    """A pseudo-terminal as a serial line: PortManager asks for modem lines and sets 7 bits, and it has neither."""

    cts = dsr = ri = cd = False

    def _reconfigure_port(self, force_update: bool = False) -> None:
        base: Any = super()
        with contextlib.suppress(termios.error):
            base._reconfigure_port(force_update)

    def _update_dtr_state(self) -> None:
        """There is no DTR."""

    def _update_rts_state(self) -> None:
        """There is no RTS."""


class Rfc2217Server:
    """A device server with one serial line, served by pyserial's own half of RFC 2217, for one client at a time."""

    def __init__(self, device: Path) -> None:
        self.serial = _WithoutModemLines(str(device), timeout=0)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self.port: int = self._server.getsockname()[1]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Hang up and end."""
        self._stop.set()
        self._thread.join()
        self._server.close()
        self.serial.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                client, _address = self._server.accept()
            except TimeoutError:
                continue
            with client:
                self._serve_one(client)

    def _serve_one(self, client: socket.socket) -> None:
        client.settimeout(_TICK_S)
        connection = _Connection(client)
        manager: Any = _PORT_MANAGER(self.serial, connection)
        while not self._stop.is_set():
            waiting = self.serial.read(_READ_BYTES)
            if waiting:
                connection.write(b"".join(manager.escape(waiting)))
            try:
                received = client.recv(_READ_BYTES)
            except TimeoutError:
                continue
            except ConnectionError:
                return  # it hung up with something of ours unread
            if not received:
                return
            self.serial.write(b"".join(manager.filter(received)))


@contextmanager
def device_server(folder: Path) -> Iterator[tuple[Rfc2217Server, PtyLine]]:
    """A device server and the simulated end of its serial line."""
    line = PtyLine(folder / "behind-server.tty")
    server = Rfc2217Server(folder / "behind-server.tty")
    try:
        yield server, line
    finally:
        server.close()
        line.close()
