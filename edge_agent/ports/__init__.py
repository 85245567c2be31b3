"""Ports: serial lines, TCP and RFC 2217. Non-blocking, watched by a file descriptor, opened again after a loss."""

from edge_agent.ports.line import Line
from edge_agent.ports.opening import open_port
from edge_agent.ports.port import PeerReplaced, Port

__all__ = ["Line", "PeerReplaced", "Port", "open_port"]
