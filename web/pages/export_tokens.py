"""Tokens of departments that pull, and who asked for what."""

import csv
import io
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, export_tokens, registry
from db.export_tokens import NewToken
from domain.errors import NotFound, RuleViolation
from domain.export import TokenScope
from supervision.exports import tokens
from supervision.exports.destinations import By
from tables.harmless import BYTE_ORDER_MARK, harmless
from web.access import Viewer
from web.signed_in import ManagesExports
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422
_PAGE_SIZE: Final = 100
_FILE_ROWS: Final = 50_000
_NEWEST: Final = 2**63 - 1
_COLUMNS: Final = ("access_id", "at", "token_id", "department", "address", "asked", "status", "records", "identities",
                   "problem")  # fmt: skip

_Text = Annotated[str, Form(max_length=3000)]
_Before = Annotated[int, Query(ge=1, le=_NEWEST)]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Typed:
    """The form of a new token, as it was typed."""

    department: str = ""
    contact: str = ""
    scopes: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    networks: str = ""
    days: int = 90


@router.get("/exports/tokens")
def all_tokens(request: Request, running: Running, conn: Db, now: Now, viewer: ManagesExports) -> HTMLResponse:
    """Every token, and the form for another one."""
    return _page(request, running, conn, viewer, now, _Typed())


@router.post("/exports/tokens")
def make_token(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: ManagesExports,
    department: _Text = "",
    contact: _Text = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    markets: Annotated[list[str] | None, Form()] = None,
    networks: _Text = "",
    days: Annotated[int, Form(ge=1, le=36_500)] = 90,
) -> Response:
    """Make a token; it is on the answer, and nowhere else."""
    typed = _Typed(
        department=department,
        contact=contact,
        scopes=tuple(scopes or ()),
        markets=tuple(markets or ()),
        networks=networks,
        days=days,
    )
    try:
        made = tokens.make(conn, _new(typed, now), running.config.exports_policy, by=_by(viewer, now))
    except RuleViolation as error:
        return _page(request, running, conn, viewer, now, typed, refusal=error)
    return _page(request, running, conn, viewer, now, _Typed(), secret=made.text)


@router.post("/exports/tokens/{token_id}/revoke")
def revoke_token(
    request: Request, running: Running, conn: Db, now: Now, viewer: ManagesExports, token_id: int, because: _Text = ""
) -> Response:
    """End a token at once."""
    try:
        tokens.revoke(conn, token_id, because, by=_by(viewer, now))
    except NotFound:
        raise
    except RuleViolation as error:
        return _page(request, running, conn, viewer, now, _Typed(), refusal=error)
    return RedirectResponse("/exports/tokens", _SEE_OTHER)


@router.get("/exports/accesses")
def accesses(
    request: Request,
    running: Running,
    conn: Db,
    viewer: ManagesExports,
    token: Annotated[str, Query(max_length=20)] = "",
    refused: bool = False,
    before: _Before = _NEWEST,
) -> HTMLResponse:
    """Who asked for what, from where, and what they were given."""
    found = export_tokens.accesses(conn, token_id=_id_in(token), refused=refused, before=before, limit=_PAGE_SIZE + 1)
    return running.renderer.page(
        request,
        "export_accesses.html",
        viewer=viewer,
        lines=found[:_PAGE_SIZE],
        older=found[_PAGE_SIZE - 1].access_id if len(found) > _PAGE_SIZE else None,
        tokens=export_tokens.tokens(conn),
        token=token,
        refused=refused,
        zone=running.config.notices_policy.timezone,
    )


@router.get("/exports/accesses.csv")
def accesses_file(
    conn: Db, _viewer: ManagesExports, token: Annotated[str, Query(max_length=20)] = "", refused: bool = False
) -> Response:
    """The same as CSV, the newest 50 000."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for one in export_tokens.accesses(conn, token_id=_id_in(token), refused=refused, before=_NEWEST, limit=_FILE_ROWS):
        row = {**{name: getattr(one, name) for name in _COLUMNS}, "at": one.at.isoformat()}
        writer.writerow([harmless("" if row[name] is None else row[name]) for name in _COLUMNS])
    name = {"Content-Disposition": 'attachment; filename="export-accesses.csv"'}
    return Response((BYTE_ORDER_MARK + out.getvalue()).encode(), media_type="text/csv", headers=name)


def _id_in(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004 - as a bigint


def _by(viewer: Viewer, now: Now) -> By:
    return By(username=viewer.username, origin=viewer.origin, at=now)


def _new(typed: _Typed, now: Now) -> NewToken:
    if not set(typed.scopes) <= set(TokenScope):
        raise RuleViolation("scopes holds a word that is none: choose from what the form offers")
    return NewToken(
        department=typed.department,
        contact=typed.contact,
        scopes=frozenset(map(TokenScope, typed.scopes)),
        expires_at=now + timedelta(days=typed.days),
        market_ids=typed.markets,
        networks=tuple(filter(None, (one.strip() for one in typed.networks.replace("\n", ",").split(",")))),
    )


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    now: Now,
    typed: _Typed,
    *,
    secret: str = "",
    refusal: RuleViolation | None = None,
) -> HTMLResponse:
    found = export_tokens.tokens(conn)
    people = {who for one in found for who in (one.created_by, one.revoked_by) if who}
    return running.renderer.page(
        request,
        "export_tokens.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        tokens=found,
        people=alert_pages.display_names(conn, people),
        secret=secret,
        refusal=refusal,
        typed=typed,
        scopes=tuple(TokenScope),
        markets=registry.markets(conn),
        longest_days=running.config.exports_policy.longest_token_days,
        now=now,
        zone=running.config.notices_policy.timezone,
    )
