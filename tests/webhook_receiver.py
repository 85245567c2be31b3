"""A real HTTP server that takes webhooks, or does what servers do to those who call them."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came, and how it answers: `statuses` one after the other, then `status`, with `said` in the body.

    `behaviour` is for bad manners. `decide`, where there is one, says status and text instead; None: it hangs up.
    """

    url: str = ""
    status: int = 200
    statuses: list[int] = field(default_factory=list)
    said: str = "好的!"
    behaviour: str = ""
    decide: Callable[[Received], tuple[int, str] | None] | None = None
    received: list[Received] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["content-length"]))
        receiver.received.append(
            Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        )
        if receiver.behaviour == "silent":
            receiver.released.wait(30)
            return
        if receiver.behaviour == "dribble":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not receiver.released.is_set():
                try:
                    self.wfile.write(b"X-Slow: 1\r\n")
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.05)
            return
        if receiver.behaviour == "garbage":
            self.wfile.write(b"\x00\x01 not http at all\r\n\r\n")
            return
        status = receiver.statuses.pop(0) if receiver.statuses else receiver.status
        said = receiver.said
        if receiver.decide is not None:
            decided = receiver.decide(receiver.received[-1])
            if decided is None:
                return
            status, said = decided
        self.send_response(status)
        if receiver.behaviour == "redirect":
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(said.encode())))
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver

    def handle_error(self, request: object, client_address: object) -> None:
        """Who goes away in the middle is what these tests are about."""


@contextmanager
def receiving(behaviour: str = "", status: int = 200, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Take webhooks on a free port of loopback."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.receiver = Receiver(behaviour=behaviour, status=status)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.receiver.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}/hook?market=1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.receiver
    finally:
        server.receiver.released.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
