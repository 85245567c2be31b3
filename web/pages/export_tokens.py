"""Tokens of departments that pull."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, export_tokens, registry
from db.export_tokens import NewToken
from domain.errors import FieldRefused, NotFound, RuleViolation
from domain.export import TokenScope
from supervision.exports import tokens
from web.access import Viewer
from web.pages.export_destinations import by_of
from web.signed_in import ManagesExports
from web.state import Db, Now, Running, Service
from web.typed_numbers import whole

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422
_MOST_DAYS: Final = 36_500

_Text = Annotated[str, Form(max_length=3000)]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Typed:
    """The form of a new token, as it was typed."""

    department: str = ""
    contact: str = ""
    scopes: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    networks: str = ""
    days: str = "90"


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
    days: _Text = "",
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
        made = tokens.make(conn, _new(typed, now), running.config.exports_policy, by=by_of(viewer, now))
    except RuleViolation as error:
        return _page(request, running, conn, viewer, now, typed, refusal=error)
    return _page(request, running, conn, viewer, now, _Typed(), secret=made.text)


@router.post("/exports/tokens/{token_id}/revoke")
def revoke_token(
    request: Request, running: Running, conn: Db, now: Now, viewer: ManagesExports, token_id: int, because: _Text = ""
) -> Response:
    """End a token at once."""
    try:
        tokens.revoke(conn, token_id, because, by=by_of(viewer, now))
    except NotFound:
        raise
    except RuleViolation as error:
        return _page(request, running, conn, viewer, now, _Typed(), refusal=error, revoking=(token_id, because))
    return RedirectResponse("/exports/tokens", _SEE_OTHER)


def _new(typed: _Typed, now: Now) -> NewToken:
    if not set(typed.scopes) <= set(TokenScope):
        raise RuleViolation("scopes holds a word that is none: choose from what the form offers")
    return NewToken(
        department=typed.department,
        contact=typed.contact,
        scopes=frozenset(map(TokenScope, typed.scopes)),
        expires_at=now + timedelta(days=_days_in(typed.days)),
        market_ids=typed.markets,
        networks=tuple(filter(None, (one.strip() for one in typed.networks.replace("\n", ",").split(",")))),
    )


def _days_in(text: str) -> int:
    """Return a number of days that a date can be so far away; how many may be is the policy's to say."""
    days = whole(text)
    if days is None or not 1 <= days <= _MOST_DAYS:
        raise FieldRefused("days", repr(text[:20]), f"a whole number from 1 to {_MOST_DAYS}", problem="range")
    return days


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
    revoking: tuple[int | None, str] = (None, ""),
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
        revoking=revoking,
        typed=typed,
        scopes=tuple(TokenScope),
        markets=registry.markets(conn),
        longest_days=running.config.exports_policy.longest_token_days,
        now=now,
        zone=running.config.notices_policy.timezone,
    )
