"""A vendor's public page (企业码): opened by anybody who reads the code at the stall."""

from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse
from psycopg import Connection

from credit.publicity_rules import told_tiers
from credit.vendor_public import VendorPublic, code_of, vendor_public
from db import alert_pages
from db.public_codes import PublicCode
from domain.ids import StallId
from supervision.register.public_codes import tidy
from web.public_addresses import public_address, qr_svg
from web.state import Db, Now, Running, Service
from web.strangers import KEPT_BRIEFLY, NOT_INDEXED, Address, require_few_misses, take_miss, take_public_page
from web.words_of_complaints import VERDICT_SIGNS
from web.words_of_public_pages import VERDICT_IN_SHORT

router = APIRouter(include_in_schema=False)

_NOT_FOUND: Final = 404
_GONE: Final = 410
_Code = Annotated[str, Path(max_length=64)]


@router.get("/q/{code}")
def public_vendor(
    request: Request, running: Running, conn: Db, now: Now, address: Address, code: _Code
) -> HTMLResponse:
    """Who the vendor is, how it stands, at what prices it sells, whether its scales are verified."""
    found = _found(conn, running, address, code, now)
    if found is None or found.ended_at is not None:
        return _not_here(request, running, found)
    config = running.config
    shown = vendor_public(
        conn,
        found.market_id,
        found.vendor_id,
        shipped=config.credit_rules,
        policy=config.supervision_policy,
        now=now,
    )
    page = running.renderer.page(
        request,
        "vendor_public.html",
        shown=shown,
        pinyin=alert_pages.pinyin_of_local_names(conn),
        code=found.code,
        told=told_tiers(shown.rules),
        complaints=_complaints(shown),
        signs=VERDICT_SIGNS,
        verdicts=VERDICT_IN_SHORT,
    )
    page.headers.update(KEPT_BRIEFLY)
    return page


@router.get("/q/{code}/qr.svg")
def public_vendor_qr(request: Request, running: Running, conn: Db, now: Now, address: Address, code: _Code) -> Response:
    """The address of a vendor's public page as a QR code."""
    found = _found(conn, running, address, code, now)
    if found is None or found.ended_at is not None:
        return _not_here(request, running, found)
    drawn = qr_svg(public_address(request, running, "public_vendor", code=found.code))
    return Response(drawn, media_type="image/svg+xml", headers=KEPT_BRIEFLY)


def _found(conn: Connection, running: Service, address: str, text: str, now: datetime) -> PublicCode | None:
    """Return the code of an address. Who asks for many that there are not is held up: nobody tries them all."""
    require_few_misses(conn, running, address, now)
    take_public_page(conn, running, address, now)
    found = code_of(conn, tidy(text))
    if found is None:
        take_miss(conn, running, address, now)
    return found


def _not_here(request: Request, running: Service, found: PublicCode | None) -> HTMLResponse:
    status = _NOT_FOUND if found is None else _GONE
    page = running.renderer.page(request, "vendor_public_not_here.html", status=status, ended=found)
    page.headers.update(NOT_INDEXED)
    return page


def _complaints(shown: VendorPublic) -> list[tuple[StallId | None, str]]:
    """The form of complaints with market and stall filled in, one for each stall; without any, the market alone."""
    market = shown.market.market_id
    if not shown.stalls:
        return [(None, f"/complain?{urlencode({'market': market})}")]
    return [(stall, f"/complain?{urlencode({'market': market, 'stall': stall})}") for stall in shown.stalls]
