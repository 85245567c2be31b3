"""The stream of an open page. It only says that something changed; the page then fetches what it may see."""

import time
from asyncio import sleep
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from db.pool import translate_absence
from domain.errors import Unavailable
from web.coalescing import due_at
from web.hub import Hub, Signal
from web.sessions import credential_of
from web.signed_in import SeesAlerts, SeesCaps, identify
from web.state import Running, Service, moment

router = APIRouter(include_in_schema=False)

_RETRY_MS = 2000
_PING = b": ping\n\n"


@router.get("/alerts/stream")
def alert_stream(request: Request, running: Running, viewer: SeesAlerts) -> StreamingResponse:
    """Tell an open page of changes in what it sees, for as long as its session lives."""

    return _stream(request, running, viewer.scope, running.hub, Signal.CHANGED)


@router.get("/caps/scales/stream")
def scales_stream(request: Request, running: Running, viewer: SeesCaps) -> StreamingResponse:
    """Tell an open page of changes in what markets are told and scales hold, for as long as its session lives."""
    return _stream(request, running, viewer.scope, running.scales_hub, "scales")


@router.get("/notices/stream")
def notice_stream(request: Request, running: Running, viewer: SeesAlerts) -> StreamingResponse:
    """Tell a person's open pages of what they are told of, for as long as the session lives."""
    return _stream(request, running, viewer.username, running.notices_hub, "notices")


def _stream(request: Request, running: Service, scope: str | None, hub: Hub, named: str) -> StreamingResponse:
    async def is_signed_in() -> bool:
        return await run_in_threadpool(_still_signed_in, request, running)

    return StreamingResponse(
        frames(
            hub,
            scope,
            interval_s=running.config.stream_interval_s,
            ping_s=running.config.ping_s,
            is_signed_in=is_signed_in,
            named=named,
        ),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def frames(
    hub: Hub,
    scope: str | None,
    *,
    interval_s: float,
    ping_s: float,
    is_signed_in: Callable[[], Awaitable[bool]],
    named: str = Signal.CHANGED,
) -> AsyncIterator[bytes]:
    """Yield the bytes of a stream; `named`: what the event of a change is called.

    The first event comes at once: whatever changed between the page and the stream, or while a page that reconnects
    was away, is fetched then. The session is looked at again once a ping interval, however busy it is.
    """
    with hub.subscribe(scope) as reader:
        yield f"retry: {_RETRY_MS}\n\n".encode() + _event(named)
        if not hub.is_live:
            yield _event(Signal.AWAY)
        last_told = last_checked = time.monotonic()
        while True:
            is_told = await reader.wait(ping_s)
            if time.monotonic() - last_checked >= ping_s:
                if not await is_signed_in():
                    return
                last_checked = time.monotonic()
            if not is_told:
                yield _PING
                continue
            await sleep(max(0.0, due_at(last_told, time.monotonic(), interval_s) - time.monotonic()))
            last_told = time.monotonic()
            signal = reader.take()
            if signal is Signal.END:
                return
            yield _event(named if signal in (None, Signal.CHANGED) else signal)


def _event(name: str) -> bytes:
    return f"event: {name}\ndata: {name}\n\n".encode()


def _still_signed_in(request: Request, running: Service) -> bool:
    """While the database is away nobody can be asked; the next look will tell."""
    if credential_of(request, secure=running.config.secure_cookies) is None:
        return False
    try:
        with translate_absence(), running.pool.connection() as conn:
            return identify(request, running, conn, moment()) is not None
    except Unavailable:
        return True
