"""A TCP port that a scale connects to by itself (price-computing network scales register with a server)."""

import select
import socket
from typing import Final

import structlog

from edge_agent.config.addresses import LISTEN_PREFIX, tcp_target
from edge_agent.ports.port import READ_BYTES, PeerReplaced
from edge_agent.ports.tcp_port import notice_vanished_peers

_BACKLOG: Final = 4

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.ports")


class ListeningPort:
    """One scale a port. A scale that connects anew takes its old place; another one is turned away, and logged.

    A scale that lost its power left a connection that nobody closed. So a second connection from the same host is
    taken for the scale that came back. One from another host is a scale set to the wrong port.
    """

    def __init__(self, address: str) -> None:
        """Listen on `tcp-listen://host:port`. Raise OSError, or ValueError where that is no address."""
        host, port = tcp_target(address, prefix=LISTEN_PREFIX)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._server = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        self._server.setblocking(False)
        self._scale: socket.socket | None = None
        self._host = ""
        # What a selector watches has to stay one descriptor, whoever is connected: an epoll is one for them all.
        self._epoll = select.epoll()
        self._epoll.register(self._server.fileno(), select.EPOLLIN)

    def fileno(self) -> int:
        """Return what a selector watches."""
        return self._epoll.fileno()

    def read(self) -> bytes:
        """Return what is there. Raise PeerReplaced where the scale went, or came back by another connection."""
        self._accept()
        if self._scale is None:
            return b""
        try:
            data = self._scale.recv(READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            self._hang_up()
            raise PeerReplaced(f"the scale's connection is lost: {error}") from error
        if not data:
            self._hang_up()
            raise PeerReplaced("the scale closed its connection")
        return data

    def write(self, data: bytes) -> bool:
        """Send a few bytes, and say whether the line took them all; a connection that is gone shows in `read`."""
        if self._scale is None:
            return False
        try:
            return self._scale.send(data) == len(data)
        except OSError:
            return False

    def close(self) -> None:
        """Hang up and listen no more."""
        self._hang_up()
        self._epoll.close()
        self._server.close()

    def _accept(self) -> None:
        try:
            connection, address = self._server.accept()
        except OSError:  # nobody there (any more)
            return
        host = str(address[0])
        had_scale = self._scale is not None
        if had_scale and host != self._host:
            log.warning("scale_turned_away", host=host, served=self._host)
            connection.close()
            return
        self._hang_up()
        connection.setblocking(False)
        notice_vanished_peers(connection)
        self._scale, self._host = connection, host
        self._epoll.register(connection.fileno(), select.EPOLLIN)
        log.info("scale_connected", host=host)
        if had_scale:
            raise PeerReplaced("the scale connected anew")

    def _hang_up(self) -> None:
        if self._scale is not None:
            self._epoll.unregister(self._scale.fileno())
            self._scale.close()
            self._scale = None
