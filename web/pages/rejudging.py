"""What is judged again: why, how far it is, and what it came to."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from db import registry, rejudging
from web.held_filter import DEFAULT_TIMEZONE
from web.signed_in import SeesCaps
from web.state import Db, Running

router = APIRouter(include_in_schema=False)

_SHOWN: Final = 50


@router.get("/caps/rejudging")
def judged_again(request: Request, running: Running, conn: Db, viewer: SeesCaps) -> HTMLResponse:
    """The newest requests that touch what the viewer sees; the page keeps itself up to date while one is going on."""
    markets = [one for one in registry.markets(conn) if viewer.scope in (None, one.market_id)]
    return running.renderer.page(
        request,
        "rejudging.html",
        viewer=viewer,
        rejudgements=rejudging.recent(conn, viewer.scope, limit=_SHOWN),
        timezone=markets[0].timezone if markets else DEFAULT_TIMEZONE,
    )
