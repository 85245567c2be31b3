"""A vendor's portrait against its peers, and for each number a page of what it is made of."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from credit.portrait.reading import VendorPortrait, vendor_portrait
from credit.portrait.trend import OF_WEEKS
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from domain.portrait import Axis
from supervision.inspections import vendor_page
from web.access import Viewer
from web.portrait_drawing import RADAR_HEIGHT, RADAR_WIDTH, TREND_HEIGHT, TREND_WIDTH, radar_of, trend_of
from web.portraits import made_of, portrait_for
from web.signed_in import SeesCredit
from web.state import Db, Now, Running, Service
from web.words_of_portraits import SHORT_WORDS

router = APIRouter(include_in_schema=False)


@router.get("/vendors/{market_id}/{vendor_id}/portrait")
def portrait(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesCredit, market_id: MarketId, vendor_id: VendorId
) -> HTMLResponse:
    """The radar, the trend, and a table beside each."""
    shown = portrait_for(conn, viewer, market_id, vendor_id, now=now)
    return _page(request, running, shown, viewer=viewer, code=None)


@router.get("/v/{code}/portrait")
def own_portrait(
    request: Request, running: Running, conn: Db, now: Now, code: Annotated[str, Path(max_length=64)]
) -> HTMLResponse:
    """The same for the vendor itself, who has the code of its own page. Nothing of it leads behind the counter."""
    own = vendor_page.holder(conn, code)
    shown = vendor_portrait(conn, own.market_id, own.vendor_id, now=now)
    return _page(request, running, shown, viewer=None, code=code)


@router.get("/vendors/{market_id}/{vendor_id}/portrait/{axis}")
def portrait_axis(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCredit,
    market_id: MarketId,
    vendor_id: VendorId,
    axis: Axis,
) -> HTMLResponse:
    """What the figure of an axis is made of."""
    shown = portrait_for(conn, viewer, market_id, vendor_id, now=now)
    if shown.portrait is None or shown.made is None:
        raise NotFound(f"vendor {vendor_id} in market {market_id} has no portrait")
    return running.renderer.page(
        request,
        "portrait_axis.html",
        viewer=viewer,
        shown=shown,
        axis=axis,
        figure=shown.portrait.figure(axis),
        days={one.day: one for one in shown.days},
        behind=made_of(conn, axis, shown.portrait, shown.made),
    )


def _page(
    request: Request, running: Service, shown: VendorPortrait, *, viewer: Viewer | None, code: str | None
) -> HTMLResponse:
    found = shown.portrait
    trends = [trend_of(axis, shown.weeks, shown.quartiles) for axis in OF_WEEKS]
    return running.renderer.page(
        request,
        "portrait.html",
        viewer=viewer,
        code=code,
        shown=shown,
        radar=None if found is None else radar_of(found.figures),
        radar_size=(RADAR_WIDTH, RADAR_HEIGHT),
        trends=[one for one in trends if one is not None],
        trend_size=(TREND_WIDTH, TREND_HEIGHT),
        of_weeks=OF_WEEKS,
        short=SHORT_WORDS,
    )
