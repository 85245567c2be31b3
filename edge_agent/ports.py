"""Ports: serial lines and TCP sockets, non-blocking, watched by their file descriptor, opened again after a loss."""

import os
import random
import socket
import termios
from typing import Final, Protocol

import serial
import structlog

from edge_agent.addresses import TCP_PREFIX, tcp_target
from edge_agent.backoff import delay_s
from edge_agent.drivers.protocol import SerialSettings

_READ_BYTES: Final = 4096
_REOPEN_FIRST_S: Final = 0.5
_REOPEN_CEILING_S: Final = 15.0
_TCP_IDLE_S: Final = 20  # a peer that vanished without a word is noticed by keepalive

_PARITIES: Final = {
    "none": serial.PARITY_NONE,
    "even": serial.PARITY_EVEN,
    "odd": serial.PARITY_ODD,
    "mark": serial.PARITY_MARK,
    "space": serial.PARITY_SPACE,
}

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.ports")


class Port(Protocol):
    """An open line. `read` and `write` never wait; they raise OSError where the line is gone."""

    def fileno(self) -> int:
        """Return what a selector watches."""
        ...

    def read(self) -> bytes:
        """Return what is there, maybe nothing."""
        ...

    def write(self, data: bytes) -> bool:
        """Send a few bytes, and say whether the line took them all."""
        ...

    def close(self) -> None:
        """Close the line."""
        ...


class SerialPort:
    """A serial line. What came before it was opened is thrown away."""

    def __init__(self, device: str, settings: SerialSettings) -> None:
        """Open it, or raise OSError, or ValueError for settings the device cannot do."""
        self._serial = serial.Serial(
            device,
            baudrate=settings.baud,
            bytesize=settings.data_bits,
            parity=_PARITIES[settings.parity],
            stopbits=settings.stop_bits,
            timeout=0,
            write_timeout=0,
        )
        # pyserial leaves VMIN at 0, where "nothing yet" and "hung up" both read as no bytes; with 1 they differ.
        attributes = termios.tcgetattr(self.fileno())
        attributes[6][termios.VMIN] = 1
        termios.tcsetattr(self.fileno(), termios.TCSANOW, attributes)

    def fileno(self) -> int:
        """Return what a selector watches."""
        return int(self._serial.fileno())

    def read(self) -> bytes:
        """Return what is there. Raise OSError where the device is gone (unplugged, hung up)."""
        try:
            data = os.read(self.fileno(), _READ_BYTES)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError("the device hung up")
        return data

    def write(self, data: bytes) -> bool:
        """Send a few bytes, and say whether the line took them all."""
        try:
            return os.write(self.fileno(), data) == len(data)
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Close the line."""
        self._serial.close()


class TcpPort:
    """A device server. Connecting goes on in the background; `host` should be an address or a locally known name."""

    def __init__(self, address: str) -> None:
        """Begin to connect to `tcp://host:port`. Raise OSError, or ValueError where that is no address."""
        host, port = tcp_target(address)
        family, kind, protocol, _name, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _TCP_IDLE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.connect(target)
        except BlockingIOError:
            return  # under way; a failure shows at the first read
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """Return what a selector watches."""
        return self._socket.fileno()

    def read(self) -> bytes:
        """Return what is there. Raise OSError where the other end refused or closed."""
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError("the other end closed")
        return data

    def write(self, data: bytes) -> bool:
        """Send a few bytes, and say whether the line took them all."""
        try:
            return self._socket.send(data) == len(data)
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def open_port(address: str, settings: SerialSettings) -> Port:
    """Open a serial device, or begin to connect to `tcp://host:port`. Raise OSError or ValueError."""
    if address.startswith(TCP_PREFIX):
        return TcpPort(address)
    return SerialPort(address, settings)


class Line:
    """A port that is opened again, with back-off, whenever it was lost. Times are seconds of a monotonic clock."""

    def __init__(self, address: str, settings: SerialSettings) -> None:
        self.address, self._settings = address, settings
        self.port: Port | None = None
        self._attempt = 0
        self._next_try_at = 0.0
        self._chance = random.Random().random  # noqa: S311 - jitter, not a secret

    def tend(self, now: float) -> Port | None:
        """Open the port where it is closed and its time has come; return it when it was opened just now."""
        if self.port is not None or now < self._next_try_at:
            return None
        try:
            self.port = open_port(self.address, self._settings)
        except (OSError, ValueError) as error:  # ValueError: pyserial's too, for a speed the device cannot do
            self._wait(now, error)
            return None
        log.info("port_opened", port=self.address)
        return self.port

    def read(self, now: float) -> bytes | None:
        """Return what is there; None when the port was lost by this."""
        if self.port is None:
            return None
        try:
            data = self.port.read()
        except OSError as error:
            self.lose(now, error)
            return None
        if data:
            self._attempt = 0
        return data

    def lose(self, now: float, error: OSError) -> None:
        """Close the port, to be opened again later."""
        self.close()
        self._wait(now, error)

    def close(self) -> None:
        """Close the port where it is open."""
        if self.port is not None:
            self.port.close()
            self.port = None

    def _wait(self, now: float, error: OSError | ValueError) -> None:
        if self._attempt == 0:  # once for each loss: a scale that stays off all night must not fill the log
            log.warning("port_lost", port=self.address, problem=str(error))
        self._next_try_at = now + delay_s(
            self._attempt, first_s=_REOPEN_FIRST_S, ceiling_s=_REOPEN_CEILING_S, chance=self._chance()
        )
        self._attempt += 1
