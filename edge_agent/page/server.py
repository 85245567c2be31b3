"""The local page's server: reads the board, answers browsers, and can change nothing.

Everything is bounded: connections, watchers, the wait for each read and write. Who calls us by a name that is not
ours is refused: no page of elsewhere may read this one through a name that it points here (DNS rebinding).
"""

import ipaddress
import json
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from domain.errors import Unavailable
from domain.ids import MarketId, ScaleId
from edge_agent.config.page_config import PageConfig
from edge_agent.page import html
from edge_agent.page.board import Board, Sight
from edge_agent.page.shown import Texts, texts
from edge_agent.page.tickets import qr_code, ticket_address
from edge_agent.page.words import Language, pick, say

BEAT_S: Final = 2.0  # page.js gives up on the gateway after three of them
_PACE_S: Final = 0.05  # a screen is told at most 20 times a second; what came meanwhile is told at once then
_LOOK_S: Final = 0.5
_SLOWEST_REQUEST_S: Final = 10.0
_SPARE_CONNECTIONS: Final = 32
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_STATIC: Final = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_HTML: Final = "text/html; charset=utf-8"
_PLAIN: Final = "text/plain; charset=utf-8"

log: structlog.stdlib.BoundLogger = structlog.get_logger("edge_agent.page")


class PageServer:
    """Started once, stopped once. Raises Unavailable where the address cannot be listened on."""

    def __init__(self, config: PageConfig, market_id: MarketId, board: Board) -> None:
        self._config = config
        try:
            self._server = _Server(config, market_id, board)
        except OSError as error:
            raise Unavailable(f"the page cannot listen on {config.host}:{config.port}: {error.strerror}") from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="edge-page", args=(0.2,))

    @property
    def port(self) -> int:
        """The port it listens on; of its own choosing where the configuration says 0."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()
        log.info("page_open", host=self._config.host, port=self.port)

    def stop(self) -> None:
        """End every answer, and the server."""
        self._server.is_ending.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


@dataclass(frozen=True, slots=True)
class _Request:
    path: tuple[str, ...]
    language: Language


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 32

    def __init__(self, config: PageConfig, market_id: MarketId, board: Board) -> None:
        self.config, self.market_id, self.board = config, market_id, board
        self.is_ending = threading.Event()
        self.watchers = threading.BoundedSemaphore(config.max_watchers)
        self._connections = threading.BoundedSemaphore(config.max_watchers + _SPARE_CONNECTIONS)
        if ":" in config.host:
            self.address_family = socket.AF_INET6
        super().__init__((config.host, config.port), _Handler)

    @cached_property
    def static(self) -> Mapping[str, bytes]:
        """The files beside this one, read once."""
        folder = files("edge_agent") / "page" / "static"
        return {name: (folder / name).read_bytes() for name in _STATIC}

    def server_bind(self) -> None:
        """Bind without asking the resolver what this machine is called, which may take seconds offline."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.config.host, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, or not at all where there are too many."""
        if not self._connections.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._connections.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room for another."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the library's shape
        """A browser that went away is no news; anything else is a bug of ours, told with its cause."""
        log.error("page_failed", client=str(client_address), exc_info=sys.exc_info())

    def is_ours(self, host: str) -> bool:
        """Say whether a browser that calls us this means us: an address, this machine, or a name we were given."""
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        if name == "localhost" or name in self.config.hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SLOWEST_REQUEST_S  # for each read and write; a screen that takes nothing for so long is gone
    server_version, sys_version = "steelyard", ""

    def handle(self) -> None:
        """Answer one request; a browser may go away at any byte of it."""
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def do_GET(self) -> None:
        """Answer a request."""
        try:
            is_ours = self.server.is_ours(self.headers.get("Host", ""))
            request = _read(self.path)
        except ValueError:  # a port or an address that is none
            self._answer(HTTPStatus.BAD_REQUEST, _PLAIN, b"this is no address")
            return
        if not is_ours:
            self._answer(HTTPStatus.MISDIRECTED_REQUEST, _PLAIN, b"this gateway is not called so; see [page] hosts")
            return
        self._route(request)

    def do_HEAD(self) -> None:
        """Answer without the content."""
        self.do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answer what the library refuses by itself, with our headers and without quoting the request."""
        status = HTTPStatus(code)
        self.close_connection = True
        self._answer(status, _PLAIN, status.phrase.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's shape
        """A screen that asks is no news."""

    def _route(self, request: _Request) -> None:
        match request.path:
            case ():
                self._send_html(html.list_page(self._all_scales(request.language), request.language))
            case ("scale", scale_id) if scale_id in self.server.board.scales:
                found = self._texts(ScaleId(scale_id), request.language)
                self._send_html(html.scale_page(ScaleId(scale_id), found, request.language))
            case ("scale", scale_id, "events") if scale_id in self.server.board.scales:
                self._watch(ScaleId(scale_id), request.language)
            case ("scale", scale_id, "ticket.svg") if scale_id in self.server.board.scales:
                self._send_ticket(ScaleId(scale_id), request.language)
            case ("static", name) if name in _STATIC:
                self._answer(HTTPStatus.OK, _STATIC[name], self.server.static[name])
            case _:
                self._not_found(request.language)

    def _all_scales(self, language: Language) -> list[tuple[ScaleId, Texts]]:
        return [(scale_id, self._texts(scale_id, language)) for scale_id in self.server.board.scales]

    def _texts(self, scale_id: ScaleId, language: Language, sight: Sight | None = None) -> Texts:
        board, config = self.server.board, self.server.config
        sight = sight or board.sight(scale_id)
        found = texts(scale_id, sight.view, sight.placard, board.clock(), language, config.timezone)
        return found if config.ticket_url else found | {"ticket": ""}

    def _send_ticket(self, scale_id: ScaleId, language: Language) -> None:
        view = self.server.board.sight(scale_id).view
        template = self.server.config.ticket_url
        if view is None or view.recorded is None or not template:
            self._not_found(language)
            return
        address = ticket_address(template, self.server.market_id, scale_id, view.recorded)
        self._answer(HTTPStatus.OK, "image/svg+xml", qr_code(address))

    def _watch(self, scale_id: ScaleId, language: Language) -> None:
        if self.command == "HEAD":
            self._begin(HTTPStatus.OK, "text/event-stream")
            return
        if not self.server.watchers.acquire(blocking=False):
            words = say(language, "busy").encode()
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, _PLAIN, words, {"Retry-After": "10"})
            return
        try:
            self._begin(HTTPStatus.OK, "text/event-stream")
            self._tell(scale_id, language)
        finally:
            self.server.watchers.release()

    def _tell(self, scale_id: ScaleId, language: Language) -> None:
        """Tell a screen what changes, and that we are there, until one of us ends."""
        board, told, told_at = self.server.board, None, 0.0
        sight = board.sight(scale_id)
        while not self.server.is_ending.is_set():
            found = self._texts(scale_id, language, sight)
            now = board.clock()
            if found != told:
                self._send_event("texts", json.dumps(found, ensure_ascii=False))
                told, told_at = found, now
            elif now - told_at >= BEAT_S:
                self._send_event("beat", "1")
                told_at = now
            self.server.is_ending.wait(_PACE_S)
            sight = board.wait(scale_id, sight.change, _LOOK_S)

    def _send_event(self, name: str, data: str) -> None:
        self.wfile.write(f"event: {name}\ndata: {data}\n\n".encode())
        self.wfile.flush()

    def _send_html(self, page: str) -> None:
        self._answer(HTTPStatus.OK, _HTML, page.encode())

    def _not_found(self, language: Language) -> None:
        self._answer(HTTPStatus.NOT_FOUND, _PLAIN, say(language, "not_found").encode())

    def _answer(
        self, status: HTTPStatus, content_type: str, content: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        self._begin(status, content_type, {"Content-Length": str(len(content)), **(headers or {})})
        if self.command != "HEAD":
            self.wfile.write(content)

    def _begin(self, status: HTTPStatus, content_type: str, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, **_HEADERS, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()


def _read(path: str) -> _Request:
    parts = urlsplit(path)
    levels = tuple(unquote(level) for level in parts.path.strip("/").split("/") if level)
    language = parse_qs(parts.query, max_num_fields=8).get("lang", [""])[0]
    return _Request(levels, pick(language))
