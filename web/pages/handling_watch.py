"""How alerts are handled, for the regulator: by market and person."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from db import alert_pages, registry
from domain.ids import MarketId
from web.handling_watch import handling_watched
from web.signed_in import SeesHandling
from web.state import Db, Now, Running

router = APIRouter(include_in_schema=False)


@router.get("/handling")
def handling(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesHandling,
    first: Annotated[date | None, Query()] = None,
    last: Annotated[date | None, Query()] = None,
    market: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """Who confirmed and dismissed how much, how soon, and with what evidence; what is out of the ordinary is marked."""
    policy = running.config.supervision_policy
    asked = viewer.narrow(MarketId(market) if market else None)
    found = handling_watched(conn, asked, first=first, last=last, policy=policy.watch, now=now)
    actors = {person.handled.actor for one in found.markets for person in one.people}
    return running.renderer.page(
        request,
        "handling.html",
        viewer=viewer,
        found=found,
        markets=registry.markets(conn),
        market=market,
        people=alert_pages.display_names(conn, actors),
        policy=policy.watch,
        version=policy.version,
    )
