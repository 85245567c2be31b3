"""Filling the register from a file: the form, the look at what it would do, and its application."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from psycopg import Connection

from db import registry
from db.register import imports
from db.register.events import Change
from db.register.imports import WaitingFile
from domain.errors import BadFile, IllegalTransition, NotAllowed, NotFound, RuleViolation
from domain.register.records import Source
from supervision.register.import_plan import RowOutcome
from supervision.register.import_tables import MOST_ROWS, REGISTER_LIMITS, ImportKind
from supervision.register.importing import RegisterFile, apply, kind_of_file, preview
from tables.cells import column_letter
from web.access import Viewer
from web.register_forms import market_of
from web.register_imports import file_name, require_kind
from web.register_words import field_word
from web.signed_in import EditsRegistry
from web.state import Db, Now, Running, Service

router = APIRouter(include_in_schema=False)

_SEE_OTHER: Final = 303
#: Of what a file would change a page shows so many rows; the counts are of all.
_SHOWN: Final = 200


@router.get("/registry/import")
def import_form(request: Request, running: Running, conn: Db, viewer: EditsRegistry) -> HTMLResponse:
    """The form, and what was applied lately."""
    return _form_page(request, running, conn, viewer, {})


@router.post("/registry/import")
def upload(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsRegistry,
    market: Annotated[str, Form(max_length=64)] = "",
    kind: Annotated[str, Form(max_length=20)] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Take a file and show what it would do; what is no table at all is refused at once."""
    texts = {"market": market, "kind": kind}
    try:
        where = market_of(conn, viewer, market)
        if file is None or not file.filename:
            raise RuleViolation("no file was chosen")  # noqa: TRY301 - said on the same page as all others
        sent = RegisterFile(
            name=file_name(file.filename),
            content=file.file.read(REGISTER_LIMITS.most_bytes + 1),
            market_id=where.market_id,
            kind=ImportKind(kind) if kind in set(ImportKind) else None,
        )
        told = kind_of_file(sent)
        require_kind(viewer, told)
    except NotAllowed:
        raise
    except (BadFile, RuleViolation) as error:
        return _form_page(request, running, conn, viewer, texts, error)
    waiting = WaitingFile(kind=told, market_id=sent.market_id, name=sent.name, content=sent.content)
    import_id = imports.put(conn, waiting, by=viewer.username, at=now)
    return RedirectResponse(f"/registry/imports/{import_id}", _SEE_OTHER)


@router.get("/registry/imports/{import_id}")
def look(request: Request, running: Running, conn: Db, now: Now, viewer: EditsRegistry, import_id: int) -> HTMLResponse:
    """What a file would do."""
    return _plan_page(request, running, conn, now, viewer, import_id, _waiting(conn, viewer, import_id))


@router.post("/registry/imports/{import_id}")
def confirm(
    request: Request,
    running: Running,
    conn: Db,
    now: Now,
    viewer: EditsRegistry,
    import_id: int,
    digest: Annotated[str, Form(max_length=64)] = "",
    because: Annotated[str, Form(max_length=500)] = "",
    past_is_meant: Annotated[bool, Form()] = False,
) -> Response:
    """Apply a file as it was looked at, in one transaction."""
    file = _waiting(conn, viewer, import_id)
    change = Change(by=viewer.username, at=now, because=because.strip(), source=Source.FILE)
    try:
        apply(conn, file, change, expected=digest, past_is_meant=past_is_meant, import_id=import_id)
    except (NotAllowed, NotFound):
        raise
    except (BadFile, RuleViolation) as error:
        return _plan_page(request, running, conn, now, viewer, import_id, file, error)
    return RedirectResponse("/registry/import", _SEE_OTHER)


def _waiting(conn: Connection, viewer: Viewer, import_id: int) -> RegisterFile:
    kept = imports.waiting(conn, import_id, by=viewer.username)
    if kept is None or not viewer.sees(kept.market_id):
        raise NotFound(f"there is no file {import_id} of yours that waits to be applied; upload it again")
    kind = ImportKind(kept.kind)
    require_kind(viewer, kind)
    return RegisterFile(name=kept.name, content=kept.content, market_id=kept.market_id, kind=kind)


def _form_page(
    request: Request,
    running: Service,
    conn: Connection,
    viewer: Viewer,
    texts: dict[str, str],
    refusal: BadFile | RuleViolation | None = None,
) -> HTMLResponse:
    markets = registry.markets(conn)
    return running.renderer.page(
        request,
        "registry_import.html",
        viewer=viewer,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK,
        markets=markets if viewer.scope is None else [],
        market_names={one.market_id: one.name for one in markets},
        kinds=list(ImportKind),
        texts=texts,
        applied=imports.listed(conn, viewer.scope),
        most_mib=REGISTER_LIMITS.most_bytes // 1024 // 1024,
        most_rows=MOST_ROWS,
        refusal=refusal,
    )


def _plan_page(
    request: Request,
    running: Service,
    conn: Connection,
    now: datetime,
    viewer: Viewer,
    import_id: int,
    file: RegisterFile,
    error: BadFile | RuleViolation | None = None,
) -> HTMLResponse:
    plan = preview(conn, file, now=now)
    changing = [row for row in plan.rows if row.outcome in (RowOutcome.NEW, RowOutcome.CHANGED)]
    statuses = {True: HTTPStatus.CONFLICT, False: HTTPStatus.UNPROCESSABLE_ENTITY}
    return running.renderer.page(
        request,
        "registry_plan.html",
        viewer=viewer,
        status=HTTPStatus.OK if error is None else statuses[isinstance(error, IllegalTransition)],
        import_id=import_id,
        file=file,
        plan=plan,
        changing=changing[:_SHOWN],
        more=len(changing) - _SHOWN,
        market_name=market_of(conn, viewer, file.market_id).name,
        letter=column_letter,
        field_word=field_word,
        refusal="" if error is None else str(error),
    )
