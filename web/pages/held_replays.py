"""Everything that a filter shows is read again: what that means before it is asked for, and how far it is after."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from db import alert_pages, quarantine_replays, registry
from db.registry import Market
from domain.errors import RuleViolation
from domain.ids import MarketId
from web.access import Permission
from web.held_filter import DEFAULT_TIMEZONE, HeldFilter, filter_of_form, held_filter
from web.held_handling import ask_for_many, many_replayed_for, stop_many
from web.signed_in import HandlesQuarantine, SeesQuarantine
from web.state import Db, Now, Running

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422
_LARGEST_ID: Final = 2**63 - 1


@router.get("/quarantine/replays/new")
def what_it_means(
    request: Request,
    running: Running,
    conn: Db,
    viewer: HandlesQuarantine,
    asked: Annotated[HeldFilter, Depends(held_filter)],
) -> HTMLResponse:
    """How many messages would be read again, held for which reasons: looked at before it is asked for."""
    markets = registry.markets(conn)
    where = asked.where(viewer, markets)
    up_to = quarantine_replays.newest(conn)
    meant = quarantine_replays.meant(conn, where, up_to)
    return running.renderer.page(
        request,
        "replay_many.html",
        viewer=viewer,
        asked=asked,
        where=where,
        market=_name(markets, where.market_id),
        timezone=asked.timezone(viewer, markets),
        up_to=up_to,
        meant=sorted(meant.items(), key=lambda one: -one[1]),
        total=sum(meant.values()),
    )


@router.post("/quarantine/replays")
def replay_many(
    conn: Db,
    now: Now,
    viewer: HandlesQuarantine,
    asked: Annotated[HeldFilter, Depends(filter_of_form)],
    up_to: Annotated[int, Form(ge=0, le=_LARGEST_ID)],
) -> Response:
    """Ask for what was looked at and nothing that came since; its page shows how far it is."""
    where = asked.where(viewer, registry.markets(conn))
    try:
        replay_id = ask_for_many(conn, viewer, where, up_to, now)
    except RuleViolation:
        # Dealt with since the page was opened: it says so by its numbers.
        return RedirectResponse(f"/quarantine/replays/new?{asked.query()}", _SEE_OTHER)
    return RedirectResponse(f"/quarantine/replays/{replay_id}", _SEE_OTHER)


@router.get("/quarantine/replays/{replay_id}")
def how_far(request: Request, running: Running, conn: Db, viewer: SeesQuarantine, replay_id: int) -> HTMLResponse:
    """How many were asked for, wait, were accepted, and were refused again."""
    replay = many_replayed_for(conn, viewer, replay_id)
    markets = registry.markets(conn)
    market_id = None if replay.market_id is None else MarketId(replay.market_id)
    return running.renderer.page(
        request,
        "replay_progress.html",
        viewer=viewer,
        replay=replay,
        market=_name(markets, market_id),
        timezone=next((one.timezone for one in markets if one.market_id == market_id), DEFAULT_TIMEZONE),
        people=alert_pages.display_names(conn, {replay.asked_by, replay.stopped_by or ""}),
        may_stop=replay.may_be_stopped and viewer.may(Permission.HANDLE_QUARANTINE),
    )


@router.post("/quarantine/replays/{replay_id}/stop")
def stop_replay(conn: Db, now: Now, viewer: HandlesQuarantine, replay_id: int) -> Response:
    """Reach no further messages; those that are marked already are still read."""
    stop_many(conn, viewer, replay_id, now)
    return RedirectResponse(f"/quarantine/replays/{replay_id}", _SEE_OTHER)


def _name(markets: list[Market], market_id: MarketId | None) -> str | None:
    return next((one.name for one in markets if one.market_id == market_id), market_id)
