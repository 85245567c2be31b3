"""Looking whether a broker can be reached again, without giving up the connection to the one that stands in for it."""

import socket
import threading
from collections.abc import Callable
from typing import Final

import structlog

from domain.errors import Unavailable
from edge_agent.config.broker_config import BrokerAddress
from edge_agent.link.tls import make_context

_TIMEOUT_S: Final = 5.0

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.link.lookout")


class Lookout:
    """One look, in a thread of its own: a network that swallows everything must not hold up what is weighed."""

    def __init__(self, broker: BrokerAddress, done: Callable[[], None]) -> None:
        self._broker, self._done = broker, done
        self._found: bool | None = None
        self._thread = threading.Thread(target=self._look, name="edge-lookout", daemon=True)

    def start(self) -> None:
        """Begin to look; `done` is called at the end."""
        self._thread.start()

    def found(self) -> bool | None:
        """Say whether the broker is there; None while that is not known yet."""
        return self._found

    def _look(self) -> None:
        try:
            _reach(self._broker)
        except (OSError, ValueError, Unavailable) as error:  # ValueError: a host that cannot be looked up
            log.info("preferred_broker_not_there", broker=str(self._broker), problem=str(error))
            self._found = False
        else:
            self._found = True
        self._done()


def _reach(broker: BrokerAddress) -> None:
    """Connect, with TLS where it is asked for, and say nothing."""
    with socket.create_connection((broker.host, broker.port), timeout=_TIMEOUT_S) as line:
        if broker.tls is not None:
            with make_context(broker.tls).wrap_socket(line, server_hostname=broker.host):
                pass
