"""The simulated end of a line: a pseudo-terminal under a stable name, or a TCP server (a client: `calling_line`).

A real RS-232 line does not wait for its reader. So a frame that does not fit is dropped, whole: never half a frame, and
never a simulator that blocks.
"""

import os
import select
import socket
import tty
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Final, Protocol

_READ_BYTES: Final = 4096


class SimulatedLine(Protocol):
    """What a simulated device has of its line. Nothing here ever waits."""

    def fileno(self) -> int:
        """Return what a selector watches; -1 while nobody is there."""
        ...

    def is_attached(self) -> bool:
        """Say whether somebody has the other end open."""
        ...

    def send(self, frame: bytes) -> bool:
        """Send a frame or drop it, and say whether it was sent."""
        ...

    def receive(self) -> bytes:
        """Return what came from the other end, maybe nothing."""
        ...

    def close(self) -> None:
        """Close the line."""
        ...


class _WholeFrames:
    """What a line has taken of a frame it could not take all of: the rest goes first, before any other frame."""

    def __init__(self) -> None:
        self._rest = b""

    def forget(self) -> None:
        self._rest = b""

    def send(self, fd: int, frame: bytes) -> bool:
        if self._rest:
            self._rest = self._rest[_write(fd, self._rest) :]
        if self._rest:
            return False
        taken = _write(fd, frame)
        self._rest = frame[taken:] if taken else b""
        return taken > 0


class PtyLine:
    """A pseudo-terminal in raw mode; `link` is made to point at it."""

    def __init__(self, link: Path) -> None:
        self._fd, device = os.openpty()
        tty.setraw(device)
        os.set_blocking(self._fd, False)
        self._link = link
        link.unlink(missing_ok=True)
        link.symlink_to(os.ttyname(device))
        # With the device closed on this side, a hang-up says that nobody has it open.
        os.close(device)
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        self._frames = _WholeFrames()

    def fileno(self) -> int:
        """Return what a selector watches; -1 while nobody is there (a hang-up would wake it without end)."""
        return self._fd if self.is_attached() else -1

    def is_attached(self) -> bool:
        """Say whether somebody has the device open."""
        return not any(event & select.POLLHUP for _fd, event in self._poll.poll(0))

    def send(self, frame: bytes) -> bool:
        """Send a frame or drop it, and say whether it was sent."""
        if not self.is_attached():
            self._frames.forget()
            return False
        return self._frames.send(self._fd, frame)

    def receive(self) -> bytes:
        """Return what came from the other end; nothing while nobody is there."""
        try:
            return os.read(self._fd, _READ_BYTES)
        except OSError:  # EAGAIN: nothing there; EIO: nobody there
            return b""

    def close(self) -> None:
        """Close the line and take its name away."""
        os.close(self._fd)
        self._link.unlink(missing_ok=True)


class SocketLine(ABC):
    """A line over TCP: what is the same whoever called whom."""

    def __init__(self) -> None:
        self._peer: socket.socket | None = None
        self._frames = _WholeFrames()

    @abstractmethod
    def is_attached(self) -> bool:
        """Say whether the other end is there."""

    def fileno(self) -> int:
        """Return what a selector watches; -1 while nobody is there."""
        return -1 if self._peer is None else self._peer.fileno()

    def send(self, frame: bytes) -> bool:
        """Send a frame or drop it, and say whether it was sent."""
        if not self.is_attached() or self._peer is None:
            return False
        try:
            return self._frames.send(self._peer.fileno(), frame)
        except OSError:  # the other end is gone; the next one gets whole frames again
            self.hang_up()
            return False

    def receive(self) -> bytes:
        """Return what came from the other end; nothing while nobody is there."""
        if not self.is_attached() or self._peer is None:
            return b""
        try:
            data = self._peer.recv(_READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self.hang_up()
        return data

    def close(self) -> None:
        """Close the line."""
        self.hang_up()

    def hang_up(self) -> None:
        """End the conversation there is."""
        self._frames.forget()
        if self._peer is not None:
            self._peer.close()
            self._peer = None


class TcpLine(SocketLine):
    """A TCP server for one client; a new client takes the place of the old one."""

    def __init__(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one. Raise OSError where that cannot be."""
        super().__init__()
        self._server = socket.create_server((host, port), backlog=1)
        self._server.setblocking(False)
        self.port: int = self._server.getsockname()[1]

    def is_attached(self) -> bool:
        """Say whether a client is connected."""
        try:
            client, _address = self._server.accept()
        except BlockingIOError:
            return self._peer is not None
        self.hang_up()
        client.setblocking(False)
        self._peer = client
        return True

    def close(self) -> None:
        """Stop listening."""
        super().close()
        self._server.close()


def _write(fd: int, data: bytes) -> int:
    try:
        return os.write(fd, data)
    except BlockingIOError:
        return 0
