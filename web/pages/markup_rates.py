"""The markup rates of an area: those in force and before, one entered, one ended."""

from datetime import date, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import markup_rates
from domain.errors import NotAllowed, RuleViolation
from domain.wholesale import MarkupRate
from pricing.money_texts import permille, price_fen
from pricing.price_sources import end_rate, import_rates
from pricing.rate_file import CATEGORIES
from web.access import Viewer
from web.price_scopes import PriceScope, optional_day, required_day, scope_of, scopes, today_in
from web.signed_in import EditsCaps
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422
_DAY: Final = timedelta(days=1)

_Text = Annotated[str, Form(max_length=200)]


@router.get("/caps/rates")
def rates(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    scope: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """The rates of an area, category by category."""
    chosen = scope_of(scopes(conn), scope)
    return _page(request, running, conn, viewer, chosen, today_in(conn, chosen, now))


@router.post("/caps/rates")
def enter(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    scope: _Text = "",
    category: _Text = "",
    first_day: _Text = "",
    last_day: _Text = "",
    markup: _Text = "",
    allowance: _Text = "",
    ceiling: _Text = "",
    source: _Text = "",
) -> Response:
    """Enter the rate of a category for a time that no other has."""
    chosen = scope_of(scopes(conn), scope)
    try:
        last = optional_day(last_day)
        until = None if last is None else last + _DAY
        rate = _rate(category, (markup, allowance, ceiling), required_day(first_day), until, source)
        import_rates(conn, chosen.area, [rate], by=viewer.username, at=now)
    except NotAllowed:
        raise
    except RuleViolation as error:
        return _page(request, running, conn, viewer, chosen, today_in(conn, chosen, now), refusal=error)
    return RedirectResponse(f"/caps/rates?{urlencode({'scope': chosen.value})}", _SEE_OTHER)


@router.post("/caps/rates/end")
def end(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    scope: _Text = "",
    category: _Text = "",
    last_day: _Text = "",
) -> Response:
    """Say which day is the last of a rate."""
    chosen = scope_of(scopes(conn), scope)
    try:
        end_rate(conn, chosen.area, category, required_day(last_day))
    except NotAllowed:
        raise
    except RuleViolation as error:
        return _page(request, running, conn, viewer, chosen, today_in(conn, chosen, now), refusal=error)
    return RedirectResponse(f"/caps/rates?{urlencode({'scope': chosen.value})}", _SEE_OTHER)


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    scope: PriceScope,
    today: date,
    *,
    refusal: RuleViolation | None = None,
) -> HTMLResponse:
    return running.renderer.page(
        request,
        "markup_rates.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        scopes=scopes(conn),
        scope=scope,
        today=today,
        rates=markup_rates.rates(conn, scope.area),
        categories=CATEGORIES,
        day_before=_DAY,
        refusal=refusal,
    )


def _rate(
    category: str, numbers: tuple[str, str, str], valid_from: date, valid_until: date | None, source: str
) -> MarkupRate:
    markup, allowance, ceiling = permille(numbers[0]), permille(numbers[1]), price_fen(numbers[2], "500g")
    if category not in CATEGORIES or markup is None or allowance is None or ceiling is None or not source.strip():
        raise RuleViolation(
            "a rate has a category, per cent with at most one decimal, a ceiling above 0 in yuan/500 g, and a source",
            problem="rate_not_whole",
        )
    return MarkupRate(
        category=category,
        valid_from=valid_from,
        valid_until=valid_until,
        markup_permille=markup,
        allowance_permille=allowance,
        ceiling_fen_per_kg=ceiling,
        source=source.strip(),
    )
