"""What vendors need of a stall, and who may not be neighbours."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from credit.rotation.needing import set_apart, set_needs
from db import alert_pages, registry, rotation_needs
from db.rotation_needs import NewNeeds
from domain.errors import NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from supervision.register import reading
from supervision.register.reading import WrongError
from web.access import Permission, Viewer
from web.signed_in import PlansRotation
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422

_Short = Annotated[str, Form(max_length=100)]
_Reason = Annotated[str, Form(max_length=600)]


@router.get("/rotation/needs")
def needs(
    request: Request,
    running: Running,
    conn: Db,
    viewer: PlansRotation,
    market: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """What is registered of a market, and the forms."""
    return _page(request, running, conn, viewer, market)


@router.post("/rotation/needs")
def say_needs(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansRotation,
    market: _Short = "",
    vendor_id: _Short = "",
    goods_zone: _Short = "",
    needs_tank: _Short = "",
    least_area: _Short = "",
    ground_floor: _Short = "",
    hardship: _Short = "",
    because: _Reason = "",
) -> Response:
    """Say what a vendor needs."""
    market_id = _market(conn, viewer, market)
    typed = {
        "vendor_id": vendor_id,
        "goods_zone": goods_zone,
        "needs_tank": needs_tank,
        "least_area": least_area,
        "ground_floor": ground_floor,
        "hardship": hardship,
        "because": because,
    }
    try:
        new = NewNeeds(
            goods_zone=" ".join(goods_zone.split()),
            needs_tank=bool(needs_tank),
            least_area_dm2=_area(least_area),
            ground_floor=bool(ground_floor),
            hardship=bool(hardship),
            because=because.strip(),
        )
        set_needs(conn, market_id, VendorId(vendor_id.strip()), new, by=viewer.username, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _page(request, running, conn, viewer, market, refusal=error, typed=typed)
    return RedirectResponse(f"/rotation/needs?market={market_id}", _SEE_OTHER)


@router.post("/rotation/apart")
def say_apart(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: PlansRotation,
    market: _Short = "",
    one: _Short = "",
    other: _Short = "",
    holds: _Short = "yes",
    because: _Reason = "",
) -> Response:
    """Say that two may not be neighbours, or may again."""
    market_id = _market(conn, viewer, market)
    try:
        pair = (VendorId(one.strip()), VendorId(other.strip()))
        set_apart(conn, market_id, pair, holds=holds == "yes", because=because, by=viewer.username, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        typed = {"one": one, "other": other, "apart_because": because}
        return _page(request, running, conn, viewer, market, refusal=error, typed=typed)
    return RedirectResponse(f"/rotation/needs?market={market_id}", _SEE_OTHER)


def _area(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        return reading.area_dm2(text)
    except WrongError:
        raise RuleViolation(f"least_area is {text!r}; expected square metres, as 12.5", problem="bad_area") from None


def _market(conn: Connection, viewer: Viewer, market: str) -> MarketId:
    """Return the market asked for, or the only one there is."""
    seen = [one.market_id for one in registry.markets(conn) if viewer.sees(one.market_id)]
    wanted = viewer.narrow(MarketId(market)) if market else (seen[0] if seen else None)
    if wanted not in seen or wanted is None:
        raise NotFound(f"there is no market {market} that you may see")
    return wanted


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    market: str,
    *,
    refusal: RuleViolation | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    market_id = _market(conn, viewer, market)
    known, apart = rotation_needs.needs(conn, market_id), rotation_needs.apart(conn, market_id)
    markets = [one for one in registry.markets(conn) if viewer.sees(one.market_id)]
    return running.renderer.page(
        request,
        "rotation_needs.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        markets=markets,
        market=next(one for one in markets if one.market_id == market_id),
        needs=known,
        apart=apart,
        people=alert_pages.display_names(conn, {one.entered_by for one in known} | {one.entered_by for one in apart}),
        may_plan=viewer.may(Permission.PLAN_ROTATION),
        refusal=refusal,
        typed=typed or {},
    )
