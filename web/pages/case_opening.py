"""A regulator opens a case about a vendor for a reason of their own."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import registry
from db.register import vendors
from domain.errors import FieldRefused, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from supervision.alerts.needs import LONGEST_NOTE
from supervision.cases.starting import open_for_reason
from web.access import Viewer
from web.pages.refused_steps import RefusedStep, refused_step
from web.signed_in import HandlesCases
from web.state import Db, Now, Running, Service

router = APIRouter(prefix="/cases", include_in_schema=False)

_SEE_OTHER: Final = 303

_Id = Annotated[str, Form(max_length=64)]


@router.get("/new")
def form(
    request: Request,
    running: Running,
    conn: Db,
    viewer: HandlesCases,
    market: Annotated[str, Query(max_length=64)] = "",
    vendor: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """The form, about the vendor whose file led here."""
    return _page(request, running, conn, viewer, {"market": market, "vendor": vendor, "reason": ""})


@router.post("")
def open_one(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: HandlesCases,
    market: _Id = "",
    vendor: _Id = "",
    reason: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Open a case; refused, what was typed stays."""
    typed = {"market": market.strip(), "vendor": vendor.strip(), "reason": reason}
    try:
        with conn.transaction():
            case_id = _opened(conn, typed, viewer, now)
    except RuleViolation as refused:
        return _page(request, running, conn, viewer, typed, refused=refused_step(refused))
    return RedirectResponse(f"/cases/{case_id}", _SEE_OTHER)


def _opened(conn: Connection, typed: dict[str, str], viewer: Viewer, now: Now) -> int:
    market_id, vendor_id = MarketId(typed["market"]), VendorId(typed["vendor"])
    try:
        return open_for_reason(conn, market_id, vendor_id, reason=typed["reason"], by=viewer.actor, now=now)
    except NotFound:
        expected = "the number of a vendor in the market"
        raise FieldRefused("vendor", typed["vendor"], expected, problem="no_such_vendor") from None


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    typed: dict[str, str],
    *,
    refused: RefusedStep | None = None,
) -> HTMLResponse:
    known = vendors.one(conn, MarketId(typed["market"]), VendorId(typed["vendor"]))
    return running.renderer.page(
        request,
        "case_new.html",
        viewer=viewer,
        status=200 if refused is None else refused.status,
        markets=[one for one in registry.markets(conn) if viewer.sees(one.market_id)],
        vendor_name=None if known is None else known.identity.name,
        typed=typed,
        refused=refused,
        longest=LONGEST_NOTE,
    )
