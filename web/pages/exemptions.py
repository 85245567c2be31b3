"""Who may price freely for a time, by which document: the list, one granted, one revoked."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, exemptions, registry
from domain.errors import IllegalTransition, NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from pricing import exempting
from pricing.exempting import Grant
from web.access import Permission, Viewer
from web.pages.purchases import OFFERED
from web.price_scopes import optional_day, required_day
from web.signed_in import EditsCaps, SeesCaps
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422

_Text = Annotated[str, Form(max_length=200)]


@router.get("/caps/exemptions")
def exempt_vendors(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesCaps,
    market: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """Every exemption of the visible markets, the one granted last first."""
    return _page(request, running, conn, now, viewer, market)


@router.post("/caps/exemptions")
def grant_exemption(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    market: _Text = "",
    vendor: _Text = "",
    first_day: _Text = "",
    last_day: _Text = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
    document_no: _Text = "",
) -> Response:
    """Exempt a vendor on whole days of the market."""
    try:
        grant = Grant(
            market_id=MarketId(market),
            vendor_id=VendorId(vendor.strip()),
            first_day=required_day(first_day),
            last_day=optional_day(last_day),
            reason=reason,
            document_no=document_no,
        )
        exempting.grant(conn, grant, by=viewer.username, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _page(request, running, conn, now, viewer, "", refusal=error)
    return RedirectResponse("/caps/exemptions", _SEE_OTHER)


@router.post("/caps/exemptions/{exemption_id}/revoke")
def revoke_exemption(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    exemption_id: int,
    because: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """End an exemption now."""
    try:
        exempting.revoke(conn, exemption_id, by=viewer.username, at=now, because=because)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _page(request, running, conn, now, viewer, "", refusal=error)
    return RedirectResponse("/caps/exemptions", _SEE_OTHER)


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    now: Now,
    viewer: Viewer,
    market: str,
    *,
    refusal: RuleViolation | None = None,
) -> HTMLResponse:
    found = exemptions.listed(conn, market_id=viewer.narrow(MarketId(market) if market else None))
    markets = registry.markets(conn)
    may_edit = viewer.may(Permission.EDIT_CAPS)
    status = 200 if refusal is None else _CONFLICT if isinstance(refusal, IllegalTransition) else _UNPROCESSABLE
    return running.renderer.page(
        request,
        "exemptions.html",
        viewer=viewer,
        status=status,
        exemptions=found,
        now=now,
        market=market,
        markets=markets if viewer.scope is None else [],
        market_names={one.market_id: one.name for one in markets},
        timezones={one.market_id: one.timezone for one in markets},
        vendors=registry.vendors(conn, viewer.scope, now)[:OFFERED] if may_edit else [],
        may_edit=may_edit,
        people=alert_pages.display_names(
            conn, {name for one in found for name in (one.granted_by, one.revoked_by) if name}
        ),
        refusal=refusal,
    )
