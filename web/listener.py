"""Hears from the database of one kind of change, over a connection of its own, and passes it on."""

import logging
import threading

from db import changes
from domain.errors import Unavailable
from web.hub import Hub, Signal

_LISTEN_S = 5.0
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0

_LOG = logging.getLogger("steelyard.web")


class ChangeListener:
    """A thread that listens for one kind of change and, when the connection breaks, connects again."""

    def __init__(self, url: str, hub: Hub, change: changes.Change) -> None:
        self._url = url
        self._hub = hub
        self._change = change
        self._stopping = threading.Event()
        self._ear: changes.Ear | None = None
        self._thread = threading.Thread(target=self._run, name=f"{change}-listener", daemon=True)

    def start(self) -> None:
        """Start listening."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait until it has."""
        self._stopping.set()
        if self._ear is not None:
            self._ear.rouse()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while not self._stopping.is_set():
            try:
                with changes.listen(self._url, self._change) as ear:
                    self._ear = ear
                    # What changed while nobody listened is unknown, so everybody looks again.
                    self._hub.tell_from_thread(Signal.CHANGED)
                    pause_s = _FIRST_PAUSE_S
                    self._pass_on(ear)
            except Unavailable as error:
                _LOG.warning("%s listener: %s; next try in %.1f s", self._change, error, pause_s)
                self._hub.tell_from_thread(Signal.AWAY)
                self._stopping.wait(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _pass_on(self, ear: changes.Ear) -> None:
        while not self._stopping.is_set():
            for market_id in ear.hear(_LISTEN_S):
                self._hub.tell_from_thread(Signal.CHANGED, market_id)
