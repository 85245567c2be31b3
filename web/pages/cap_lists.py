"""The lists of the price book: all of them, one with its items and differences, and the steps of its life."""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import alert_pages, cap_list_files, cap_list_pages, rejudging
from domain.alert import RejudgedBecause
from domain.errors import NotAllowed, NotFound, RuleViolation
from domain.price_cap import ListStatus
from pricing import publishing
from pricing.list_comparison import counted
from pricing.list_pages import look_at
from web.access import Viewer
from web.list_changes import new_items, worth_showing
from web.list_forms import timezone_of
from web.signed_in import EditsCaps, SeesCaps
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50
_SEE_OTHER: Final = 303


@router.get("/caps/lists")
def all_lists(
    request: Request,
    running: Running,
    conn: Db,
    viewer: SeesCaps,
    status: Annotated[ListStatus | None, Query()] = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """Every list in scope, the newest beginning first."""
    counts = cap_list_pages.count_by_status(conn, viewer.scope)
    total = sum(counts.values()) if status is None else counts.get(status, 0)
    found = cap_list_pages.lists(conn, viewer.scope, status=status, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    people = {one.drafted_by for one in found} | {one.published_by for one in found if one.published_by}
    return running.renderer.page(
        request,
        "cap_lists.html",
        viewer=viewer,
        lists=[(one, timezone_of(conn, one.area, one.channel, one.market_id)) for one in found],
        tabs=[(None, sum(counts.values())), *((one, counts.get(one, 0)) for one in ListStatus if counts.get(one))],
        shown_status=status,
        page=page,
        pages=-(-total // PAGE_SIZE),
        people=alert_pages.display_names(conn, people),
    )


@router.get("/caps/lists/{cap_list_id}")
def one_list(request: Request, running: Running, conn: Db, viewer: SeesCaps, cap_list_id: int) -> HTMLResponse:
    """A list with its items and what it changed."""
    return _list_page(request, running, conn, viewer, cap_list_id)


@router.get("/caps/lists/{cap_list_id}/file")
def its_file(conn: Db, viewer: SeesCaps, cap_list_id: int) -> Response:
    """The file a list was read from, byte by byte."""
    if cap_list_pages.one(conn, cap_list_id, viewer.scope) is None:
        raise NotFound(f"there is no cap list {cap_list_id} that you may see")
    found = cap_list_files.of_list(conn, cap_list_id)
    if found is None:
        raise NotFound(f"list {cap_list_id} was not read from a file")
    name, content = found
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.post("/caps/lists/{cap_list_id}/publish")
def publish(request: Request, running: Running, conn: Db, now: Now, viewer: EditsCaps, cap_list_id: int) -> Response:
    """Put a draft in force, as a second person."""
    try:
        publishing.publish(conn, cap_list_id, by=viewer.username, at=now)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _list_page(request, running, conn, viewer, cap_list_id, refusal=error)
    return RedirectResponse(f"/caps/lists/{cap_list_id}", _SEE_OTHER)


@router.post("/caps/lists/{cap_list_id}/withdraw")
def withdraw(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    cap_list_id: int,
    because: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Take a published list out of force, for a reason."""
    try:
        publishing.withdraw(conn, cap_list_id, by=viewer.username, at=now, because=because)
    except (NotAllowed, NotFound):
        raise
    except RuleViolation as error:
        return _list_page(request, running, conn, viewer, cap_list_id, refusal=error)
    return RedirectResponse(f"/caps/lists/{cap_list_id}", _SEE_OTHER)


def _list_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    cap_list_id: int,
    *,
    refusal: RuleViolation | None = None,
) -> HTMLResponse:
    found = look_at(conn, cap_list_id, viewer.scope)
    if found is None:
        raise NotFound(f"there is no cap list {cap_list_id} that you may see")
    one = found.detail
    people = {name for name in (one.drafted_by, one.published_by, one.withdrawn_by) if name}
    return running.renderer.page(
        request,
        "cap_list.html",
        viewer=viewer,
        status=409 if refusal else 200,
        found=found,
        list=one,
        counts=counted(found.changes),
        changes=worth_showing(found.changes),
        new_items=new_items(found.changes) if found.before else set(),
        rejudgements=rejudging.recent(conn, viewer.scope, cause=RejudgedBecause.LIST, about=str(cap_list_id), limit=5),
        items=[(item.species_code, item) for item in found.items],
        titles=found.titles,
        timezone=timezone_of(conn, one.area, one.channel, one.market_id),
        people=alert_pages.display_names(conn, people),
        refusal=refusal,
        is_own_draft=one.drafted_by == viewer.username and not one.is_demonstration,
    )
