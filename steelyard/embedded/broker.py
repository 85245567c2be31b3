"""The embedded MQTT 5 broker: rumqttd out of the iotcore wheel, on loopback."""

import socket
import sys
import threading
import time
from pathlib import Path

from domain.errors import Unavailable
from messages.limits import MAX_PAYLOAD_BYTES
from steelyard.embedded.children import Child, Children
from steelyard.stopping import wait_or_stop

HOST = "127.0.0.1"
_START_WAIT_S = 20.0
_ENVELOPE_BYTES = 1024  # topic and properties around the largest payload

_CONFIG = """\
id = 0
[router]
id = 0
max_connections = 10010
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10
[v5.1]
name = "steelyard"
listen = "{host}:{port}"
next_connection_delay_ms = 1
    [v5.1.connections]
    connection_timeout_ms = 60000
    max_payload_size = {max_payload_size}
    max_inflight_count = 2000
    dynamic_filters = true
"""


def start_broker(children: Children, state: Path, port: int, stop: threading.Event) -> Child:
    """Start the broker and wait until it takes connections. Raise Unavailable where it does not, or Stopped."""
    config = state / "broker.toml"
    config.write_text(_CONFIG.format(host=HOST, port=port, max_payload_size=MAX_PAYLOAD_BYTES + _ENVELOPE_BYTES))
    child = children.start(
        "broker", sys.executable, "-m", "iotcore", "--config", str(config), "--log-level", "CRITICAL"
    )
    wait_for_port(children, HOST, port, stop)
    return child


def wait_for_port(children: Children, host: str, port: int, stop: threading.Event) -> None:
    """Wait until something listens. Raise Unavailable where a child dies or it takes too long, or Stopped."""
    deadline = time.monotonic() + _START_WAIT_S
    while time.monotonic() < deadline:
        children.require_alive()
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            wait_or_stop(stop, 0.05)
        else:
            return
    raise Unavailable(f"nothing listens on {host}:{port} after {_START_WAIT_S:.0f} s")


def free_port() -> int:
    """Return a loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
