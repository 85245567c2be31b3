"""One POST to a stranger's server, with care: the address is looked at before it is connected to, nothing is followed,
little is read, and it is over in time whatever the other side does."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Self

from supervision.notices.addresses import BadAddress, Target, require_public
from supervision.notices.retrying import Outcome, refused

_READ_BYTES: Final = 4096
_GONE: Final = 410
_SUCCESS: Final = range(200, 300)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class HttpPost:
    """How requests are sent.

    `timeout_s`: when an attempt ends; `allow_private`: machines of this network may be sent to, as `setting` of the
    policy says; `tls`: whom we trust; `read_bytes`: how much of an answer is read.
    """

    timeout_s: float
    allow_private: bool
    setting: str
    tls: Callable[[], ssl.SSLContext] = _tls
    read_bytes: int = _READ_BYTES

    def send(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Send and return how it went. Taken is what is answered with a status of 200 to 299; nothing is raised."""
        try:
            return self._send(target, body, headers)
        except BadAddress as error:
            return refused(str(error))
        except TimeoutError:
            return refused(f"no answer within {self.timeout_s:g} s")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return refused(f"{type(error).__name__}: {error}")

    def _send(self, target: Target, body: bytes, headers: Mapping[str, str]) -> Outcome:
        connection = _Connection(target, self)
        watch = _Watch(self.timeout_s, connection)
        try:
            with watch:
                connection.request("POST", target.path, body, {**headers, "Host": target.host_header})
                answer = connection.getresponse()
                said = answer.read(self.read_bytes)
        except (OSError, http.client.HTTPException, ValueError):
            if watch.is_over:
                raise TimeoutError from None
            raise
        finally:
            connection.close()
        if watch.is_over:
            # What was cut off looks like a short answer.
            raise TimeoutError
        text = said.decode("utf-8", "replace")
        if answer.status in _SUCCESS:
            return Outcome(status=answer.status, said=text)
        return refused(f"answered {answer.status}: {text}", status=answer.status, is_final=answer.status == _GONE)


class _Connection(http.client.HTTPConnection):
    """Connects to an address that was looked at, not to a name that may mean another one the next time."""

    def __init__(self, target: Target, manner: HttpPost) -> None:
        super().__init__(target.host, target.port, timeout=manner.timeout_s)
        self._target, self._manner = target, manner
        self._until = time.monotonic() + manner.timeout_s

    def connect(self) -> None:
        """Connect to the first address that answers; raise BadAddress where one of them is nobody's business."""
        found = socket.getaddrinfo(self._target.host, self._target.port, type=socket.SOCK_STREAM)
        if not self._manner.allow_private:
            for *_, place in found:
                require_public(self._target, str(place[0]), setting=self._manner.setting)
        self.sock = self._first_that_answers([(str(place[0]), int(place[1])) for *_, place in found])
        if self._target.scheme == "https":
            # In two steps: what greets us byte by byte can be cut off as well.
            secured = self._manner.tls().wrap_socket(
                self.sock, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self.sock = secured
            secured.do_handshake()

    def _first_that_answers(self, places: list[tuple[str, int]]) -> socket.socket:
        problem: OSError = OSError(f"{self._target.host} has no address")
        for place in dict.fromkeys(places):
            try:
                return socket.create_connection(place, max(0.001, self._until - time.monotonic()))
            except OSError as error:
                problem = error
        raise problem


class _Watch:
    """Cuts a connection off when its time is over: a server that sends a byte now and then would hold it for ever."""

    def __init__(self, timeout_s: float, connection: http.client.HTTPConnection) -> None:
        self._timer = threading.Timer(timeout_s, self._cut)
        self._timer.daemon = True
        self._connection = connection
        self.is_over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        self.is_over = True
        held = self._connection.sock
        if held is not None:
            _quietly(lambda: held.shutdown(socket.SHUT_RDWR))


def _quietly(act: Callable[[], None]) -> None:
    try:
        act()
    except OSError:
        return  # it is closed already, which is what was wanted
