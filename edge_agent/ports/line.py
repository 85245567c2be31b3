"""A port that is opened again after every loss."""

import random
from typing import Final

import structlog

from edge_agent.drivers.protocol import SerialSettings
from edge_agent.link.backoff import delay_s
from edge_agent.ports.opening import open_port
from edge_agent.ports.port import PeerReplaced, Port

_REOPEN_FIRST_S: Final = 0.5
_REOPEN_CEILING_S: Final = 15.0

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.ports")


class Line:
    """A port that is opened again, with back-off, whenever it was lost. Times are seconds of a monotonic clock."""

    def __init__(self, address: str, settings: SerialSettings) -> None:
        self.address, self._settings = address, settings
        self.port: Port | None = None
        self.problem = ""  # why it is closed, or was last
        self._still_good: Port | None = None
        self._attempt = 0
        self._next_try_at = 0.0
        self._chance = random.Random().random  # noqa: S311 - jitter, not a secret

    def tend(self, now: float) -> Port | None:
        """Open the port where it is closed and its time has come; return it when it was opened just now."""
        if self._still_good is not None:
            self.port, self._still_good = self._still_good, None
            return self.port
        if self.port is not None or now < self._next_try_at:
            return None
        try:
            self.port = open_port(self.address, self._settings)
        except (OSError, ValueError) as error:  # ValueError: pyserial's too, for a speed the device cannot do
            self._wait(now, error)
            return None
        log.info("port_opened", port=self.address)
        return self.port

    def read(self, now: float) -> bytes | None:
        """Return what is there; None when the port was lost by this.

        A listening port whose scale went or came back counts as lost, and is there again at the next `tend`: so whoever
        uses it forgets what the old connection began.
        """
        if self.port is None:
            return None
        try:
            data = self.port.read()
        except PeerReplaced as word:
            log.info("scale_reconnects", port=self.address, problem=str(word))
            self.port, self._still_good = None, self.port
            return None
        except OSError as error:
            self.lose(now, error)
            return None
        if data:
            self._attempt = 0
        return data

    def lose(self, now: float, error: OSError) -> None:
        """Close the port, to be opened again later."""
        self.close()
        self._wait(now, error)

    def close(self) -> None:
        """Close the port where it is open."""
        for port in (self.port, self._still_good):
            if port is not None:
                port.close()
        self.port = self._still_good = None

    def _wait(self, now: float, error: OSError | ValueError) -> None:
        self.problem = getattr(error, "strerror", None) or str(error)
        if self._attempt == 0:  # once for each loss: a scale that stays off all night must not fill the log
            log.warning("port_lost", port=self.address, problem=self.problem)
        self._next_try_at = now + delay_s(
            self._attempt, first_s=_REOPEN_FIRST_S, ceiling_s=_REOPEN_CEILING_S, chance=self._chance()
        )
        self._attempt += 1
