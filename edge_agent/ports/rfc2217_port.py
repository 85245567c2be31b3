"""The serial line of a device server that lets itself be set over the network (RFC 2217)."""

import select
import time
from typing import Final

from edge_agent.config.addresses import RFC2217_PREFIX, TCP_PREFIX
from edge_agent.drivers.protocol import SerialSettings
from edge_agent.ports.rfc2217 import Rfc2217Session
from edge_agent.ports.tcp_port import TcpPort

_NEGOTIATION_S: Final = 10.0
_MAX_OUTGOING: Final = 4096  # as for a serial line: what a server does not take is not kept without end


class Rfc2217Port:
    """Connecting and agreeing on the settings go on in the background; until then nothing is read, and writes fail."""

    def __init__(self, address: str, settings: SerialSettings) -> None:
        """Begin to connect to `rfc2217://host:port`. Raise OSError, or ValueError where that is no address."""
        self._tcp = TcpPort(TCP_PREFIX + address.removeprefix(RFC2217_PREFIX))
        self._session = Rfc2217Session(settings)
        self._agreed_by = time.monotonic() + _NEGOTIATION_S
        # The loop that watches us only waits for something to read. An epoll is that when the socket can be written.
        self._epoll = select.epoll()
        self._epoll.register(self._tcp.fileno(), select.EPOLLIN | select.EPOLLOUT)

    def fileno(self) -> int:
        """Return what a selector watches."""
        return self._epoll.fileno()

    def read(self) -> bytes:
        """Return what the serial line brought. Raise OSError where the server refused us, the settings, or closed."""
        received = self._tcp.read()
        data = self._session.receive(received)
        self._send()
        self._check_time()
        return data

    def write(self, data: bytes) -> bool:
        """Send a few bytes, and say whether they are on their way."""
        self._check_time()
        if not self._session.is_ready or len(self._session.outgoing) + len(data) > _MAX_OUTGOING:
            return False
        self._session.write(data)
        self._send()
        return True

    def close(self) -> None:
        """Close the connection."""
        self._epoll.close()
        self._tcp.close()

    def _send(self) -> None:
        outgoing = self._session.outgoing
        if outgoing:
            del outgoing[: self._tcp.write_some(bytes(outgoing))]
        self._epoll.modify(self._tcp.fileno(), select.EPOLLIN | (select.EPOLLOUT if outgoing else 0))

    def _check_time(self) -> None:
        if not self._session.is_ready and time.monotonic() > self._agreed_by:
            raise TimeoutError("the device server did not agree on RFC 2217; a plain tcp:// port may be what it has")
