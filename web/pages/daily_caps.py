"""A day's caps: its references, the calculation with its working, and the draft that a second person publishes."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, caps, markup_rates, wholesale
from domain.errors import BadFile, NotAllowed, NotFound, RuleViolation, SteelyardError
from domain.price_cap import ListStatus
from pricing import publishing
from pricing.cap_working import from_json
from pricing.price_sources import DayOf, calculated_day, draft_day, import_references, timezone_of
from pricing.reference_file import parse_references
from tables.texts import text_of
from web.access import Viewer
from web.price_scopes import PriceScope, optional_day, required_day, scope_of, scopes, today_in
from web.signed_in import EditsCaps
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422
_DAYS_SHOWN: Final = 10
_DAY: Final = timedelta(days=1)

_Text = Annotated[str, Form(max_length=200)]


@router.get("/caps/daily")
def daily(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    scope: Annotated[str, Query(max_length=200)] = "",
    day: Annotated[str, Query(max_length=10)] = "",
    references: Annotated[str, Query(max_length=10)] = "",
) -> HTMLResponse:
    """The calculation of a day, with its working; `references` names another day than the one before."""
    known = scopes(conn)
    if not known:
        raise NotFound("no market is registered yet")
    chosen = scope_of(known, scope)
    of_day = optional_day(day) or _next_day(conn, chosen, now)
    return _page(request, running, conn, viewer, chosen, of_day, optional_day(references))


@router.post("/caps/daily/references")
def import_file(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    file: UploadFile,
    scope: _Text = "",
    day: _Text = "",
    source: _Text = "",
    may_replace: Annotated[bool, Form()] = False,
) -> Response:
    """Keep the references of a day, from a CSV file."""
    chosen, of_day = scope_of(scopes(conn), scope), required_day(day)
    name = file.filename or "file"
    try:
        text = text_of(file.file.read(), name)
        found = parse_references(text, name, caps.species_names(conn), day=of_day, source=source.strip() or name)
        by = viewer.username
        import_references(conn, chosen.area, of_day, found, by=by, at=now, may_replace=may_replace)
    except (NotAllowed, NotFound):
        raise
    except (BadFile, RuleViolation) as error:
        return _page(request, running, conn, viewer, chosen, of_day + _DAY, None, refusal=error)
    return RedirectResponse(f"/caps/daily?{urlencode({'scope': chosen.value, 'day': of_day + _DAY})}", _SEE_OTHER)


@router.post("/caps/daily/draft")
def draft(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    scope: _Text = "",
    day: _Text = "",
    references: _Text = "",
    authority: _Text = "",
) -> Response:
    """Draft the list of a day."""
    chosen, of_day, references_day = scope_of(scopes(conn), scope), required_day(day), optional_day(references)
    of = DayOf(area=chosen.area, channel=chosen.channel, day=of_day, references_day=references_day)
    try:
        drafted = draft_day(conn, of, by=viewer.username, at=now, authority=authority.strip())
    except RuleViolation as error:
        return _page(request, running, conn, viewer, chosen, of_day, references_day, refusal=error)
    return RedirectResponse(f"/caps/daily/{drafted}", _SEE_OTHER)


@router.get("/caps/daily/{cap_list_id}")
def calculated_list(request: Request, running: Running, conn: Db, viewer: EditsCaps, cap_list_id: int) -> HTMLResponse:
    """A calculated list, draft or published, with the working of each item."""
    return _list_page(request, running, conn, viewer, cap_list_id)


@router.post("/caps/daily/{cap_list_id}/publish")
def publish(request: Request, running: Running, conn: Db, now: Now, viewer: EditsCaps, cap_list_id: int) -> Response:
    """Put a calculated draft in force, as a second person."""
    try:
        publishing.publish(conn, cap_list_id, by=viewer.username, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _list_page(request, running, conn, viewer, cap_list_id, refusal=error)
    return RedirectResponse(f"/caps/daily/{cap_list_id}", _SEE_OTHER)


def _page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    scope: PriceScope,
    day: date,
    references_day: date | None,
    *,
    refusal: SteelyardError | None = None,
) -> HTMLResponse:
    of = DayOf(area=scope.area, channel=scope.channel, day=day, references_day=references_day)
    calculated = calculated_day(conn, of)
    drafts = wholesale.drafts(conn, scope.area, scope.channel)
    return running.renderer.page(
        request,
        "daily_caps.html",
        viewer=viewer,
        status=200 if refusal is None else _UNPROCESSABLE,
        scopes=scopes(conn),
        scope=scope,
        day=day,
        references_day=calculated.calculation.sources.references_day,
        is_usual=calculated.calculation.sources.references_day == day - _DAY,
        calculated=calculated,
        changes={(one.species, one.grade): one for one in calculated.changes},
        species=calculated.calculation.sources.species,
        pinyin=alert_pages.pinyin_of_local_names(conn),
        days=wholesale.days(conn, scope.area, _DAYS_SHOWN),
        rates=[one for one in markup_rates.rates(conn, scope.area) if one.holds_on(day)],
        drafts=drafts,
        people=alert_pages.display_names(conn, {one.drafted_by for one in drafts}),
        timezone=timezone_of(conn, scope.area, scope.channel).key,
        refusal=refusal,
        problems=refusal.problems if isinstance(refusal, BadFile) else (),
    )


def _list_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    cap_list_id: int,
    *,
    refusal: SteelyardError | None = None,
) -> HTMLResponse:
    one, items = wholesale.calculated_list(conn, cap_list_id), wholesale.worked_items(conn, cap_list_id)
    if one is None or all(item.working is None for item in items):
        raise NotFound(f"there is no calculated list {cap_list_id}")
    return running.renderer.page(
        request,
        "calculated_list.html",
        viewer=viewer,
        status=200 if refusal is None else _CONFLICT,
        list=one,
        items=[(item, None if item.working is None else from_json(item.working)) for item in items],
        pinyin=alert_pages.pinyin_of_local_names(conn),
        people=alert_pages.display_names(conn, {one.drafted_by, one.published_by or ""}),
        timezone=timezone_of(conn, one.area, one.channel).key,
        may_publish=one.status is ListStatus.DRAFT and one.drafted_by != viewer.username,
        refusal=refusal,
    )


def _next_day(conn: Connection, scope: PriceScope, now: datetime) -> date:
    """The day after the newest references, where that is not in the past already; else today."""
    today = today_in(conn, scope, now)
    newest = next(iter(wholesale.days(conn, scope.area, 1)), None)
    return today if newest is None else max(today, newest[0] + _DAY)
