"""Finding vendors; registering one and correcting who it is."""

from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import registry
from db.register import search, vendors
from domain.errors import NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId, VendorId
from domain.register.personal import PersonalField, masked
from domain.register.records import RegisteredVendor, VendorIdentity, as_texts
from supervision.register import changing
from supervision.register.entries import over, read_vendor
from supervision.register.fields import Unreadable
from web.access import Permission, Viewer
from web.formats import segment
from web.register_forms import (
    VENDOR_INPUTS,
    Refused,
    Typed,
    change_by,
    id_of,
    market_of,
    refused,
    revision_of,
    texts_of,
)
from web.signed_in import EditsIdentities, SeesRegistry
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50
_SEE_OTHER: Final = 303


@router.get("/registry")
def find_vendors(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesRegistry,
    q: Annotated[str, Query(max_length=100)] = "",
    market: Annotated[str, Query(max_length=64)] = "",
    page: Annotated[int, Query(ge=1, le=200)] = 1,
) -> HTMLResponse:
    """Vendors by name, pinyin, initials, code, stall or scale; all of them where nothing is asked for."""
    scope = viewer.narrow(MarketId(market) if market else None)
    found = search.vendors(conn, q, scope, now, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE)
    return running.renderer.page(
        request,
        "registry.html",
        viewer=viewer,
        found=found[:PAGE_SIZE],
        has_more=len(found) > PAGE_SIZE,
        q=q,
        market=market,
        page=page,
        markets=registry.markets(conn) if viewer.scope is None else [],
        days={one.market_id: now.astimezone(ZoneInfo(one.timezone)).date() for one in registry.markets(conn)},
    )


@router.get("/registry/vendors/new")
def new_vendor(
    request: Request,
    running: Running,
    conn: Db,
    viewer: EditsIdentities,
    market: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """The form for a new vendor."""
    return _new_page(request, running, conn, viewer, {"market": market})


@router.post("/registry/vendors")
def register(request: Request, running: Running, conn: Db, now: Now, viewer: EditsIdentities, texts: Typed) -> Response:
    """Register a vendor."""
    try:
        where = market_of(conn, viewer, texts.get("market", ""))
        vendor_id = VendorId(id_of(texts, "vendor_id"))
        identity = _read(texts_of(VENDOR_INPUTS, texts))
        changing.register_vendor(conn, where.market_id, vendor_id, identity, change_by(viewer, texts, now))
    except NotAllowed:
        raise
    except RuleViolation as error:
        return _new_page(request, running, conn, viewer, texts, refused(error))
    return _to_file(where.market_id, vendor_id)


@router.get("/registry/vendors/{market_id}/{vendor_id}")
def correct_form(
    request: Request,
    running: Running,
    conn: Db,
    viewer: EditsIdentities,
    market_id: MarketId,
    vendor_id: VendorId,
) -> HTMLResponse:
    """The form of a vendor as it is registered; what is personal is masked, and stays where nothing is typed."""
    known = _known(conn, viewer, market_id, vendor_id)
    shown = {name: "" if name in set(PersonalField) else text for name, text in as_texts(known.identity).items()}
    return _correct_page(request, running, viewer, known, {**shown, "revision": str(known.revision)})


@router.post("/registry/vendors/{market_id}/{vendor_id}")
def correct(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsIdentities,
    market_id: MarketId,
    vendor_id: VendorId,
    texts: Typed,
) -> Response:
    """Correct who a vendor is."""
    known = _known(conn, viewer, market_id, vendor_id)
    try:
        given = texts_of(VENDOR_INPUTS, texts)
        personal = {str(one): given[one] for one in PersonalField}
        laid, problems = over(as_texts(known.identity), personal)
        if problems:
            raise Unreadable(problems)
        identity = _read({**given, **{name: laid[name] for name in personal}})
        changing.correct_vendor(
            conn,
            market_id,
            vendor_id,
            identity,
            revision=revision_of(texts),
            change=change_by(viewer, texts, now),
        )
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        newest = _known(conn, viewer, market_id, vendor_id)
        return _correct_page(
            request, running, viewer, newest, {**texts, "revision": str(newest.revision)}, refused(error)
        )
    return _to_file(market_id, vendor_id)


def _read(texts: dict[str, str]) -> VendorIdentity:
    entry = read_vendor(texts)
    if entry.record is None:
        raise Unreadable(entry.problems)
    return entry.record


def _known(conn: Connection, viewer: Viewer, market_id: MarketId, vendor_id: VendorId) -> RegisteredVendor:
    found = vendors.one(conn, market_id, vendor_id) if viewer.sees(market_id) else None
    if found is None:
        raise NotFound(f"there is no vendor {vendor_id} in market {market_id} that you may see")
    return found


def _to_file(market_id: MarketId, vendor_id: VendorId) -> Response:
    return RedirectResponse(f"/vendors/{segment(market_id)}/{segment(vendor_id)}/file", _SEE_OTHER)


def _new_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    texts: dict[str, str],
    refusal: Refused | None = None,
) -> HTMLResponse:
    return running.renderer.page(
        request,
        "registry_vendor_new.html",
        viewer=viewer,
        status=200 if refusal is None else refusal.status,
        inputs=VENDOR_INPUTS,
        texts=texts,
        markets=registry.markets(conn),
        refusal=refusal,
    )


def _correct_page(
    request: Request,
    running: Service,
    viewer: Viewer,
    known: RegisteredVendor,
    texts: dict[str, str],
    refusal: Refused | None = None,
) -> HTMLResponse:
    return running.renderer.page(
        request,
        "registry_vendor.html",
        viewer=viewer,
        status=200 if refusal is None else refusal.status,
        known=known,
        inputs=VENDOR_INPUTS,
        texts=texts,
        kept={name: masked(as_texts(known.identity))[name] for name in PersonalField},
        refusal=refusal,
        may_see_log=viewer.may(Permission.SEE_PERSONAL_DATA),
    )
