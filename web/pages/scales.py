"""Which scales hold the caps in force and which do not; the page of one scale, and its maintenance."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import device_events, maintenance, registry, scale_caps
from db.scale_caps import HeldCaps
from domain.errors import NotFound, RuleViolation
from domain.ids import MarketId, ScaleId
from web.access import Permission, Viewer
from web.signed_in import ActsOnAlerts, SeesCaps
from web.state import Db, Now, Running, moment

router = APIRouter(include_in_schema=False)

#: Beyond this many the page says "more"; the API has all of them.
_SHOWN: Final = 200
#: Where there are more markets than this, each has a link to its scales.
_MARKETS_LISTED: Final = 4
_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422
_LONGEST_H: Final = 24 * 7


@router.get("/caps/scales")
def who_holds_what(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCaps,
    market: Annotated[str, Query(max_length=64)] = "",
    show: Annotated[HeldCaps | None, Query()] = None,
) -> HTMLResponse:
    """Each visible market with the version it was told to hold, and its scales: the longest outdated first."""
    values = _values(conn, viewer, market, show)
    markets = registry.markets(conn) if viewer.scope is None else []
    return running.renderer.page(request, "scales.html", viewer=viewer, markets=markets, now=now, **values)


@router.get("/caps/scales/list")
def who_holds_what_again(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCaps,
    market: Annotated[str, Query(max_length=64)] = "",
    show: Annotated[HeldCaps | None, Query()] = None,
) -> HTMLResponse:
    """Only what changes, for a page that was told of a change."""
    values = _values(conn, viewer, market, show)
    return running.renderer.page(request, "scale_list.html", viewer=viewer, now=now, **values)


@router.get("/scales/{market_id}/{scale_id}")
def one_scale(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesCaps, market_id: str, scale_id: str
) -> HTMLResponse:
    """What happened to a scale beside weighing, and who works on it by right."""
    return _scale_page(request, running, conn, now, viewer, market_id, scale_id)


@router.post("/scales/{market_id}/{scale_id}/maintenance")
def open_maintenance(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: ActsOnAlerts,
    market_id: str,
    scale_id: str,
    reason: Annotated[str, Form(max_length=500)] = "",
    hours: Annotated[int, Form(ge=1, le=_LONGEST_H)] = 2,
) -> Response:
    """Open a ticket from now on: what is opened and calibrated while it lasts raises no alert."""
    where, scale = _seen(viewer, market_id), ScaleId(scale_id)
    if not reason.strip():
        return _scale_page(request, running, conn, now, viewer, market_id, scale_id, is_refused=True)
    until = now + timedelta(hours=hours)
    opened = maintenance.open_ticket(
        conn, where, scale, until=until, reason=reason.strip(), by=viewer.username, now=now
    )
    if opened is None:
        raise NotFound(f"there is no scale {scale_id} in market {market_id}")
    return RedirectResponse(str(request.url_for("one_scale", market_id=market_id, scale_id=scale_id).path), _SEE_OTHER)


@router.post("/scales/{market_id}/{scale_id}/maintenance/end")
def end_maintenance(
    request: Request, conn: Db, now: Now, viewer: ActsOnAlerts, market_id: str, scale_id: str
) -> Response:
    """The work is done."""
    if not maintenance.end_ticket(conn, _seen(viewer, market_id), ScaleId(scale_id), now):
        raise RuleViolation(f"scale {scale_id} is not under maintenance")
    return RedirectResponse(str(request.url_for("one_scale", market_id=market_id, scale_id=scale_id).path), _SEE_OTHER)


def _seen(viewer: Viewer, market_id: str) -> MarketId:
    seen = viewer.narrow(MarketId(market_id))
    if seen is None:
        raise NotFound("a market is named")
    return seen


def _values(conn: Connection, viewer: Viewer, market: str, show: HeldCaps | None) -> dict[str, Any]:
    scope = viewer.narrow(MarketId(market) if market else None)
    now = moment()
    told = scale_caps.in_force(conn, None if scope is None else [scope], now)
    listed = len(told) <= _MARKETS_LISTED
    return {
        "asked_market": market,
        "show": show,
        "states": list(HeldCaps),
        "told": [
            (
                one,
                scale_caps.scales(conn, one.market_id, now, state=show, limit=_SHOWN) if listed else [],
                _wanted(one, show),
            )
            for one in told
        ],
    }


def _wanted(one: scale_caps.MarketCapVersion, show: HeldCaps | None) -> int:
    """Return how many scales there are of what was asked for."""
    return one.scales if show is None else {"current": one.current, "old": one.old, "silent": one.silent}[show]


def _scale_page(
    request: Request,
    running: Running,
    conn: Connection,
    now: Now,
    viewer: Viewer,
    market_id: str,
    scale_id: str,
    *,
    is_refused: bool = False,
) -> HTMLResponse:
    where, scale = _seen(viewer, market_id), ScaleId(scale_id)
    found = next((one for one in registry.markets(conn) if one.market_id == where), None)
    [binding] = registry.bindings_at(conn, [(where, scale_id, now)])
    if found is None or binding is None:
        raise NotFound(f"there is no scale {scale_id} in market {market_id} that you may see")
    held = next((one for one in scale_caps.scales(conn, where, now, limit=100_000) if one.scale_id == scale), None)
    tickets = maintenance.tickets(conn, where, scale)
    return running.renderer.page(
        request,
        "scale.html",
        viewer=viewer,
        status=_UNPROCESSABLE if is_refused else 200,
        market=found,
        scale_id=scale_id,
        binding=binding,
        held=held,
        events=device_events.of_scale(conn, where, scale),
        tickets=tickets,
        under_maintenance=any(one.since <= now < one.until for one in tickets),
        may_act=viewer.may(Permission.ACT_ON_ALERTS),
        is_refused=is_refused,
    )
