"""Which port an address means."""

from edge_agent.config.addresses import LISTEN_PREFIX, RFC2217_PREFIX, TCP_PREFIX
from edge_agent.drivers.protocol import SerialSettings
from edge_agent.ports.listening_port import ListeningPort
from edge_agent.ports.port import Port
from edge_agent.ports.rfc2217_port import Rfc2217Port
from edge_agent.ports.serial_port import SerialPort
from edge_agent.ports.tcp_port import TcpPort


def open_port(address: str, settings: SerialSettings) -> Port:
    """Open a serial device, or begin to connect to, or listen on, what the address names. Never waits.

    The settings are for a serial line, here or at a device server that speaks RFC 2217. Raise OSError where it cannot
    be opened, ValueError for an address or settings that cannot be.
    """
    if address.startswith(TCP_PREFIX):
        return TcpPort(address)
    if address.startswith(LISTEN_PREFIX):
        return ListeningPort(address)
    if address.startswith(RFC2217_PREFIX):
        return Rfc2217Port(address, settings)
    return SerialPort(address, settings)
