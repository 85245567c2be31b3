"""Mosquitto, where it is installed: the broker of production, with the windows that production gives it."""

import shutil
import threading
from pathlib import Path

from domain.errors import Unavailable
from steelyard.embedded.broker import HOST, wait_for_port
from steelyard.embedded.children import Child, Children

_CONFIG = """\
listener {port} {host}
user {user}
allow_anonymous true
persistence false
set_tcp_nodelay true
max_inflight_messages 0
max_queued_messages 0
"""


def start_mosquitto(children: Children, state: Path, port: int, stop: threading.Event) -> Child:
    """Start a Mosquitto of our own on loopback. Raise Unavailable where there is none, or Stopped."""
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin")
    if program is None:
        raise Unavailable("Mosquitto is not installed here (on Debian: apt-get install mosquitto)")
    config = state / "mosquitto.conf"
    config.write_text(_CONFIG.format(port=port, host=HOST, user=state.owner()), encoding="utf-8")
    child = children.start("mosquitto", program, "-c", str(config))
    wait_for_port(children, HOST, port, stop)
    return child
