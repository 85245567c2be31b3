"""What every answer says to the browser, and how much a request may carry."""

import re

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Nothing inline, nothing from elsewhere, never in a frame.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_HSTS = "max-age=31536000"
_LARGEST_BODY = 64 * 1024
#: Where files come, as bytes of a form or as base64 in JSON: a list or catalogue of 1 MiB, the photo of a slip of
#: 2 MiB, a file of the register or of approvals of 4 MiB. Records of approvals are kept, in at most as much.
_LARGER_BODIES = {
    **dict.fromkeys(("/caps/import", "/api/v1/caps/previews", "/api/v1/caps/lists"), 1536 * 1024),
    "/inspections/items/import": 1536 * 1024,
    "/api/v1/items/drafts": 1536 * 1024,
    "/caps/purchases": 2304 * 1024,
    **dict.fromkeys(("/registry/import", "/registry/approvals/import"), 4608 * 1024),
    "/api/v1/approvals": 3584 * 1024,
    **dict.fromkeys(("/api/v1/registry/previews", "/api/v1/registry/imports"), 6144 * 1024),
    "/api/v1/purchases": 3072 * 1024,
}
#: Where photos of an alert come: three of the largest a phone takes, with the step they belong to.
_OF_PHOTOS = re.compile(r"^(/api/v1)?/alerts/\d+/(attach|comment|report_rectified|photos)$")
_PHOTOS = 37 * 1024 * 1024
#: Where a file is compared with a report that was issued: the largest is the city's, as JSON.
_OF_REPORTS = re.compile(r"^/verify/[^/]+$")
_REPORT = 16 * 1024 * 1024
_TOO_LARGE = 413


class SecurityHeaders:
    """ASGI middleware: the headers above on every answer; what is not static is not kept by caches."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
                if self._secure:
                    headers["strict-transport-security"] = _HSTS
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """ASGI middleware: our forms are small, and so is every honest request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse one that carries too much."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = _most_of(scope["path"])
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > most:
            await PlainTextResponse("the request is too large", _TOO_LARGE)(scope, receive, send)
            return
        await self._app(scope, _counted(receive, most), send)


def _most_of(path: str) -> int:
    if _OF_PHOTOS.match(path):
        return _PHOTOS
    return _REPORT if _OF_REPORTS.match(path) else _LARGER_BODIES.get(path, _LARGEST_BODY)


def _counted(receive: Receive, most: int) -> Receive:
    """A body that was not announced is cut off as if the sender had gone."""
    taken = 0

    async def receive_counted() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > most:
                return {"type": "http.disconnect"}
        return message

    return receive_counted
