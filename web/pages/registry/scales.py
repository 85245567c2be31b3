"""Scales: found, registered, corrected, verified; where one stands from when, and scales that are exchanged."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import registry
from db.register import events, scales, search
from domain.errors import NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId, ScaleId, StallId, VendorId
from domain.register.records import RegisteredScale, ScaleIdentity, SubjectKind, as_texts
from supervision.register import changing, placing, reading
from supervision.register.entries import read_scale, read_verification
from supervision.register.fields import Unreadable
from web.access import Permission, Viewer
from web.formats import segment
from web.register_forms import (
    SCALE_INPUTS,
    VERIFICATION_INPUTS,
    Refused,
    Typed,
    change_by,
    id_of,
    market_of,
    of_form,
    refused,
    revision_of,
    texts_of,
    when_of,
)
from web.signed_in import EditsRegistry, SeesRegistry
from web.state import Db, Now, Running, Service
from web.vendor_file.changes import changes_of
from web.vendor_file.section import kind_of

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50
_SEE_OTHER: Final = 303


@router.get("/registry/scales")
def find_scales(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesRegistry,
    q: Annotated[str, Query(max_length=64)] = "",
    market: Annotated[str, Query(max_length=64)] = "",
    page: Annotated[int, Query(ge=1, le=200)] = 1,
) -> HTMLResponse:
    """Scales by the beginning of their number, and where each stands now."""
    return _list_page(request, running, conn, now, viewer, {"q": q, "market": market}, page)


@router.post("/registry/scales")
def register(request: Request, running: Running, conn: Db, now: Now, viewer: EditsRegistry, texts: Typed) -> Response:
    """Register a scale."""
    try:
        where = market_of(conn, viewer, texts.get("market", ""))
        scale_id = ScaleId(id_of(texts, "scale_id"))
        changing.register_scale(conn, where.market_id, scale_id, _read(texts), change_by(viewer, texts, now))
    except NotAllowed:
        raise
    except RuleViolation as error:
        return _list_page(request, running, conn, now, viewer, texts, 1, refused(error))
    return RedirectResponse(_address(where.market_id, scale_id), _SEE_OTHER)


@router.get("/registry/scales/{market_id}/{scale_id}")
def one_registered_scale(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesRegistry,
    market_id: MarketId,
    scale_id: ScaleId,
) -> HTMLResponse:
    """A scale: its plate, codes, seal and verifications, where it stood when, and what may be changed about it."""
    return _scale_page(request, running, conn, now, viewer, market_id, scale_id)


@router.post("/registry/scales/{market_id}/{scale_id}")
def correct(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsRegistry,
    market_id: MarketId,
    scale_id: ScaleId,
    texts: Typed,
) -> Response:
    """Correct what a scale is."""

    def step() -> None:
        changing.correct_scale(
            conn,
            market_id,
            scale_id,
            _read(texts),
            revision=revision_of(texts),
            change=change_by(viewer, texts, now),
        )

    return _do(request, running, conn, now, viewer, market_id, scale_id, texts, step, form="correct")


@router.post("/registry/scales/{market_id}/{scale_id}/bind")
def bind(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsRegistry,
    market_id: MarketId,
    scale_id: ScaleId,
    texts: Typed,
) -> Response:
    """Put a scale on a stall from a moment on; whose it is then says the stall, where no vendor is named."""

    def step() -> None:
        vendor_id = VendorId(id_of(texts, "vendor_id")) if texts.get("vendor_id", "").strip() else None
        placing.bind_scale(
            conn,
            market_id,
            scale_id,
            StallId(id_of(texts, "stall_id", reading.stall_id)),
            vendor_id,
            when_of(texts, market_of(conn, viewer, market_id)),
            revision=revision_of(texts),
            change=change_by(viewer, texts, now),
        )

    return _do(request, running, conn, now, viewer, market_id, scale_id, texts, step, form="bind")


@router.post("/registry/scales/{market_id}/{scale_id}/release")
def release(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsRegistry,
    market_id: MarketId,
    scale_id: ScaleId,
    texts: Typed,
) -> Response:
    """Take a scale off its stall from a moment on."""

    def step() -> None:
        placing.release_scale(
            conn,
            market_id,
            scale_id,
            when_of(texts, market_of(conn, viewer, market_id)),
            revision=revision_of(texts),
            change=change_by(viewer, texts, now),
        )

    return _do(request, running, conn, now, viewer, market_id, scale_id, texts, step, form="release")


@router.post("/registry/scales/{market_id}/{scale_id}/exchange")
def exchange(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsRegistry,
    market_id: MarketId,
    scale_id: ScaleId,
    texts: Typed,
) -> Response:
    """Let two scales change places from a moment on."""

    def step() -> None:
        placing.exchange_scales(
            conn,
            market_id,
            scale_id,
            ScaleId(id_of(texts, "other")),
            when_of(texts, market_of(conn, viewer, market_id)),
            change=change_by(viewer, texts, now),
        )

    return _do(request, running, conn, now, viewer, market_id, scale_id, texts, step, form="exchange")


@router.post("/registry/scales/{market_id}/{scale_id}/verify")
def verify(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsRegistry,
    market_id: MarketId,
    scale_id: ScaleId,
    texts: Typed,
) -> Response:
    """Enter a verification."""

    def step() -> None:
        entry = read_verification(texts_of(VERIFICATION_INPUTS, texts))
        if entry.record is None:
            raise Unreadable(entry.problems)
        market = market_of(conn, viewer, market_id)
        changing.verify_scale(
            conn,
            market_id,
            scale_id,
            entry.record,
            today=now.astimezone(ZoneInfo(market.timezone)).date(),
            revision=revision_of(texts),
            change=change_by(viewer, texts, now),
        )

    return _do(request, running, conn, now, viewer, market_id, scale_id, texts, step, form="verify")


def _do(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    viewer: Viewer,
    market_id: MarketId,
    scale_id: ScaleId,
    texts: dict[str, str],
    step: Callable[[], None],
    *,
    form: str,
) -> Response:
    _known(conn, viewer, market_id, scale_id)
    try:
        step()
    except NotAllowed:
        raise
    except RuleViolation as error:
        return _scale_page(request, running, conn, now, viewer, market_id, scale_id, texts, refused(error, form))
    return RedirectResponse(_address(market_id, scale_id), _SEE_OTHER)


def _read(texts: dict[str, str]) -> ScaleIdentity:
    entry = read_scale(texts_of(SCALE_INPUTS, texts))
    if entry.record is None:
        raise Unreadable(entry.problems)
    return entry.record


def _known(conn: Connection, viewer: Viewer, market_id: MarketId, scale_id: ScaleId) -> RegisteredScale:
    found = scales.one(conn, market_id, scale_id) if viewer.sees(market_id) else None
    if found is None:
        raise NotFound(f"there is no scale {scale_id} in market {market_id} that you may see")
    return found


def _address(market_id: MarketId, scale_id: ScaleId) -> str:
    return f"/registry/scales/{segment(market_id)}/{segment(scale_id)}"


def _list_page(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    viewer: Viewer,
    texts: dict[str, str],
    page: int,
    refusal: Refused | None = None,
) -> HTMLResponse:
    asked = texts.get("market", "")
    scope = viewer.narrow(MarketId(asked) if asked else None)
    found = search.scales(conn, texts.get("q", ""), scope, now, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE)
    return running.renderer.page(
        request,
        "registry_scales.html",
        viewer=viewer,
        status=200 if refusal is None else refusal.status,
        found=found[:PAGE_SIZE],
        has_more=len(found) > PAGE_SIZE,
        q=texts.get("q", ""),
        market=asked,
        page=page,
        today=now.date(),
        markets=registry.markets(conn) if viewer.scope is None else [],
        inputs=SCALE_INPUTS,
        texts=texts,
        may_edit=viewer.may(Permission.EDIT_REGISTRY),
        refusal=refusal,
    )


def _scale_page(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    viewer: Viewer,
    market_id: MarketId,
    scale_id: ScaleId,
    typed: dict[str, str] | None = None,
    refusal: Refused | None = None,
) -> HTMLResponse:
    known = _known(conn, viewer, market_id, scale_id)
    market = market_of(conn, viewer, market_id)
    registered = as_texts(known.identity)
    local_now = now.astimezone(ZoneInfo(market.timezone)).strftime("%Y-%m-%dT%H:%M")
    return running.renderer.page(
        request,
        "registry_scale.html",
        viewer=viewer,
        status=200 if refusal is None else refusal.status,
        market=market,
        known=known,
        inputs=SCALE_INPUTS,
        of_form=of_form(typed or {}, {"moment": local_now, **registered}, refusal),
        verification_inputs=VERIFICATION_INPUTS,
        stays=scales.stays_of_scale(conn, market_id, scale_id, limit=50),
        verifications=scales.verifications(conn, market_id, scale_id),
        today=now.astimezone(ZoneInfo(market.timezone)).date(),
        steps=events.of_subject(conn, market_id, SubjectKind.SCALE, scale_id, limit=50),
        changes_of=changes_of,
        kind_of=kind_of,
        now=now,
        may_edit=viewer.may(Permission.EDIT_REGISTRY),
        refusal=refusal,
    )
