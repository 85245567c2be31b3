"""Stalls: found, registered, corrected; who occupies one from when, and stalls that are exchanged."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import registry
from db.register import events, scales, search, stalls
from domain.errors import NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId, StallId, VendorId
from domain.register.records import RegisteredStall, StallFacts, SubjectKind, as_texts
from supervision.register import changing, occupying, reading
from supervision.register.entries import area_text, read_stall
from supervision.register.fields import Unreadable
from web.access import Permission, Viewer
from web.formats import segment
from web.register_forms import (
    STALL_INPUTS,
    Refused,
    Typed,
    change_by,
    id_of,
    market_of,
    moment_of,
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


@router.get("/registry/stalls")
def find_stalls(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesRegistry,
    q: Annotated[str, Query(max_length=64)] = "",
    market: Annotated[str, Query(max_length=64)] = "",
    page: Annotated[int, Query(ge=1, le=200)] = 1,
) -> HTMLResponse:
    """Stalls by the beginning of their number, and who occupies each now."""
    return _list_page(request, running, conn, now, viewer, {"q": q, "market": market}, page)


@router.post("/registry/stalls")
def register(request: Request, running: Running, conn: Db, now: Now, viewer: EditsRegistry, texts: Typed) -> Response:
    """Register a stall."""
    try:
        where = market_of(conn, viewer, texts.get("market", ""))
        stall_id = StallId(id_of(texts, "stall_id", reading.stall_id))
        changing.register_stall(conn, where.market_id, stall_id, _read(texts), change_by(viewer, texts, now))
    except NotAllowed:
        raise
    except RuleViolation as error:
        return _list_page(request, running, conn, now, viewer, texts, 1, refused(error))
    return RedirectResponse(_address(where.market_id, stall_id), _SEE_OTHER)


@router.get("/registry/stalls/{market_id}/{stall_id}")
def one_stall(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: SeesRegistry,
    market_id: MarketId,
    stall_id: StallId,
) -> HTMLResponse:
    """A stall: where it is, who had it when, and what may be changed about it."""
    return _stall_page(request, running, conn, now, viewer, market_id, stall_id)


@router.post("/registry/stalls/{market_id}/{stall_id}")
def correct(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsRegistry,
    market_id: MarketId,
    stall_id: StallId,
    texts: Typed,
) -> Response:
    """Correct where a stall is."""

    def step() -> None:
        changing.correct_stall(
            conn,
            market_id,
            stall_id,
            _read(texts),
            revision=revision_of(texts),
            change=change_by(viewer, texts, now),
        )

    return _do(request, running, conn, now, viewer, market_id, stall_id, texts, step, form="correct")


@router.post("/registry/stalls/{market_id}/{stall_id}/occupy")
def occupy(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsRegistry,
    market_id: MarketId,
    stall_id: StallId,
    texts: Typed,
) -> Response:
    """Let a vendor occupy a stall from a moment on."""

    def step() -> None:
        market = market_of(conn, viewer, market_id)
        occupying.occupy_stall(
            conn,
            market_id,
            stall_id,
            VendorId(id_of(texts, "vendor_id")),
            when_of(texts, market),
            until=moment_of(texts, market, "until"),
            takes_over="takes_over" in texts,
            revision=revision_of(texts),
            change=change_by(viewer, texts, now),
        )

    return _do(request, running, conn, now, viewer, market_id, stall_id, texts, step, form="occupy")


@router.post("/registry/stalls/{market_id}/{stall_id}/vacate")
def vacate(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsRegistry,
    market_id: MarketId,
    stall_id: StallId,
    texts: Typed,
) -> Response:
    """Let a vendor leave a stall at a moment."""

    def step() -> None:
        occupying.vacate_stall(
            conn,
            market_id,
            stall_id,
            when_of(texts, market_of(conn, viewer, market_id)),
            scales_go="scales_go" in texts,
            revision=revision_of(texts),
            change=change_by(viewer, texts, now),
        )

    return _do(request, running, conn, now, viewer, market_id, stall_id, texts, step, form="vacate")


@router.post("/registry/stalls/{market_id}/{stall_id}/exchange")
def exchange(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsRegistry,
    market_id: MarketId,
    stall_id: StallId,
    texts: Typed,
) -> Response:
    """Let the vendors of two stalls change places from a moment on."""

    def step() -> None:
        occupying.exchange_stalls(
            conn,
            market_id,
            stall_id,
            StallId(id_of(texts, "other", reading.stall_id)),
            when_of(texts, market_of(conn, viewer, market_id)),
            scales_follow="scales_follow" in texts,
            change=change_by(viewer, texts, now),
        )

    return _do(request, running, conn, now, viewer, market_id, stall_id, texts, step, form="exchange")


def _do(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    viewer: Viewer,
    market_id: MarketId,
    stall_id: StallId,
    texts: dict[str, str],
    step: Callable[[], None],
    *,
    form: str,
) -> Response:
    _known(conn, viewer, market_id, stall_id)
    try:
        step()
    except NotAllowed:
        raise
    except RuleViolation as error:
        return _stall_page(request, running, conn, now, viewer, market_id, stall_id, texts, refused(error, form))
    return RedirectResponse(_address(market_id, stall_id), _SEE_OTHER)


def _read(texts: dict[str, str]) -> StallFacts:
    entry = read_stall(texts_of(STALL_INPUTS, texts))
    if entry.record is None:
        raise Unreadable(entry.problems)
    return entry.record


def _known(conn: Connection, viewer: Viewer, market_id: MarketId, stall_id: StallId) -> RegisteredStall:
    found = stalls.one(conn, market_id, stall_id) if viewer.sees(market_id) else None
    if found is None:
        raise NotFound(f"there is no stall {stall_id} in market {market_id} that you may see")
    return found


def _address(market_id: MarketId, stall_id: StallId) -> str:
    return f"/registry/stalls/{segment(market_id)}/{segment(stall_id)}"


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
    found = search.stalls(conn, texts.get("q", ""), scope, now, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE)
    return running.renderer.page(
        request,
        "registry_stalls.html",
        viewer=viewer,
        status=200 if refusal is None else refusal.status,
        found=found[:PAGE_SIZE],
        has_more=len(found) > PAGE_SIZE,
        q=texts.get("q", ""),
        market=asked,
        page=page,
        markets=registry.markets(conn) if viewer.scope is None else [],
        area_text=area_text,
        inputs=STALL_INPUTS,
        texts=texts,
        may_edit=viewer.may(Permission.EDIT_REGISTRY),
        refusal=refusal,
    )


def _stall_page(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    viewer: Viewer,
    market_id: MarketId,
    stall_id: StallId,
    typed: dict[str, str] | None = None,
    refusal: Refused | None = None,
) -> HTMLResponse:
    known = _known(conn, viewer, market_id, stall_id)
    market = market_of(conn, viewer, market_id)
    registered = {**as_texts(known.facts), "area_m2": area_text(known.facts.area_dm2)}
    local_now = now.astimezone(ZoneInfo(market.timezone)).strftime("%Y-%m-%dT%H:%M")
    stays = scales.stays_of_stall(conn, market_id, stall_id, limit=50)
    return running.renderer.page(
        request,
        "registry_stall.html",
        viewer=viewer,
        status=200 if refusal is None else refusal.status,
        market=market,
        known=known,
        inputs=STALL_INPUTS,
        of_form=of_form(typed or {}, {"moment": local_now, **registered}, refusal),
        occupancies=stalls.occupancies_of_stall(conn, market_id, stall_id, limit=50),
        stays=stays,
        steps=events.of_subject(conn, market_id, SubjectKind.STALL, stall_id, limit=50),
        changes_of=changes_of,
        kind_of=kind_of,
        now=now,
        may_edit=viewer.may(Permission.EDIT_REGISTRY),
        refusal=refusal,
    )
