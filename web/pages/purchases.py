"""What vendors paid by their slips: the list with its filters, one entered, one looked at and decided on."""

from typing import Annotated, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, purchase_records, registry, wholesale
from domain.days import day_of
from domain.errors import IllegalTransition, NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from domain.purchase import PurchaseState
from pricing.purchase_entry import LONGEST_TEXT, BadSlip, Slip
from pricing.slip_photo import LARGEST_PHOTO
from web.access import Permission, Viewer
from web.held_filter import DEFAULT_TIMEZONE
from web.purchase_handling import decide, enter, photo_for, purchase_for, which_of
from web.signed_in import EditsCaps, EntersPurchases, SeesCaps
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50
#: So many vendors are offered while typing; any other is typed.
OFFERED: Final = 500
_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422

_Text = Annotated[str, Form(max_length=200)]


@router.get("/caps/purchases")
def purchases(
    request: Request,
    running: Running,
    conn: Db,
    viewer: SeesCaps,
    state: Annotated[PurchaseState, Query()] = PurchaseState.ENTERED,
    market: Annotated[str, Query(max_length=64)] = "",
    vendor: Annotated[str, Query(max_length=64)] = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> HTMLResponse:
    """The purchases in a state, the one entered last first."""
    which = which_of(viewer, market=market, vendor=vendor.strip(), species="", state=state)
    found = purchase_records.listed(conn, which, before=before, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    asked = {"market": market, "vendor": vendor.strip()}
    return running.renderer.page(
        request,
        "purchases.html",
        viewer=viewer,
        purchases=shown,
        state=state,
        market=market,
        vendor=vendor.strip(),
        tabs=list(purchase_records.counts(conn, which.market_id).items()),
        query=lambda **more: urlencode({k: v for k, v in {"state": state, **asked, **more}.items() if v}),
        older=shown[-1].purchase_id if len(found) > PAGE_SIZE else None,
        before=before,
        markets=registry.markets(conn) if viewer.scope is None else [],
        market_names={one.market_id: one.name for one in registry.markets(conn)},
        timezones={one.market_id: one.timezone for one in registry.markets(conn)},
        people=alert_pages.display_names(conn, {one.entered_by for one in shown}),
        pinyin=alert_pages.pinyin_of_local_names(conn),
    )


@router.get("/caps/purchases/new")
def new_purchase(request: Request, running: Running, conn: Db, now: Now, viewer: EntersPurchases) -> HTMLResponse:
    """The form a slip is entered in."""
    return _form(request, running, conn, now, viewer, None, None)


@router.post("/caps/purchases")
def enter_purchase(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EntersPurchases,
    market: _Text = "",
    vendor: _Text = "",
    species: _Text = "",
    grade: _Text = "",
    purchased_on: _Text = "",
    price: _Text = "",
    unit: _Text = "500g",
    slip_no: _Text = "",
    photo: UploadFile | None = None,
) -> Response:
    """Enter what a slip says. Who sees one market alone enters it there."""
    slip = Slip(
        market_id=viewer.scope or MarketId(market),
        vendor_id=VendorId(vendor.strip()),
        species=species,
        grade=grade,
        purchased_on=day_of(purchased_on),
        price=price,
        unit=unit,
        slip_no=slip_no,
        photo=b"" if photo is None else photo.file.read(LARGEST_PHOTO + 1),
    )
    try:
        purchase_id = enter(conn, viewer, slip, now)
    except BadSlip as error:
        return _form(request, running, conn, now, viewer, slip, error)
    return RedirectResponse(f"/caps/purchases/{purchase_id}", _SEE_OTHER)


@router.get("/caps/purchases/{purchase_id}")
def one_purchase(request: Request, running: Running, conn: Db, viewer: SeesCaps, purchase_id: int) -> HTMLResponse:
    """One purchase with its slip."""
    return _page(request, running, conn, viewer, purchase_id)


@router.get("/caps/purchases/{purchase_id}/photo")
def its_photo(conn: Db, viewer: SeesCaps, purchase_id: int) -> Response:
    """The photo of the slip; what it is was checked by its bytes when it came."""
    content, media_type = photo_for(conn, viewer, purchase_id)
    return Response(content, media_type=media_type, headers={"Content-Disposition": "inline"})


@router.post("/caps/purchases/{purchase_id}/accept")
def accept_purchase(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    purchase_id: int,
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Let it make its vendor's cap."""
    return _decided(request, running, conn, now, viewer, purchase_id, PurchaseState.ACCEPTED, note)


@router.post("/caps/purchases/{purchase_id}/refuse")
def refuse_purchase(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    purchase_id: int,
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Say that it makes no cap, and why."""
    return _decided(request, running, conn, now, viewer, purchase_id, PurchaseState.REFUSED, note)


def _decided(
    request: Request,
    running: Service,
    conn: Connection,
    now: Now,
    viewer: Viewer,
    purchase_id: int,
    state: PurchaseState,
    note: str,
) -> Response:
    try:
        decide(conn, viewer, purchase_id, state, note=note, now=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _page(request, running, conn, viewer, purchase_id, refusal=error)
    return RedirectResponse(f"/caps/purchases/{purchase_id}", _SEE_OTHER)


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    purchase_id: int,
    *,
    refusal: RuleViolation | None = None,
) -> HTMLResponse:
    one = purchase_for(conn, viewer, purchase_id)
    market = next(market for market in registry.markets(conn) if market.market_id == one.market_id)
    is_late = isinstance(refusal, IllegalTransition)
    return running.renderer.page(
        request,
        "purchase.html",
        viewer=viewer,
        status=200 if refusal is None else _CONFLICT if is_late else _UNPROCESSABLE,
        one=one,
        market=market,
        valid_days=running.config.rules_policy.purchases.valid_days,
        people=alert_pages.display_names(conn, {one.entered_by, one.decided_by or ""}),
        pinyin=alert_pages.pinyin_of_local_names(conn),
        may_decide=viewer.may(Permission.EDIT_CAPS) and one.state is PurchaseState.ENTERED,
        is_own=one.entered_by == viewer.username,
        refusal=refusal,
        is_late=is_late,
    )


def _form(
    request: Request,
    running: Service,
    conn: Connection,
    now: Now,
    viewer: Viewer,
    slip: Slip | None,
    refusal: BadSlip | None,
) -> HTMLResponse:
    markets = registry.markets(conn)
    timezone = next((one.timezone for one in markets if viewer.scope in (None, one.market_id)), DEFAULT_TIMEZONE)
    return running.renderer.page(
        request,
        "purchase_new.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        slip=slip,
        problems=() if refusal is None else refusal.problems,
        vendors=registry.vendors(conn, viewer.scope, now)[:OFFERED],
        markets=markets if viewer.scope is None else [],
        today=now.astimezone(ZoneInfo(timezone)).date(),
        species=sorted(wholesale.species(conn).values(), key=lambda one: one.species),
        longest=LONGEST_TEXT,
        largest_mib=LARGEST_PHOTO // 1024**2,
    )
