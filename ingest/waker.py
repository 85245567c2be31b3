"""Wakes a thread that waits for the network: a pair of sockets, which `poll` can wait for."""

import socket
from contextlib import suppress

_LOOK_BYTES = 4096


class Waker:
    """Opened and closed by its owner; before and after, to wake nobody is no mistake. `wake` is for any thread."""

    def __init__(self) -> None:
        self._pair: tuple[socket.socket, socket.socket] | None = None

    def open(self) -> None:
        """Begin."""
        self._pair = socket.socketpair()
        for end in self._pair:
            end.setblocking(False)

    def close(self) -> None:
        """End. Who wakes just now wakes nobody."""
        if self._pair is not None:
            pair, self._pair = self._pair, None
            for end in pair:
                end.close()

    def fileno(self) -> int:
        """Return what is to be waited for; it is readable after a `wake`."""
        if self._pair is None:
            raise ValueError("a waker that is not open cannot be waited for")
        return self._pair[0].fileno()

    def clear(self) -> None:
        """Take the wakes so far for heard."""
        if self._pair is not None:
            self._pair[0].recv(_LOOK_BYTES)

    def wake(self) -> None:
        """Have the waiting end."""
        pair = self._pair
        if pair is not None:
            with suppress(BlockingIOError, OSError):  # it is being woken as it is, or closed just now
                pair[1].send(b".")
