"""A device server with its serial line as plain TCP, or a scale with a network of its own."""

import socket
from typing import Final

from edge_agent.config.addresses import tcp_target
from edge_agent.ports.port import READ_BYTES

_IDLE_S: Final = 20  # a peer that vanished without a word is noticed by keepalive, within half a minute or so
_PROBE_EVERY_S: Final = 5
_PROBES: Final = 3


def notice_vanished_peers(connection: socket.socket) -> None:
    """Set the keepalive, and have small writes sent at once."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _IDLE_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _PROBE_EVERY_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class TcpPort:
    """A connection we make. It goes on in the background; the host should be an address or a locally known name."""

    def __init__(self, address: str) -> None:
        """Begin to connect to `tcp://host:port`. Raise OSError, or ValueError where that is no address."""
        host, port = tcp_target(address)
        family, kind, protocol, _name, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        notice_vanished_peers(self._socket)
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
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return b""
        if not data:
            raise OSError("the other end closed")
        return data

    def write(self, data: bytes) -> bool:
        """Send a few bytes, and say whether the line took them all."""
        return self.write_some(data) == len(data)

    def write_some(self, data: bytes) -> int:
        """Send what the line takes, and return how many bytes that were."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
