"""Runs the service. A page that listens for alerts never ends by itself, so a server that stops tells it to."""

import socket

import uvicorn
from fastapi import FastAPI

from web.state import Service

_GRACE_S = 5


class Server(uvicorn.Server):
    """A server that ends its open streams before it waits for the requests under way."""

    def __init__(self, app: FastAPI, *, host: str, port: int, log_level: str = "warning") -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_level=log_level,
                ws="none",
                timeout_graceful_shutdown=_GRACE_S,
                # Where a request is from is read in web.client_address, from the proxies that were named and no others.
                proxy_headers=False,
            )
        )
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop: streams first, then what is under way, then the service itself."""
        running = getattr(self._app.state, "service", None)
        if isinstance(running, Service):
            running.hub.end()
            running.scales_hub.end()
            running.notices_hub.end()
        await super().shutdown(sockets)
