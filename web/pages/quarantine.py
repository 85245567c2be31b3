"""What could not be accepted, with the reason."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from db import quarantine, registry
from web.signed_in import SeesQuarantine
from web.state import Db, Running

router = APIRouter(include_in_schema=False)

_DEFAULT_TIMEZONE = "Asia/Shanghai"


@router.get("/quarantine")
def held_messages(request: Request, running: Running, conn: Db, viewer: SeesQuarantine) -> HTMLResponse:
    """The newest held messages."""
    timezones: dict[str, str] = {market.market_id: market.timezone for market in registry.markets(conn)}
    held = quarantine.newest(conn, viewer.scope)
    return running.renderer.page(
        request,
        "quarantine.html",
        viewer=viewer,
        held=[(one, timezones.get(one.market_id or "", _DEFAULT_TIMEZONE)) for one in held],
    )
