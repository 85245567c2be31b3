"""HTTP on loopback: GET /state says what is on a simulated scale, POST /state changes it."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from domain.errors import BadFile
from simulators.device import DeviceState
from simulators.one_scale.state_requests import MOST_BODY_BYTES, parse_request
from simulators.one_scale.steps import Deed

LOOPBACK: Final = "127.0.0.1"
_PATH: Final = "/state"
_CLIENT_TIMEOUT_S: Final = 10.0


class _Server(ThreadingHTTPServer):
    def __init__(self, port: int, look: Callable[[], DeviceState], do: Callable[[Sequence[Deed]], DeviceState]) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.look, self.do = look, do


class _Handler(BaseHTTPRequestHandler):
    timeout = _CLIENT_TIMEOUT_S
    server: _Server

    def do_GET(self) -> None:
        if self._is_found():
            self._answer(HTTPStatus.OK, asdict(self.server.look()))

    def do_POST(self) -> None:
        if not self._is_found():
            return
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > MOST_BODY_BYTES:
            self.close_connection = True
            expected = f"a Content-Length of at most {MOST_BODY_BYTES}"
            self._refuse(HTTPStatus.BAD_REQUEST, f"body: its length is {length!r}; expected {expected}")
            return
        try:
            state = self.server.do(parse_request(self.rfile.read(int(length))))
        except BadFile as error:
            self._refuse(HTTPStatus.BAD_REQUEST, *error.problems)
        except ValueError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        else:
            self._answer(HTTPStatus.OK, asdict(state))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Standard error is for the person at the scale."""

    def _is_found(self) -> bool:
        if self.headers.get("Origin") is not None:
            self._refuse(HTTPStatus.FORBIDDEN, "web pages may not change a scale")
        elif self.path != _PATH:
            self._refuse(HTTPStatus.NOT_FOUND, f"{self.path} is not there; expected {_PATH}")
        else:
            return True
        return False

    def _refuse(self, status: HTTPStatus, *problems: str) -> None:
        self._answer(status, {"problems": list(problems)})

    def _answer(self, status: HTTPStatus, content: object) -> None:
        body = json.dumps(content, ensure_ascii=False).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving_state(
    port: int, look: Callable[[], DeviceState], do: Callable[[Sequence[Deed]], DeviceState]
) -> Iterator[int]:
    """Serve for the length of the block; yield the port (0 takes a free one). Raise OSError where it is taken.

    `look` and `do` are called from the server's threads; `do` raises ValueError for what the scale cannot do.
    """
    server = _Server(port, look, do)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="state-http")
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
