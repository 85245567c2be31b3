"""Markets: listed, registered, corrected. Each has a file with every change of it."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db.register import events, markets
from domain.errors import NotAllowed, NotFound, RuleViolation
from domain.ids import MarketId
from domain.register.records import MarketFacts, RegisteredMarket, SubjectKind, as_texts
from supervision.register import reading
from supervision.register.entries import read_market
from supervision.register.fields import Unreadable
from supervision.register.markets import FIXED_ONCE_WEIGHED, correct_market, register_market
from web.access import Permission, Viewer
from web.formats import segment
from web.freshness import freshness
from web.register_forms import MARKET_INPUTS, Refused, Typed, change_by, id_of, refused, revision_of, texts_of
from web.signed_in import EditsMarkets, SeesRegistry
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_USUAL: Final = {"timezone": "Asia/Shanghai"}


@router.get("/registry/markets")
def list_markets(request: Request, running: Running, conn: Db, viewer: SeesRegistry) -> HTMLResponse:
    """Every market that the viewer sees, with what is registered in it."""
    return _list_page(request, running, conn, viewer, _USUAL)


@router.post("/registry/markets")
def register(request: Request, running: Running, conn: Db, now: Now, viewer: EditsMarkets, texts: Typed) -> Response:
    """Register a market."""
    try:
        market_id = MarketId(id_of(texts, "market_id", reading.any_id))
        register_market(conn, market_id, _read(texts), change_by(viewer, texts, now))
    except NotAllowed:
        raise
    except RuleViolation as error:
        return _list_page(request, running, conn, viewer, texts, refused(error))
    return RedirectResponse(_address(market_id), _SEE_OTHER)


@router.get("/registry/markets/{market_id}")
def one_market(
    request: Request, running: Running, conn: Db, now: Now, viewer: SeesRegistry, market_id: MarketId
) -> HTMLResponse:
    """A market: what is registered of it, what its alerts rest on, and what was changed."""
    return _market_page(request, running, conn, now, viewer, market_id)


@router.post("/registry/markets/{market_id}")
def correct(
    request: Request, running: Running, conn: Db, now: Now, viewer: EditsMarkets, market_id: MarketId, texts: Typed
) -> Response:
    """Correct what is registered of a market."""
    _known(conn, viewer, market_id)
    try:
        correct_market(conn, market_id, _read(texts), revision=revision_of(texts), change=change_by(viewer, texts, now))
    except NotAllowed:
        raise
    except RuleViolation as error:
        return _market_page(request, running, conn, now, viewer, market_id, texts, refused(error))
    return RedirectResponse(_address(market_id), _SEE_OTHER)


def _read(texts: dict[str, str]) -> MarketFacts:
    entry = read_market(texts_of(MARKET_INPUTS, texts))
    if entry.record is None:
        raise Unreadable(entry.problems)
    return entry.record


def _known(conn: Connection, viewer: Viewer, market_id: MarketId) -> RegisteredMarket:
    found = markets.one(conn, market_id) if viewer.sees(market_id) else None
    if found is None:
        raise NotFound(f"there is no market {market_id} that you may see")
    return found


def _address(market_id: MarketId) -> str:
    return f"/registry/markets/{segment(market_id)}"


def _list_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    texts: dict[str, str],
    refusal: Refused | None = None,
) -> HTMLResponse:
    return running.renderer.page(
        request,
        "registry_markets.html",
        viewer=viewer,
        status=200 if refusal is None else refusal.status,
        found=markets.listed(conn, viewer.scope),
        areas=markets.areas(conn),
        inputs=MARKET_INPUTS,
        texts=texts,
        may_edit=viewer.may(Permission.EDIT_MARKETS),
        refusal=refusal,
    )


def _market_page(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    viewer: Viewer,
    market_id: MarketId,
    typed: dict[str, str] | None = None,
    refusal: Refused | None = None,
) -> HTMLResponse:
    known = _known(conn, viewer, market_id)
    (listed,) = markets.listed(conn, market_id)
    (fresh,) = freshness(conn, market_id, now)
    return running.renderer.page(
        request,
        "registry_market.html",
        viewer=viewer,
        status=200 if refusal is None else refusal.status,
        known=known,
        listed=listed,
        fresh=fresh,
        inputs=MARKET_INPUTS,
        areas=markets.areas(conn),
        texts=as_texts(known.facts) | (typed or {}),
        fixed=FIXED_ONCE_WEIGHED if markets.was_weighed_in(conn, market_id) else (),
        steps=events.of_subject(conn, market_id, SubjectKind.MARKET, market_id, limit=50),
        may_edit=viewer.may(Permission.EDIT_MARKETS),
        refusal=refusal,
    )
