"""A manager's page without a screen: told of a change by the stream, it fetches the list, as the page's script does."""

import http.client
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A list that was asked for at one moment and was there at another: it shows all that was committed before it."""

    asked_at: datetime
    there_at: datetime


@dataclass(slots=True)
class PageWatch:
    """Fetches until told to stop. `failure`: why it ended before."""

    host: str
    port: int
    token: str
    fetched: list[Fetched] = field(default_factory=list)
    failure: str | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _is_open: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Open the stream, and return when it is."""
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)
        self._thread.start()
        self._is_open.wait(_TIMEOUT_S)

    def stop(self) -> None:
        """Fetch no more. The stream's thread ends with its next ping, or with the process."""
        self._stop.set()

    def _run(self) -> None:
        try:
            stream = self._get(self._connection(), "/alerts/stream")
            pages = self._connection()
            self._is_open.set()
            for line in stream:
                if self._stop.is_set():
                    return
                if line.strip() == b"event: alerts":
                    asked_at = datetime.now(UTC)
                    self._get(pages, "/alerts/list?show=open").read()
                    self.fetched.append(Fetched(asked_at, datetime.now(UTC)))
        except (OSError, http.client.HTTPException) as error:
            if not self._stop.is_set():
                self.failure = f"{type(error).__name__}: {error}"
            self._is_open.set()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.port, timeout=_TIMEOUT_S)

    def _get(self, connection: http.client.HTTPConnection, path: str) -> http.client.HTTPResponse:
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
        response = connection.getresponse()
        if response.status != http.HTTPStatus.OK:
            raise http.client.HTTPException(f"GET {path} gave {response.status}")
        return response

    def wait_for(self, moment: datetime, timeout_s: float) -> None:
        """Wait until a list was asked for after a moment, so that it shows all that was committed until then."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and not (self.fetched and self.fetched[-1].asked_at >= moment):
            time.sleep(0.05)
