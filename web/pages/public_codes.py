"""The code of a vendor's public page, for the market: the card to print, and another code in its place."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from db import public_codes, public_pages
from db.register import markets, vendors
from domain.errors import NotFound
from domain.ids import MarketId, VendorId
from domain.register.public_names import public_name
from supervision.register.public_codes import issue, issue_for_all
from web.access import Viewer
from web.formats import segment
from web.public_addresses import public_address, qr_path
from web.signed_in import IssuesVendorCodes
from web.state import Db, Now, Running

router = APIRouter(include_in_schema=False)

_SEE_OTHER = 303


@router.get("/vendors/{market_id}/{vendor_id}/public-code")
def card(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: IssuesVendorCodes,
    market_id: MarketId,
    vendor_id: VendorId,
) -> HTMLResponse:
    """The card for the stall, as large as a sheet of A6."""
    _require_seen(viewer, market_id)
    market, vendor = markets.one(conn, market_id), vendors.one(conn, market_id, vendor_id)
    if market is None or vendor is None:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id}")
    code = public_codes.of_vendor(conn, market_id, vendor_id)
    return running.renderer.page(
        request,
        "public_code.html",
        viewer=viewer,
        market=market,
        vendor=vendor,
        name=public_name(vendor.identity),
        stalls=public_pages.stalls_of(conn, market_id, vendor_id, now),
        code=code,
        address=None if code is None else public_address(request, running, "public_vendor", code=code.code),
    )


@router.post("/vendors/{market_id}/{vendor_id}/public-code")
def issue_anew(conn: Db, now: Now, viewer: IssuesVendorCodes, market_id: MarketId, vendor_id: VendorId) -> Response:
    """Give the vendor a code; the one before says from then on that it was replaced."""
    _require_seen(viewer, market_id)
    with conn.transaction():
        issue(conn, market_id, vendor_id, by=viewer.username, at=now)
    return RedirectResponse(f"/vendors/{segment(market_id)}/{segment(vendor_id)}/public-code", _SEE_OTHER)


@router.get("/registry/markets/{market_id}/public-codes")
def cards(
    request: Request, running: Running, conn: Db, now: Now, viewer: IssuesVendorCodes, market_id: MarketId
) -> HTMLResponse:
    """The cards of everybody who has a stall of the market, to be printed at once."""
    _require_seen(viewer, market_id)
    market = markets.one(conn, market_id)
    if market is None:
        raise NotFound(f"there is no market {market_id}")
    codes = public_codes.of_market(conn, market_id)
    there = public_pages.stallholders(conn, market_id, now)
    shown = []
    for one in there:
        if one.vendor_id in codes:
            address = public_address(request, running, "public_vendor", code=codes[one.vendor_id].code)
            shown.append((public_name(one.identity), one.stalls, address, qr_path(address)))
    return running.renderer.page(
        request, "public_codes.html", viewer=viewer, market=market, cards=shown, without=len(there) - len(shown)
    )


@router.post("/registry/markets/{market_id}/public-codes")
def issue_those_missing(conn: Db, now: Now, viewer: IssuesVendorCodes, market_id: MarketId) -> Response:
    """Give a code to every vendor with a stall who has none; nobody's code is replaced."""
    _require_seen(viewer, market_id)
    with conn.transaction():
        issue_for_all(conn, market_id, by=viewer.username, at=now)
    return RedirectResponse(f"/registry/markets/{segment(market_id)}/public-codes", _SEE_OTHER)


def _require_seen(viewer: Viewer, market_id: MarketId) -> None:
    if not viewer.sees(market_id):
        raise NotFound(f"there is no market {market_id} that you may see")
