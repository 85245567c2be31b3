"""The line of a scale that calls its host: a network scale connects to the agent's port by itself, as a DP-401 does."""

import errno
import select
import socket
import time
from typing import Final

from simulators.ports import SocketLine

_AGAIN_AFTER_S: Final = 1.0
_UNDER_WAY: Final = frozenset({0, errno.EINPROGRESS})


class CallingLine(SocketLine):
    """Calls until somebody answers, and again a second after nobody did or the other side hung up. Never waits."""

    def __init__(self, host: str, port: int) -> None:
        """Look the host up; it need not answer yet. Raise OSError where there is no such host."""
        super().__init__()
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        self._family, self._address = found[0], found[4]
        self._calling: socket.socket | None = None
        self._call_at = time.monotonic()

    def is_attached(self) -> bool:
        """Say whether the host has answered; call it where it is time to."""
        if self._peer is not None:
            return True
        if self._calling is None and time.monotonic() >= self._call_at:
            self._call()
        if self._calling is not None and _is_settled(self._calling):
            self._take_answer(self._calling)
        return self._peer is not None

    def hang_up(self) -> None:
        """End the conversation there is, or the call."""
        super().hang_up()
        if self._calling is not None:
            self._calling.close()
            self._calling = None
        self._call_at = time.monotonic() + _AGAIN_AFTER_S

    def _call(self) -> None:
        self._calling = socket.socket(self._family, socket.SOCK_STREAM)
        self._calling.setblocking(False)
        if self._calling.connect_ex(self._address) not in _UNDER_WAY:
            self.hang_up()

    def _take_answer(self, calling: socket.socket) -> None:
        if calling.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0:
            self.hang_up()
            return
        self._peer, self._calling = calling, None


def _is_settled(calling: socket.socket) -> bool:
    poll = select.poll()
    poll.register(calling, select.POLLOUT)
    return bool(poll.poll(0))
