"""Importing a list: the form, the preview of what it would be and do, and the draft."""

from datetime import datetime, time, timedelta
from http import HTTPStatus
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import cap_list_files, cap_list_pages, registry
from domain.errors import BadFile, NotAllowed, NotFound, RuleViolation, SteelyardError
from pricing.list_comparison import counted
from pricing.list_import import ListFile, keep_draft, preview, restored, stored
from tables.cells import LIST_LIMITS, column_letter
from tables.files import table_of
from web.access import Viewer
from web.list_changes import new_items, worth_showing
from web.list_forms import ListForm, accepted_names, list_form, new_list, scopes, sent_file, timezone_of, unit_of
from web.signed_in import EditsCaps
from web.state import Db, Now, Running, Service
from web.words_of_lists import PLACES

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
_DEFAULT_TIMEZONE: Final = "Asia/Shanghai"


@router.get("/caps/import")
def import_form(request: Request, running: Running, conn: Db, now: Now, viewer: EditsCaps) -> HTMLResponse:
    """The form for a new list; it begins with the next day unless somebody says otherwise."""
    zone = ZoneInfo(_DEFAULT_TIMEZONE)
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    empty = list_form(begins=tomorrow.strftime("%Y-%m-%dT%H:%M"))
    return _form_page(request, running, conn, viewer, empty)


@router.post("/caps/import")
def upload(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    form: Annotated[ListForm, Depends(list_form)],
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Take a file and show what it would be; what is no list at all is refused at once."""
    try:
        sent = sent_file(file, new_list(conn, form, now), unit_of(form.unit))
        table_of(sent.content, sent.name)
    except (NotAllowed, NotFound):
        raise
    except (BadFile, RuleViolation) as error:
        return _form_page(request, running, conn, viewer, form, refusal=error)
    file_id = cap_list_files.put(conn, stored(sent), by=viewer.username, at=now)
    return RedirectResponse(f"/caps/imports/{file_id}", _SEE_OTHER)


@router.get("/caps/imports/{file_id}")
def look(request: Request, running: Running, conn: Db, now: Now, viewer: EditsCaps, file_id: int) -> HTMLResponse:
    """What a file would be and do."""
    asked = _uploaded(conn, viewer, file_id, [])
    return _preview_page(request, running, conn, viewer, file_id, asked, now=now)


@router.post("/caps/imports/{file_id}")
def decide(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsCaps,
    file_id: int,
    accept: Annotated[list[str] | None, Form()] = None,
    step: Annotated[str, Form(pattern="^(look|keep)$")] = "look",
) -> Response:
    """Look again with the names that are accepted, or keep the draft with them."""
    asked = _uploaded(conn, viewer, file_id, accept or [])
    if step == "look":
        return _preview_page(request, running, conn, viewer, file_id, asked, now=now)
    try:
        cap_list_id = keep_draft(conn, asked, by=viewer.username, at=now, file_id=file_id)
    except (NotAllowed, NotFound):
        raise
    except (BadFile, RuleViolation) as error:
        return _preview_page(request, running, conn, viewer, file_id, asked, now=now, refusal=error)
    return RedirectResponse(f"/caps/lists/{cap_list_id}", _SEE_OTHER)


def _uploaded(conn: Connection, viewer: Viewer, file_id: int, accept: list[str]) -> ListFile:
    kept = cap_list_files.looked_at(conn, file_id, by=viewer.username)
    if kept is None:
        raise NotFound(f"there is no file {file_id} of yours that is not a list yet; upload it again")
    return restored(kept, accepted_names(accept))


def _form_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    form: ListForm,
    *,
    refusal: SteelyardError | None = None,
) -> HTMLResponse:
    return running.renderer.page(
        request,
        "cap_import.html",
        viewer=viewer,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK,
        form=form,
        scopes=scopes(conn),
        refusal=refusal,
        most_kib=LIST_LIMITS.most_bytes // 1024,
    )


def _preview_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    file_id: int,
    asked: ListFile,
    *,
    now: datetime,
    refusal: SteelyardError | None = None,
) -> HTMLResponse:
    shown = preview(conn, asked, running.config.rules_policy, now=now)
    new = asked.new
    return running.renderer.page(
        request,
        "cap_preview.html",
        viewer=viewer,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK,
        file_id=file_id,
        shown=shown,
        refusal=refusal,
        before=None if shown.replaces is None else cap_list_pages.one(conn, shown.replaces, viewer.scope),
        counts=counted(shown.changes),
        changes=worth_showing(shown.changes),
        new_items=new_items(shown.changes) if shown.replaces is not None else set(),
        market_names=[one.name for one in registry.markets(conn) if one.market_id in shown.markets],
        items=[(item.species, item) for item in shown.items],
        titles=cap_list_pages.species_titles(conn),
        timezone=timezone_of(conn, new.area, new.channel, new.market_id),
        letter=column_letter,
        places=PLACES,
    )
